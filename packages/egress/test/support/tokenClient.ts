import {
  AuthorizationServerClient,
  type BoundFlow,
  type CheckedServer,
  configureProvider,
  CryptoLive,
  tenantsDefault,
  OAuth4WebApiClient,
  type OAuth2Definition,
  type OAuth2Provider,
  ProviderId,
  Secret,
  type SecretUrl,
  SecurityLog,
  TenantId,
  UserId
} from "@hawser/core"
import { Effect, Layer } from "effect"
import { NodeEgress, type NodeEgressOptions } from "../../src/index.ts"

/** What stands in requests and must not go anywhere else. */
export const secrets = {
  client: "canary-client-secret",
  code: "canary-code",
  refreshToken: "canary-refresh-token"
}

/** A provider whose endpoints are all at one server on loopback. */
export const providerAt = (
  port: number,
  changes: Partial<OAuth2Definition> = {},
  client: { readonly clientId: string; readonly clientSecret: string } = {
    clientId: "client",
    clientSecret: secrets.client
  }
): Effect.Effect<OAuth2Provider> =>
  configureProvider(
    {
      ...client,
      definition: {
        id: ProviderId.make("forge"),
        displayName: "Forge",
        category: "code",
        description: "A code forge.",
        authType: "oauth2",
        authorizationEndpoint: `http://127.0.0.1:${port}/authorize`,
        tokenEndpoint: `http://127.0.0.1:${port}/token`,
        revocation: { endpoint: `http://127.0.0.1:${port}/revoke`, ends: "token" },
        clientAuthentication: "client_secret_post",
        defaultScopes: ["repo"],
        ...changes
      }
    },
    { unsafelyAllowLoopback: true }
  ).pipe(
    Effect.map((provider) => provider as OAuth2Provider),
    Effect.provide(CryptoLive),
    Effect.orDie
  )

/** The URLs of this file's definitions have no places for values. */
const secretUrl = (url: string) => url as SecretUrl

const serverFor = ({ client, definition }: OAuth2Provider): CheckedServer => ({
  issuer: new URL(definition.tokenEndpoint).origin,
  authorizationEndpoint: secretUrl(definition.authorizationEndpoint),
  tokenEndpoint: secretUrl(definition.tokenEndpoint),
  clientId: client.clientId
})

const flowOf = (provider: OAuth2Provider) =>
  ({
    tenantId: TenantId.make("acme"),
    userId: UserId.make("ann"),
    provider: provider.id,
    ...tenantsDefault,
    binding: "cookie",
    redirectUrl: "https://app.example/done",
    redirectUri: "https://api.example/callback",
    server: serverFor(provider),
    scopes: provider.scopes
  }) as unknown as BoundFlow

/** The three requests that carry secrets, by what they came to. */
export interface Outcome {
  readonly token: string
  readonly refresh: string
  readonly revoke: string
}

/** One of the requests, over the real egress: `done`, or why not and the seconds to wait. */
export const outcomeOf = Effect.fnUntraced(function* (
  call: keyof Outcome,
  provider: OAuth2Provider,
  options: NodeEgressOptions = {}
) {
  const client = yield* AuthorizationServerClient.pipe(
    Effect.provide(clientLayer({ unsafelyAllowLoopback: true, ...options }))
  )
  const told = (reason: string, retryAfter?: number) =>
    retryAfter === undefined ? reason : `${reason} ${retryAfter}`
  const done = () => "done"
  switch (call) {
    case "token":
      return yield* client
        .exchange(
          provider,
          serverFor(provider),
          flowOf(provider),
          { code: Secret(secrets.code), iss: undefined, captured: {} },
          { codeVerifier: Secret("v".repeat(43)), dpopKey: undefined }
        )
        .pipe(Effect.match({ onSuccess: done, onFailure: ({ reason }) => reason }))
    case "refresh":
      return yield* refresh(client, provider).pipe(
        Effect.match({
          onSuccess: done,
          onFailure: ({ reason, retryAfter }) => told(reason, retryAfter)
        })
      )
    case "revoke":
      return yield* client
        .revoke(
          provider,
          {
            server: serverFor(provider),
            endpoint: secretUrl(provider.definition.revocation?.endpoint ?? ""),
            fields: {}
          },
          Secret(secrets.refreshToken),
          "refresh_token"
        )
        .pipe(
          Effect.match({
            onSuccess: done,
            onFailure: ({ retryable, retryAfter }) =>
              told(retryable ? "again" : "refused", retryAfter)
          })
        )
  }
}, Effect.scoped)

const refresh = (client: AuthorizationServerClient["Service"], provider: OAuth2Provider) =>
  client.refresh(
    provider,
    {
      server: serverFor(provider),
      endpoint: secretUrl(provider.definition.tokenEndpoint),
      fields: {},
      scopes: ["repo"],
      dpopKey: undefined
    },
    Secret(secrets.refreshToken),
    // Later than any answer: it has tests of its own.
    { sendBefore: performance.now() + 60_000 }
  )

const clientLayer = (options: NodeEgressOptions) =>
  OAuth4WebApiClient.layer.pipe(
    Layer.provide([NodeEgress.layer(options), CryptoLive]),
    Layer.provide(
      Layer.succeed(
        SecurityLog,
        SecurityLog.make(() => undefined)
      )
    )
  )

export const calls = ["token", "refresh", "revoke"] as const
