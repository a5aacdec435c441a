import { Effect, Layer } from "effect"
import {
  type AuthorizationResponse,
  AuthorizationServerClient,
  type BoundFlow,
  configureProvider,
  tenantsDefault,
  type EgressError,
  type EgressRequest,
  type FlowTerms,
  OAuth4WebApiClient,
  type OAuth2Definition,
  type OAuth2Provider,
  Secret,
  type SharedClientConfig,
  type TenantFields,
  type UsableToken
} from "@hawser/core"
import { NodeCrypto } from "@hawser/egress"
import { refreshUrl, checkedServer } from "../../../packages/core/src/protocol/checkedServer.ts"
import { secretUrl } from "../../../packages/core/src/provider/secretUrl.ts"
import type { Probe } from "../../../packages/core/src/protocol/AuthorizationServerClient.ts"
import { answeringEgress } from "./answeringEgress.ts"
import { ann, cookieUrl, forge } from "./host.ts"

type Answer = (request: EgressRequest) => Response | EgressError

/** Forge with a definition, and a configuration, of the test's own. */
export const vendor = (
  changes: Partial<OAuth2Definition> = {},
  config: Partial<SharedClientConfig> = {}
) =>
  configureProvider(
    { ...forge, ...config, definition: { ...forge.definition, ...changes } },
    { unsafelyAllowLoopback: false }
  ).pipe(
    Effect.map((provider) => provider as OAuth2Provider),
    Effect.provide(NodeCrypto.layer)
  )

/** Why the start refuses a definition. */
export const refusedBecause = (
  changes: Partial<OAuth2Definition>,
  config: Partial<SharedClientConfig> = {}
) => Effect.map(Effect.flip(vendor(changes, config)), ({ message }) => message)

const clientOver = (egress: ReturnType<typeof answeringEgress>) =>
  Effect.provide(OAuth4WebApiClient.layer.pipe(Layer.provide([egress.layer, NodeCrypto.layer])))

const serverFor = (provider: OAuth2Provider, fields: TenantFields) =>
  Effect.runSync(checkedServer(provider, fields))

/** A flow of this provider that was burned and bound. */
const flowOf = (provider: OAuth2Provider, changes: Partial<FlowTerms> = {}) =>
  ({
    tenantId: ann.tenantId,
    userId: ann.userId,
    provider: provider.id,
    ...tenantsDefault,
    binding: "cookie",
    redirectUrl: cookieUrl,
    redirectUri: "https://api.example/v1/integrations/forge/callback",
    server: serverFor(provider, changes.fields ?? {}),
    scopes: provider.scopes,
    fields: {},
    reauthorizes: false,
    ...changes
  }) as unknown as BoundFlow

const verifier = "v".repeat(43)

export const authorizationUrl = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  fields: TenantFields = {}
) {
  const { redirectUri, scopes } = flowOf(provider, { fields })
  const server = serverFor(provider, fields)
  return yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.authorizationUrl(provider, {
      server,
      redirectUri,
      scopes,
      fields,
      state: "the-state",
      secrets: { codeVerifier: Secret(verifier), dpopKey: undefined }
    })
  ).pipe(clientOver(answeringEgress(() => new Response(null, { status: 500 }))))
})

/** Takes what the browser brought. */
export const validate = (
  provider: OAuth2Provider,
  parameters: Readonly<Record<string, string>>,
  fields: TenantFields = {}
) =>
  Effect.flatMap(AuthorizationServerClient, (client) =>
    client.validateResponse(
      provider,
      serverFor(provider, fields),
      flowOf(provider, { fields }),
      new URLSearchParams(parameters)
    )
  ).pipe(clientOver(answeringEgress(() => new Response())))

/** A request that was sent, taken apart. */
const taken = ({ body = "", headers, hosts, method, url }: EgressRequest) => ({
  hosts,
  method,
  url: url.href,
  headers,
  body,
  parameters: Object.fromEntries(
    (headers["content-type"] ?? "").includes("json")
      ? Object.entries(JSON.parse(body) as Readonly<Record<string, string>>)
      : new URLSearchParams(body)
  )
})

/** Exchanges a code where the vendor answers so; with what was sent. */
export const exchange = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  answer: Answer,
  options: {
    readonly fields?: TenantFields
    readonly response?: Partial<AuthorizationResponse>
  } = {}
) {
  const egress = answeringEgress(answer)
  const result = yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.exchange(
      provider,
      serverFor(provider, options.fields ?? {}),
      flowOf(provider, { fields: options.fields ?? {} }),
      { code: Secret("canary-code"), iss: undefined, captured: {}, ...options.response },
      { codeVerifier: Secret(verifier), dpopKey: undefined }
    )
  ).pipe(Effect.result, clientOver(egress))
  return { result, sent: egress.sent.map(taken) }
})

/** Refreshes a grant where the vendor answers so; with what was sent. */
export const refresh = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  answer: Answer,
  fields: TenantFields = {}
) {
  const egress = answeringEgress(answer)
  const result = yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.refresh(
      provider,
      {
        server: serverFor(provider, fields),
        endpoint: Effect.runSync(refreshUrl(provider, fields)),
        fields,
        scopes: ["repo", "user"],
        dpopKey: undefined
      },
      Secret("canary-old-token"),
      { sendBefore: 123_456 }
    )
  ).pipe(Effect.result, clientOver(egress))
  return { result, sent: egress.sent.map(taken) }
})

/** Revokes a token where the vendor answers so; with what was sent. */
export const revoke = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  answer: Answer = () => new Response(),
  fields: TenantFields = {}
) {
  const egress = answeringEgress(answer)
  const { client, definition } = provider
  const result = yield* Effect.gen(function* () {
    const server = yield* checkedServer(provider, fields)
    const endpoint =
      definition.revocation === undefined
        ? server.tokenEndpoint
        : yield* secretUrl(definition, "revocation.endpoint", fields, client.clientId)
    const authorizationServer = yield* AuthorizationServerClient
    yield* authorizationServer.revoke(
      provider,
      { server, endpoint, fields },
      Secret("canary-old-token"),
      "access_token"
    )
  }).pipe(Effect.result, clientOver(egress))
  return { result, sent: egress.sent.map(taken) }
})

/** Asks with a token where the vendor answers so; with what was sent. */
export const ask = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  probe: Probe,
  token: UsableToken = { accessToken: Secret("canary-access-token"), dpopKey: undefined }
) {
  const egress = answeringEgress(() => new Response())
  yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.ask(provider.definition, probe, token)
  ).pipe(clientOver(egress))
  return egress.sent.map(taken)
})
