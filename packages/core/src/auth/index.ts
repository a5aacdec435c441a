import { Effect } from "effect"
import type { TenantId } from "../model/index.ts"
import {
  type ApiKeyProvider,
  authKindIdOf,
  type ConfiguredProvider,
  type EndpointNotAllowed,
  type GrantProvider,
  isOwnAuthKind,
  type OwnAuthKindId,
  reportingEndpoints
} from "../provider/index.ts"
import { apiKey } from "./apiKey.ts"
import type { CheckVerdict, GrantKind, KeyKind, OpenedCredential } from "./AuthKind.ts"
import { clientCredentials } from "./clientCredentials.ts"
import { githubApp } from "./githubApp.ts"
import { hostKind } from "./hostKind.ts"
import { verdictAlone } from "./liveCheck.ts"
import { oauth2 } from "./oauth2.ts"

export type { CheckVerdict, GrantKind, KeyKind, OpenedCredential } from "./AuthKind.ts"

/** A kind that is declared and does nothing here does not compile. */
const kinds = {
  oauth2,
  api_key: apiKey,
  client_credentials: clientCredentials,
  github_app: githubApp
} satisfies Readonly<Record<OwnAuthKindId, unknown>>

/** The auth kind of a provider: the one place at which kinds are told apart when something is sent. */
export function authKindOf(provider: GrantProvider): GrantKind
export function authKindOf(provider: ApiKeyProvider): KeyKind
export function authKindOf(provider: ConfiguredProvider): unknown {
  const id = authKindIdOf(provider.definition)
  if (isOwnAuthKind(id)) return kinds[id]
  // The start refuses a kind that is neither ours nor the host's.
  return "hostKind" in provider && provider.hostKind !== undefined
    ? hostKind(provider.hostKind)
    : undefined
}

/** A credential that was stored under other rules for what stands in the URL: nobody was asked. */
const askingNobodyElse =
  <Checked>(tenantId: TenantId, unexpected: Checked) =>
  <R>(check: Effect.Effect<Checked, EndpointNotAllowed, R>) =>
    check.pipe(
      reportingEndpoints({ tenantId }),
      Effect.catchTag("EndpointNotAllowed", () => Effect.succeed(unexpected))
    )

/** Asks the provider whether it accepts an API key, and whose it is. */
export const checkKey = (
  provider: ApiKeyProvider,
  tenantId: TenantId,
  fields: OpenedCredential["fields"]
) =>
  askingNobodyElse(
    tenantId,
    verdictAlone("unexpected_answer")
  )(authKindOf(provider).check(provider, tenantId, { fields, token: undefined }))

/** Asks the provider whether it accepts an access token. */
export const checkAccessToken = (
  provider: GrantProvider,
  tenantId: TenantId,
  { fields, ...token }: OpenedCredential["token"] & Pick<OpenedCredential, "fields">
) =>
  askingNobodyElse<CheckVerdict>(
    tenantId,
    "unexpected_answer"
  )(authKindOf(provider).check(provider, tenantId, { fields, token }))
