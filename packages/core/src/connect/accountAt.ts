import { Predicate } from "effect"
import { Base64Url } from "effect/encoding"
import { type AccountPath, type ChosenElement, valueAtPath } from "../provider/index.ts"

/** A list of accounts in a vendor's response, and the element of it that is used. */
export interface UsedElement {
  readonly list: ReadonlyArray<unknown>
  readonly element: unknown
}

/** The result of a path to an account: nothing, one value, or a list in which the vendor does not say which one is meant. */
export type Found =
  | { readonly _tag: "Value"; readonly value: unknown }
  | { readonly _tag: "Several"; readonly count: number }

/**
 * Follows a path to an account through a vendor's response. In a list it takes the element that is used, or picks one by a
 * value of the element or by a claim of the access token, and never by position.
 */
export const accountAt = (
  body: unknown,
  path: AccountPath,
  accessToken: string,
  used?: UsedElement
): Found => {
  let value = body
  for (const step of path) {
    if (typeof step === "string") {
      value = valueAtPath(value, [step])
      continue
    }
    if (used !== undefined && value === used.list) {
      value = used.element
      continue
    }
    const list: ReadonlyArray<unknown> = Array.isArray(value) ? value : []
    const meant = meantIn(list, step, accessToken)
    if (meant.length > 1) return { _tag: "Several", count: meant.length }
    value = meant[0]
  }
  return { _tag: "Value", value }
}

/** The elements of a list that the vendor says are meant. */
export const meantIn = (
  list: ReadonlyArray<unknown>,
  step: ChosenElement,
  accessToken: string
): ReadonlyArray<unknown> => {
  if ("only" in step) return list
  const { where } = step
  const meant =
    "equals" in where ? where.equals : valueAtPath(decodeJwtClaims(accessToken), where.equalsClaim)
  return meant === undefined || meant === null
    ? []
    : list.filter((element) => valueAtPath(element, where.path) === meant)
}

/**
 * The claims of an access token that is a JWT; undefined for any other. The signature is not verified: the token came from
 * the vendor's token endpoint, and only picks an element of the vendor's own response, or names whose consent it is.
 */
export const decodeJwtClaims = (accessToken: string): unknown => {
  const decoded = Base64Url.decodeString(accessToken.split(".")[1] ?? "")
  if (decoded._tag === "Failure") return undefined
  try {
    const claims: unknown = JSON.parse(decoded.success)
    return Predicate.isObjectOrArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}
