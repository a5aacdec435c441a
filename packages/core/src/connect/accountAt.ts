import { Effect, Predicate } from "effect"
import { Base64Url } from "effect/encoding"
import type { TenantId } from "../model/index.ts"
import {
  type AccountPath,
  type ChosenElement,
  valueAtPath,
  type OAuth2Provider
} from "../provider/index.ts"

/** Refuses a consent for several accounts and logs it, so that no account is mistaken for another. */
export const severalAccounts = (
  { id }: Pick<OAuth2Provider, "id">,
  tenantId: TenantId,
  count: number
) =>
  Effect.andThen(
    Effect.logWarning(
      "This consent covers several accounts, and the vendor does not say which one to use. Nothing was connected: consent with access to only one of them.",
      { provider: id, tenantId, accounts: count }
    ),
    Effect.fail("account_not_permitted" as const)
  )

/** The result of a path to an account: nothing, one value, or several matching elements. */
export type Found =
  | { readonly _tag: "Value"; readonly value: unknown }
  | { readonly _tag: "Several"; readonly count: number }

/**
 * Follows a path to an account through a vendor's response. In a list it picks one element by a value of the element or by
 * a claim of the access token, and never by position.
 */
export const accountAt = (body: unknown, path: AccountPath, accessToken: string): Found => {
  let value = body
  for (const step of path) {
    if (typeof step === "string") {
      value = valueAtPath(value, [step])
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
    "equals" in where ? where.equals : valueAtPath(decodeJwtClaims(accessToken), where.equalsClaim)
  return (element) =>
    meant !== undefined && meant !== null && valueAtPath(element, where.path) === meant
}

/**
 * The claims of an access token that is a JWT; undefined for any other. The signature is not verified: the token came from
 * the vendor's token endpoint, and only picks an element of the vendor's own response.
 */
const decodeJwtClaims = (accessToken: string): unknown => {
  const decoded = Base64Url.decodeString(accessToken.split(".")[1] ?? "")
  if (decoded._tag === "Failure") return undefined
  try {
    const claims: unknown = JSON.parse(decoded.success)
    return Predicate.isObjectOrArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}
