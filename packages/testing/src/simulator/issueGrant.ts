import type { Grant } from "./Ledger.ts"
import { accountOf } from "./otherAccount.ts"
import type { Simulation } from "./Simulation.ts"
import { mentions } from "./templates.ts"
import { isOAuth2, type Vendor } from "./Vendor.ts"

export interface IssueOptions {
  /** Default: those that a definition asks for by default. */
  readonly scopes?: ReadonlyArray<string>
  /** What the vendor tells of this connection, if it is another value than the sample. */
  readonly captures?: Readonly<Record<string, string>>
}

/** A grant with its tokens, in clear. */
export interface IssuedGrant {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  /** Seconds; undefined: the access token does not end. */
  readonly expiresIn: number | undefined
  readonly scopes: ReadonlyArray<string>
  readonly account: { readonly id: string; readonly label?: string } | undefined
  readonly captures: Readonly<Record<string, string>>
}

/** Issues a grant as if somebody had consented before. It is the client's that was registered last, or anybody's. */
export const issueGrant = (
  { ledger, now }: Simulation,
  vendor: Vendor,
  { captures, scopes }: IssueOptions
): IssuedGrant => {
  if (!isOAuth2(vendor)) throw new Error(`${vendor.id} has no grants: its tenants bring keys.`)
  const { facts } = vendor
  const grant: Grant = {
    vendor: vendor.id,
    clientId: [...vendor.clients.keys()].at(-1),
    scopes: scopes ?? facts.defaultScopes,
    userScopes: [],
    captures: { ...facts.captures, ...captures },
    nonce: undefined,
    isOfOther: false,
    isLive: true
  }
  const lifetime =
    facts.authKind === "github_app"
      ? (facts.refresh?.lifetime ?? null)
      : (facts.tokenExchange ?? facts.token).lifetime
  const access = ledger.addToken({
    kind: "access",
    grant,
    expiresAt: lifetime === null ? undefined : now() + lifetime * 1000
  })
  const refresh =
    facts.authKind !== "github_app" && mentions(facts.token.answer, "refresh_token")
      ? ledger.addToken({ kind: "refresh", grant, expiresAt: undefined }).value
      : undefined
  return {
    accessToken: access.value,
    // The next token of an installation is asked for by its number.
    refreshToken: facts.authKind === "github_app" ? grant.captures["installation_id"] : refresh,
    expiresIn: lifetime ?? undefined,
    scopes: grant.scopes,
    account: accountOf(vendor, false),
    captures: grant.captures
  }
}
