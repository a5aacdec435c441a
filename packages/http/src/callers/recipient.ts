import type { JWTPayload } from "jose"

/**
 * Whether a token was made for this application: by `aud` (RFC 7519 §4.1.3), and where a token has none, by `azp`, the
 * party it was issued to (OpenID Connect Core §2). A claim that is there must fit, whatever the other says.
 */
export const recipientCheck =
  (audience: ReadonlyArray<string>, authorizedParties: ReadonlyArray<string>) =>
  ({ aud, azp }: JWTPayload): boolean => {
    if (aud === undefined) return isOneOf(azp, authorizedParties)
    if (!names(aud, audience)) return false
    return authorizedParties.length === 0 || azp === undefined || isOneOf(azp, authorizedParties)
  }

const isOneOf = (value: unknown, accepted: ReadonlyArray<string>): boolean =>
  typeof value === "string" && accepted.includes(value)

const names = (aud: unknown, audience: ReadonlyArray<string>): boolean => {
  const values = Array.isArray(aud) ? aud : [aud]
  return (
    values.every((value) => typeof value === "string") &&
    values.some((value) => audience.includes(value))
  )
}
