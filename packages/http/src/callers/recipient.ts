import type { JWTPayload } from "jose"

/** Who a token may be made for: lists of which at least one has a name. */
export interface Recipients {
  readonly audience: ReadonlyArray<string>
  readonly authorizedParties: ReadonlyArray<string>
  readonly clientIds: ReadonlyArray<string>
}

/**
 * Whether a token was made for this application: by `aud` (RFC 7519 §4.1.3), and where a token has none, by `azp`, the
 * party it was issued to (OpenID Connect Core §2), or `client_id`, the client that asked for it (RFC 9068 §2.2). A claim
 * that is there and configured must fit, whatever the others say; an `aud` that is there must fit in any case.
 */
export const recipientCheck =
  ({ audience, authorizedParties, clientIds }: Recipients) =>
  ({ aud, azp, client_id: clientId }: JWTPayload): boolean => {
    const isFor = [
      aud === undefined ? undefined : names(aud, audience),
      fits(azp, authorizedParties),
      fits(clientId, clientIds)
    ].filter((is) => is !== undefined)
    return isFor.length > 0 && isFor.every(Boolean)
  }

/** Undefined if the claim says nothing: it is not there, or nobody is named by it. */
const fits = (value: unknown, accepted: ReadonlyArray<string>): boolean | undefined =>
  accepted.length === 0 || value === undefined ? undefined : isOneOf(value, accepted)

const isOneOf = (value: unknown, accepted: ReadonlyArray<string>): boolean =>
  typeof value === "string" && accepted.includes(value)

const names = (aud: unknown, audience: ReadonlyArray<string>): boolean => {
  const values = Array.isArray(aud) ? aud : [aud]
  return (
    values.every((value) => typeof value === "string") &&
    values.some((value) => audience.includes(value))
  )
}
