import { Effect, Predicate } from "effect"
import { Base64Url } from "effect/encoding"
import type { TenantId } from "../model/index.ts"
import {
  type AccountPath,
  type ChosenElement,
  memberAt,
  type OAuth2Provider
} from "../provider/index.ts"

/** Refuses a consent that several accounts stand behind, with a line that says so: none of them is taken for the other. */
export const severalAccounts = (
  { id }: Pick<OAuth2Provider, "id">,
  tenantId: TenantId,
  count: number
) =>
  Effect.andThen(
    Effect.logWarning(
      "Several accounts stand behind this consent, and the vendor does not say which one was meant. Nothing was connected; consent with access to one of them alone.",
      { provider: id, tenantId, accounts: count }
    ),
    Effect.fail("account_not_permitted" as const)
  )

/** What a path to an account leads to: nothing, one value, or more elements than the one that was meant. */
export type Found =
  | { readonly _tag: "Value"; readonly value: unknown }
  | { readonly _tag: "Several"; readonly count: number }

/**
 * Follows a path to an account through a vendor's answer. A list is left by the one element that is meant, told by the
 * element itself or by the access token that the answer was asked with; several are never told apart by their order.
 */
export const accountAt = (body: unknown, path: AccountPath, accessToken: string): Found => {
  let value = body
  for (const step of path) {
    if (typeof step === "string") {
      value = memberAt(value, [step])
      continue
    }
    const list: ReadonlyArray<unknown> = Array.isArray(value) ? value : []
    const meant = list.filter(isMeant(step, accessToken))
    if (meant.length > 1) return { _tag: "Several", count: meant.length }
    value = meant[0]
  }
  return { _tag: "Value", value }
}

const isMeant = (step: ChosenElement, accessToken: string): ((element: unknown) => boolean) => {
  if ("only" in step) return () => true
  const { where } = step
  const meant =
    "equals" in where ? where.equals : memberAt(claimsOf(accessToken), where.equalsClaim)
  return (element) =>
    meant !== undefined && meant !== null && memberAt(element, where.path) === meant
}

/**
 * The claims of an access token that is a JWT; undefined for another. Its signature is the vendor's affair: the token came
 * from its token endpoint, and picks among what the vendor answers to it.
 */
const claimsOf = (accessToken: string): unknown => {
  const decoded = Base64Url.decodeString(accessToken.split(".")[1] ?? "")
  if (decoded._tag === "Failure") return undefined
  try {
    const claims: unknown = JSON.parse(decoded.success)
    return Predicate.isObjectOrArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}
