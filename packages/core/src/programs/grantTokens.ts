import { Effect } from "effect"
import type { SealedGrant, SealedTokens } from "../domain/Grant.ts"
import type { GrantId } from "../domain/Ids.ts"
import type { Sealed, Secret } from "../domain/Sealed.ts"
import type { IssuedTokens } from "../ports/AuthorizationServerClient.ts"
import { Cipher } from "../ports/Cipher.ts"
import { dueIn } from "./lifetime.ts"
import type { TokenQuery } from "../domain/AccessToken.ts"

/** What is sealed of a grant, by the name under which it is. */
type GrantField = "access_token" | "refresh_token" | "dpop_key"

/** Where it belongs. Its id stays the same through refreshes. */
const contextOf = ({ provider, tenantId }: TokenQuery, id: GrantId, field: GrantField) => ({
  tenantId,
  provider,
  recordId: id,
  field
})

export const sealToken = (query: TokenQuery, id: GrantId, field: GrantField, secret: Secret) =>
  Effect.flatMap(Cipher, (cipher) => cipher.seal(secret, contextOf(query, id, field)))

/** Opens what is sealed of a grant of this tenant and provider; another's does not open (S-42). */
export const openToken = (query: TokenQuery, id: GrantId, field: GrantField, sealed: Sealed) =>
  Effect.flatMap(Cipher, (cipher) => cipher.open(sealed, contextOf(query, id, field)))

/** Opens the key that a grant's tokens are bound to, where they are. */
export const openDpopKey = (
  query: TokenQuery,
  { dpopKey, id }: Pick<SealedGrant, "id" | "dpopKey">
) => (dpopKey === undefined ? Effect.succeed(undefined) : openToken(query, id, "dpop_key", dpopKey))

/**
 * Seals what a token endpoint issued; without a refresh token in it, the former one stays (RFC 6749 §6). `margin` is the
 * definition's `refreshMargin`.
 */
export const sealTokens = Effect.fnUntraced(function* (
  query: TokenQuery,
  id: GrantId,
  tokens: Pick<IssuedTokens, "accessToken" | "refreshToken" | "tokenType" | "expiresIn">,
  { former, margin }: { readonly former?: Sealed; readonly margin?: number | undefined } = {}
) {
  const { accessToken, expiresIn, refreshToken, tokenType } = tokens
  const sealedRefreshToken =
    refreshToken === undefined ? former : yield* sealToken(query, id, "refresh_token", refreshToken)
  return {
    accessToken: yield* sealToken(query, id, "access_token", accessToken),
    refreshToken: sealedRefreshToken,
    tokenType,
    expiresIn,
    dueIn: dueIn(expiresIn, sealedRefreshToken !== undefined, margin)
  } satisfies SealedTokens
})
