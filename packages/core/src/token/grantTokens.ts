import { Effect } from "effect"
import type { Sealed, SealedTokens, Secret, StoredGrant, IntegrationKey } from "../model/index.ts"
import type { IssuedTokens } from "../protocol/index.ts"
import { Cipher } from "../services/index.ts"
import { grantContext, type GrantField, type GrantPlace } from "../vault/index.ts"
import { dueIn, refreshNoticeIn } from "./lifetime.ts"

/** Where a stored grant belongs: to the integration that was asked for, whatever its row says of that. */
export const grantPlace = (
  { name, owner, provider, tenantId }: IntegrationKey,
  { clientFingerprint, fields, id, integrationId }: StoredGrant
): GrantPlace => ({
  tenantId,
  owner,
  provider,
  name,
  integrationId,
  id,
  fields,
  clientFingerprint
})

export const sealToken = (place: GrantPlace, field: GrantField, secret: Secret) =>
  Effect.flatMap(Cipher, (cipher) => cipher.seal(secret, grantContext(place, field)))

/** Opens what is sealed of a grant in this place; in another it does not open. */
export const openToken = (place: GrantPlace, field: GrantField, sealed: Sealed) =>
  Effect.flatMap(Cipher, (cipher) => cipher.open(sealed, grantContext(place, field)))

/** Opens the key that a grant's tokens are bound to, if they are. */
export const openDpopKey = (place: GrantPlace, { dpopKey }: Pick<StoredGrant, "dpopKey">) =>
  dpopKey === undefined ? Effect.succeed(undefined) : openToken(place, "dpop_key", dpopKey)

/**
 * Seals what a token endpoint issued; without a refresh token in it, the former one stays (RFC 6749 §6). `margin` is the
 * definition's `refreshMargin`.
 */
export const sealTokens = Effect.fnUntraced(function* (
  place: GrantPlace,
  tokens: Pick<
    IssuedTokens,
    "accessToken" | "refreshToken" | "tokenType" | "expiresIn" | "refreshExpiresIn"
  >,
  { former, margin }: { readonly former?: Sealed; readonly margin?: number | undefined } = {}
) {
  const { accessToken, expiresIn, refreshExpiresIn, refreshToken, tokenType } = tokens
  const sealedRefreshToken =
    refreshToken === undefined ? former : yield* sealToken(place, "refresh_token", refreshToken)
  return {
    accessToken: yield* sealToken(place, "access_token", accessToken),
    refreshToken: sealedRefreshToken,
    tokenType,
    expiresIn,
    dueIn: dueIn(expiresIn, sealedRefreshToken !== undefined, margin),
    ...(sealedRefreshToken !== undefined && {
      refreshExpiresIn,
      refreshNoticeIn: refreshNoticeIn(refreshExpiresIn)
    })
  } satisfies SealedTokens
})
