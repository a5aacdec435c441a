import {
  type AccessTokenServices,
  type Admin,
  type BeginningPage,
  type ProviderInitiatedInstallation,
  catalog,
  complete,
  type CompleteServices,
  type ConfiguredProvider,
  connect,
  type ConnectServices,
  type Credential,
  deleteCredential,
  disconnect,
  integrationError,
  finishCallback,
  type FinishCallbackServices,
  get,
  type Integration,
  list,
  listCredentials,
  type Member,
  type Page,
  type Provider,
  type SignedIn,
  storeCredentials,
  swapCredential,
  testConnection,
  type TestConnectionServices,
  ValidationError
} from "@hawser/core"
import { DateTime, Effect } from "effect"
import type { HttpApiMiddleware } from "effect/http-api"
import type { ForAdmins } from "./annotations.ts"
import type { Operation, OperationName } from "./Api.ts"
import { clearedFlowCookie, flowCookie, readFlowCookie } from "./cookies.ts"
import type { WireError } from "./errorAnswer.ts"
import type { HandlerRequest } from "./HandlerRequest.ts"
import type { HttpSettings } from "./HttpSettings.ts"
import { InstallationWithoutFlow } from "./requestErrors.ts"

/** A successful answer: the declared body, and headers besides. */
export interface Reply<Body> {
  readonly body: Body
  readonly headers?: Readonly<Record<string, string>>
}

type Middleware<Name extends OperationName> = Operation<Name>["~Middleware"]

/** Present only if the operation asks for a caller, and of the role that it asks for. */
type CallerOf<Name extends OperationName> = [Middleware<Name>] extends [never]
  ? undefined
  : [Middleware<Name>] extends [ForAdmins]
    ? Admin
    : Member

/** They speak to the provider as its client, so that they get it as the tenant uses it. */
const withOAuthClient = ["connect", "complete"] as const

export const usesOAuthClient = (name: OperationName): boolean =>
  withOAuthClient.some((one) => one === name)

/** A caller is told whether a provider exists; the callback, which has none, is not. */
type ProviderOf<Name extends OperationName> = [Operation<Name>["~Params"]] extends [never]
  ? undefined
  : [Middleware<Name>] extends [never]
    ? undefined
    : Name extends (typeof withOAuthClient)[number]
      ? Provider
      : ConfiguredProvider

/** What an operation is given: everything decoded, checked and proven by its declaration. */
export interface Input<Name extends OperationName> {
  readonly caller: CallerOf<Name>
  /** The configured provider that the path names, for operations with a caller. */
  readonly provider: ProviderOf<Name>
  readonly parameters: Operation<Name>["~Params"]["Type"]
  readonly query: Operation<Name>["~Query"]["Type"]
  readonly payload: Operation<Name>["~Payload"]["Type"]
  readonly search: URLSearchParams
  /** As of `HandlerRequest`. */
  readonly header: HandlerRequest["header"]
  /** Who is signed in at the host; undefined if the host has said nothing of sessions. */
  readonly session: Effect.Effect<SignedIn> | undefined
  /** The page that the call comes from, for operations that look at it. */
  readonly page: BeginningPage | undefined
}

/** The errors whose codes the operation declares: one that it does not declare does not compile. */
type DeclaredError<Name extends OperationName> = Extract<
  WireError,
  {
    readonly code:
      | Operation<Name>["~Error"]["Type"]["error"]
      | HttpApiMiddleware.Error<Middleware<Name>>["error"]
  }
>

/** What the operations need of the core. */
export type OperationServices =
  | AccessTokenServices
  | CompleteServices
  | ConnectServices
  | FinishCallbackServices
  | TestConnectionServices

/** One function for each declared operation: a declaration without one does not compile. */
export type Operations = {
  readonly [Name in OperationName]: (
    input: Input<Name>
  ) => Effect.Effect<
    Reply<Operation<Name>["~Success"]["Type"]>,
    DeclaredError<Name>,
    OperationServices
  >
}

/** The operations of the contract: from the wire to a program of the core and back. */
export const makeOperations = (settings: HttpSettings): Operations => {
  const { secureCookies } = settings
  const finish = Effect.fnUntraced(function* (
    { header, parameters, search, session }: Visit,
    isPosted: boolean
  ) {
    const cookie = header("cookie")
    const outcome = yield* finishCallback(parameters.provider, {
      parameters: search,
      isPosted,
      context: parameters.context,
      browserSecret: (flowTag) => readFlowCookie(cookie, flowTag, secureCookies),
      session
    })
    if (outcome._tag === "NoFlow") {
      const { installation } = outcome
      const startUrl = installation && installationStartUrl(installation, settings)
      // Which of the reasons it was, only the security log knows.
      return yield* installation === undefined || startUrl === undefined
        ? new ValidationError({ details: [] })
        : new InstallationWithoutFlow({
            displayName: installation.displayName,
            startUrl,
            action: installation.action
          })
    }
    return {
      body: undefined,
      headers: {
        location: outcome.url,
        "set-cookie": clearedFlowCookie(outcome.flowTag, secureCookies)
      }
    }
  })

  return {
    connect: Effect.fnUntraced(function* ({ caller, page, payload, provider }) {
      const result = yield* connect(caller, provider, { ...payload, page })
      if (result._tag === "Connected") return { body: connectedBody(result.integration) }
      const { authorizationUrl, browserBinding, state } = result
      return {
        body: { authorizationUrl, state },
        headers:
          browserBinding === undefined
            ? {}
            : { "set-cookie": flowCookie(browserBinding, secureCookies) }
      }
    }),

    storeCredentials: Effect.fnUntraced(function* ({ caller, payload, provider }) {
      return { body: credentialBody(yield* storeCredentials(caller, provider, payload)) }
    }),

    listCredentials: Effect.fnUntraced(function* ({ caller, provider, query }) {
      return { body: pageBody(yield* listCredentials(caller, provider, query), credentialBody) }
    }),

    deleteCredential: Effect.fnUntraced(function* ({ caller, parameters, provider }) {
      yield* deleteCredential(caller, provider, parameters.credentialId)
      return { body: undefined }
    }),

    swapCredential: Effect.fnUntraced(function* ({ caller, payload, provider }) {
      return {
        body: connectedBody(yield* swapCredential(caller, provider, payload.credentialId))
      }
    }),

    callback: (visit) => finish(visit, false),
    callbackForm: (visit) => finish(visit, true),
    tenantCallback: (visit) => finish(visit, false),
    tenantCallbackForm: (visit) => finish(visit, true),

    complete: Effect.fnUntraced(function* ({ caller, payload, provider }) {
      return { body: connectedBody(yield* complete(caller, provider, payload)) }
    }),

    list: Effect.fnUntraced(function* ({ caller, query }) {
      return { body: pageBody(yield* list(caller, query), integrationBody) }
    }),

    get: Effect.fnUntraced(function* ({ caller, provider }) {
      return { body: integrationBody(yield* get(caller, provider)) }
    }),

    disconnect: Effect.fnUntraced(function* ({ caller, provider }) {
      yield* disconnect(caller, provider)
      return { body: undefined }
    }),

    test: Effect.fnUntraced(function* ({ caller, provider }) {
      const { checkedAt, reason, status } = yield* testConnection(caller, provider)
      return {
        body: { status, checkedAt: timestamp(checkedAt), ...(reason !== undefined && { reason }) }
      }
    }),

    catalog: Effect.fnUntraced(function* ({ query }) {
      return { body: listBody(yield* catalog(query)) }
    })
  }
}

/** A browser at the redirect URI of the provider, or of a tenant's own client there. */
type Visit = Pick<Input<"callback">, "header" | "search" | "session"> & {
  readonly parameters: { readonly provider: string; readonly context?: string }
}

/** The host's page with what the visit suggests; undefined if the host has none. */
const installationStartUrl = (
  { fields, provider }: ProviderInitiatedInstallation,
  { appUrl, installUrl = appUrl }: HttpSettings
): string | undefined => {
  if (installUrl === undefined) return undefined
  const url = new URL(installUrl)
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value)
  url.searchParams.set("provider", provider)
  return url.href
}

const listBody = <Item>(items: ReadonlyArray<Item>) => ({ items, total: items.length })

const pageBody = <Item, Body>(
  { items, nextCursor, total }: Page<Item>,
  bodyOf: (item: Item) => Body
) => ({ items: items.map(bodyOf), total, ...(nextCursor !== undefined && { nextCursor }) })

/** Whole seconds: the reference shows no others. */
const timestamp = (instant: DateTime.Utc): string =>
  DateTime.formatIso(instant).replace(/\.\d+Z$/, "Z")

const connectedBody = (integration: Integration) => ({
  integrationId: integration.id,
  provider: integration.provider,
  status: "connected" as const,
  connectedAt: timestamp(integration.connectedAt)
})

const integrationBody = (integration: Integration) => {
  const { account, problem } = integration
  return {
    integrationId: integration.id,
    provider: integration.provider,
    status: integration.status,
    connectedBy: integration.connectedBy,
    connectedAt: timestamp(integration.connectedAt),
    scopes: integration.scopes,
    ...(problem !== undefined && { error: integrationError(problem) }),
    ...(account?.label !== undefined && { accountLabel: account.label })
  }
}

const credentialBody = (credential: Credential) => ({
  credentialId: credential.id,
  provider: credential.provider,
  ...(credential.label !== undefined && { label: credential.label }),
  status: credential.status,
  createdAt: timestamp(credential.createdAt)
})
