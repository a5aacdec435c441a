import type * as Errors from "./Errors.ts"
import { hawserError } from "./Errors.ts"

type ErrorOf<Class> = Class extends abstract new (...args: never) => infer Made ? Made : never

/** Each error that a host can meet. `code` tells them apart and stays; the sentence may change. */
export type HawserError = Extract<
  { [Name in keyof typeof Errors]: ErrorOf<(typeof Errors)[Name]> }[keyof typeof Errors],
  { readonly code: string }
>

/**
 * Whether something that was thrown is an error of Hawser's, and of that code if one is given. It also holds for an error of
 * another copy of the package in the same process, for which `instanceof` would not.
 *
 * @example
 * import { isHawserError } from "hawser"
 *
 * const retryIn = (error: unknown): number | undefined =>
 *   isHawserError(error, "provider_unavailable") ? error.retryAfter : undefined
 */
export const isHawserError = <Code extends HawserError["code"] = HawserError["code"]>(
  error: unknown,
  code?: Code
): error is Extract<HawserError, { readonly code: Code }> =>
  typeof error === "object" &&
  error !== null &&
  hawserError in error &&
  "code" in error &&
  (code === undefined || error.code === code)
