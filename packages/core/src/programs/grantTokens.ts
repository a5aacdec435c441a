import { Effect } from "effect"
import type { SealedTokens } from "../domain/Grant.ts"
import type { GrantId } from "../domain/Ids.ts"
import type { Sealed } from "../domain/Sealed.ts"
import type { IssuedTokens } from "../ports/AuthorizationServerClient.ts"
import { Cipher } from "../ports/Cipher.ts"
import { dueIn } from "./lifetime.ts"
import type { TokenQuery } from "../domain/AccessToken.ts"

/** Where the tokens of a grant belong. Its id stays the same through refreshes. */
const contextOf = ({ provider, tenantId }: TokenQuery, id: GrantId, field: string) => ({
  tenantId,
  provider,
  recordId: id,
  field
})

/** Seals what a token endpoint issued; without a refresh token in it, the former one stays (RFC 6749 §6). */
export const sealTokens = Effect.fnUntraced(function* (
  query: TokenQuery,
  id: GrantId,
  tokens: Pick<IssuedTokens, "accessToken" | "refreshToken" | "tokenType" | "expiresIn">,
  formerRefreshToken?: Sealed
) {
  const cipher = yield* Cipher
  const { accessToken, expiresIn, refreshToken, tokenType } = tokens
  const sealedRefreshToken =
    refreshToken === undefined
      ? formerRefreshToken
      : yield* cipher.seal(refreshToken, contextOf(query, id, "refresh_token"))
  return {
    accessToken: yield* cipher.seal(accessToken, contextOf(query, id, "access_token")),
    refreshToken: sealedRefreshToken,
    tokenType,
    expiresIn,
    dueIn: dueIn(expiresIn, sealedRefreshToken !== undefined)
  } satisfies SealedTokens
})

/** Opens the access token of a grant of this tenant and provider; another's does not open (S-42). */
export const openAccessToken = (query: TokenQuery, id: GrantId, sealed: Sealed) =>
  Effect.flatMap(Cipher, (cipher) => cipher.open(sealed, contextOf(query, id, "access_token")))

/** Opens its refresh token. */
export const openRefreshToken = (query: TokenQuery, id: GrantId, sealed: Sealed) =>
  Effect.flatMap(Cipher, (cipher) => cipher.open(sealed, contextOf(query, id, "refresh_token")))
