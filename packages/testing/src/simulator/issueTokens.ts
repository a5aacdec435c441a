import { asOtherAccount } from "./otherAccount.ts"
import type { Failure } from "./failures.ts"
import { type Grant, randomText, type Token, type TokenKind } from "./Ledger.ts"
import { signIdToken } from "./signedJwt.ts"
import { fill, mentions, type Values } from "./templates.ts"
import type { Visit } from "./Simulation.ts"
import { isOAuth2, type OAuth2Vendor, type Vendor } from "./Vendor.ts"

/** What the facts say of an answer with tokens in it. */
interface Sample {
  readonly answer: Readonly<Record<string, unknown>>
  /** Seconds; null: the access token does not end. */
  readonly lifetime: number | null
}

/** Which tokens an answer brings. */
export interface Issuing {
  readonly grant: Grant
  readonly sample: Sample
  readonly kind: "access" | "preliminary"
  /** The refresh token that goes on; undefined: a new one, if the sample has one. */
  readonly refreshToken?: Token | undefined
  readonly redirectUri?: string | undefined
}

/** Hours that an ID token is good for. */
const idTokenHours = 1

/** Milliseconds that an issue lies in the past. */
const skewOf = (twist: Failure | undefined, lifetime: number | null): number =>
  twist?.kind === "clock_skew" ? (twist.seconds ?? lifetime ?? 3600) * 1000 : 0

const narrowed = (
  scopes: ReadonlyArray<string>,
  twist: Failure | undefined
): ReadonlyArray<string> =>
  twist?.kind === "partial_scopes"
    ? scopes.filter((scope) => (twist.scopes ?? scopes.slice(0, -1)).includes(scope))
    : scopes

/** Applies what went otherwise to a grant: whose it is, and what of it was granted. */
export const twistGrant = (grant: Grant, twist: Failure | undefined): void => {
  grant.scopes = narrowed(grant.scopes, twist)
  if (twist?.kind === "other_account") grant.isOfOther = true
}

/** Issues the tokens that the sample has a place for, and fills it in. */
export const issueTokens = (
  { simulation, twist, vendor }: Pick<Visit, "simulation" | "twist" | "vendor">,
  { grant, kind, redirectUri, refreshToken, sample }: Issuing
): { readonly body: Readonly<Record<string, unknown>>; readonly tokens: Tokens } => {
  twistGrant(grant, twist)
  const { answer, lifetime } = sample
  const issuedAt = simulation.now() - skewOf(twist, lifetime)
  const expiresAt = lifetime === null ? undefined : issuedAt + lifetime * 1000
  const claims = isOAuth2(vendor) ? vendor.facts.token.claims : undefined
  const access = simulation.ledger.addToken(
    { kind, grant, expiresAt },
    claims === undefined ? undefined : signIdToken({ ...claims, jti: randomText() })
  )
  const refresh = mentions(answer, "refresh_token")
    ? (refreshToken ??
      simulation.ledger.addToken({ kind: refreshKind(vendor), grant, expiresAt: undefined }))
    : undefined
  const values: Values = {
    ...vendor.values,
    ...grant.captures,
    access_token: access.value,
    refresh_token: refresh?.value ?? null,
    expires_in: lifetime,
    ...instants(issuedAt, expiresAt),
    ...scopesOf(vendor, grant),
    client_id: grant.clientId ?? null,
    redirect_uri: redirectUri ?? null,
    id_token:
      isOAuth2(vendor) && mentions(answer, "id_token") ? idToken(vendor, grant, issuedAt) : null
  }
  const filled = fill(answer, values)
  return {
    body: (grant.isOfOther && isOAuth2(vendor)
      ? asOtherAccount(vendor, filled)
      : filled) as Readonly<Record<string, unknown>>,
    tokens: { access, refresh }
  }
}

/** The user's tokens of a GitHub App are good for one question, and their refresh token for none. */
const refreshKind = (vendor: Vendor): TokenKind =>
  isOAuth2(vendor) && vendor.facts.authKind === "github_app" ? "preliminary" : "refresh"

export interface Tokens {
  readonly access: Token
  readonly refresh: Token | undefined
}

const instants = (issuedAt: number, expiresAt: number | undefined): Values => ({
  now: Math.floor(issuedAt / 1000),
  expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString()
})

const scopesOf = (vendor: Vendor, grant: Grant): Values => {
  const separator = (isOAuth2(vendor) ? vendor.facts.token.scopeSeparator : undefined) ?? " "
  const named = isOAuth2(vendor) ? grantedNames(vendor, grant.scopes) : grant.scopes
  return { scope: named.join(separator), user_scope: grant.userScopes.join(separator) }
}

/** The names under which the vendor says that it has granted scopes. */
export const grantedNames = (
  {
    facts: { grantedScopePrefix = "", includedScopes = {}, scopeAliases = {}, unnamedScopes }
  }: OAuth2Vendor,
  scopes: ReadonlyArray<string>
): ReadonlyArray<string> =>
  scopes
    .filter((scope) => unnamedScopes?.includes(scope) !== true)
    // GitHub discards what another one of them includes.
    .filter((scope) => !scopes.some((other) => includedScopes[other]?.includes(scope) === true))
    .map(
      (scope) =>
        (Object.hasOwn(scopeAliases, scope) ? scopeAliases[scope]?.[0] : undefined) ??
        `${grantedScopePrefix}${scope}`
    )

const idToken = (vendor: OAuth2Vendor, grant: Grant, issuedAt: number): string => {
  const { account, issuer } = vendor.facts
  const claims = { sub: account?.id ?? "1", ...account?.claims }
  const seconds = Math.floor(issuedAt / 1000)
  return signIdToken({
    iss: fill(issuer, vendor.values),
    aud: grant.clientId,
    iat: seconds,
    exp: seconds + idTokenHours * 3600,
    ...(grant.nonce !== undefined && { nonce: grant.nonce }),
    ...((grant.isOfOther ? asOtherAccount(vendor, claims) : claims) as object)
  })
}
