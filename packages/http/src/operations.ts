import {
  type AccessTokenServices,
  type Actor,
  type BeginningPage,
  beginsByConsent,
  type ProviderInitiatedInstallation,
  catalog,
  complete,
  type CompleteServices,
  confirm,
  type ConfirmServices,
  type ConfiguredProvider,
  connect,
  type ConnectionName,
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
  type ListedIntegration,
  listedIntegration,
  type Member,
  type Owner,
  owningUser,
  type Page,
  type Provider,
  type Reader,
  shownTo,
  SecurityLog,
  showConfirmation,
  type SignedIn,
  storeCredentials,
  swapCredential,
  testConnection,
  type TestConnectionServices,
  ValidationError,
  type UsersIntegration
} from "@hawser/core"
import { DateTime, Effect } from "effect"
import type { HttpApiMiddleware } from "effect/http-api"
import type { Operation, OperationName } from "./Api.ts"
import { confirmPage, decisionHeaders, disownedPage } from "./confirmPage.ts"
import { clearedFlowCookie, flowCookie, readFlowCookie } from "./cookies.ts"
import type { WireError, WireWord } from "./errorAnswer.ts"
import type { HandlerRequest } from "./HandlerRequest.ts"
import type { HttpSettings } from "./HttpSettings.ts"
import { InstallationWithoutFlow } from "./requestErrors.ts"

/** A successful answer: the declared body, and headers besides. */
export interface Reply<Body> {
  readonly body: Body
  /** If not the declared one. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

type Middleware<Name extends OperationName> = Operation<Name>["~Middleware"]

/** Present only if the operation asks for a caller. */
type CallerOf<Name extends OperationName> = [Middleware<Name>] extends [never] ? undefined : Member

/** They see connections; what else names an owner changes what that owner has. */
type Seeing = "get" | "list"
type NamesOwner<Name extends OperationName> =
  "owner" extends keyof Operation<Name>["~Query"]["Type"] ? true : false

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
  /** The caller with the right to see what the query's owner has. Undefined if the path has the connection's id. */
  readonly reader: Name extends Seeing ? Reader | undefined : undefined
  /** The caller with the right to change it. */
  readonly actor: Name extends Seeing
    ? undefined
    : NamesOwner<Name> extends true
      ? Actor
      : undefined
  /** The connection whose id stands in the place of the provider. */
  readonly integration: Integration | undefined
  /** Of the connection that is meant. */
  readonly name: ConnectionName
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
type DeclaredError<Name extends OperationName> = CalledOnWire<
  WireError,
  Operation<Name>["~Error"]["Type"]["error"] | HttpApiMiddleware.Error<Middleware<Name>>["error"]
>

type CalledOnWire<Error extends WireError, Word> = Error extends unknown
  ? WireWord<Error["code"]> extends Word
    ? Error
    : never
  : never

/** What the operations need of the core. */
export type OperationServices =
  | AccessTokenServices
  | CompleteServices
  | ConfirmServices
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
  const { publicOrigin, secureCookies } = settings
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
        "set-cookie":
          outcome._tag === "Confirm"
            ? flowCookie(outcome.browserBinding, secureCookies)
            : clearedFlowCookie(outcome.flowTag, secureCookies)
      }
    }
  })

  /** The browser at the confirm page. */
  const readVisit = ({ header, session }: Pick<Visit, "header" | "session">, flowTag: string) => {
    const cookie = header("cookie")
    return {
      flowTag,
      browserSecret: (tag: string) => readFlowCookie(cookie, tag, secureCookies),
      session
    }
  }

  return {
    connect: Effect.fnUntraced(function* ({ actor, integration, name, page, payload, provider }) {
      // Only what is there has an id, so it is connected again; of a key, which is swapped, core says so.
      const isById = integration !== undefined
      if (isById && payload.reauthorize !== true && beginsByConsent(provider))
        return yield* new ValidationError({ details: [{ path: "reauthorize", code: "missing" }] })
      const result = yield* connect(actor, provider, {
        ...payload,
        ...(isById && { reauthorize: true }),
        name,
        page
      })
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

    storeCredentials: Effect.fnUntraced(function* ({ actor, payload, provider }) {
      return { body: credentialBody(yield* storeCredentials(actor, provider, payload)) }
    }),

    listCredentials: Effect.fnUntraced(function* ({ actor, provider, query }) {
      return { body: pageBody(yield* listCredentials(actor, provider, query), credentialBody) }
    }),

    deleteCredential: Effect.fnUntraced(function* ({ actor, parameters, provider }) {
      yield* deleteCredential(actor, provider, parameters.credentialId)
      return { body: undefined }
    }),

    swapCredential: Effect.fnUntraced(function* ({ actor, name, payload, provider }) {
      return {
        body: connectedBody(yield* swapCredential(actor, provider, payload.credentialId, name))
      }
    }),

    callback: (visit) => finish(visit, false),
    callbackForm: (visit) => finish(visit, true),
    tenantCallback: (visit) => finish(visit, false),
    tenantCallbackForm: (visit) => finish(visit, true),

    showConfirmation: Effect.fnUntraced(function* ({ header, parameters, query, session }) {
      const tag = query.flow ?? ""
      const asked = yield* showConfirmation(
        parameters.provider,
        readVisit({ header, session }, tag)
      )
      if (asked._tag === "NoFlow") return yield* new ValidationError({ details: [] })
      const { origin } = new URL(asked.redirectUrl)
      return {
        body: confirmPage(asked, tag),
        headers: decisionHeaders(origin === publicOrigin ? undefined : origin)
      }
    }),

    confirm: Effect.fnUntraced(function* ({ header, parameters, search, session }) {
      // A page of a sibling site sends the cookie too: what tells it apart is its origin.
      if (header("origin") !== publicOrigin) {
        const log = yield* SecurityLog
        yield* log.report({ type: "binding_mismatch", reason: "origin" })
        return yield* new ValidationError({ details: [] })
      }
      const answer = search.get("answer")
      if (
        (answer !== "connect" && answer !== "disown") ||
        // The browser does not send the form without it.
        (answer === "connect" && search.get("agreed") !== "yes")
      )
        return yield* new ValidationError({ details: [] })
      const outcome = yield* confirm(parameters.provider, {
        ...readVisit({ header, session }, search.get("flow") ?? ""),
        pageToken: search.get("token") ?? "",
        answer
      })
      if (outcome._tag === "NoFlow") return yield* new ValidationError({ details: [] })
      const cleared = { "set-cookie": clearedFlowCookie(outcome.flowTag, secureCookies) }
      return outcome._tag === "Return"
        ? { body: undefined, status: 303, headers: { ...cleared, location: outcome.url } }
        : {
            body: disownedPage(settings.appUrl),
            status: 200,
            headers: { ...cleared, ...decisionHeaders() }
          }
    }),

    complete: Effect.fnUntraced(function* ({ caller, payload, provider, query }) {
      return {
        body: connectedBody(yield* complete(caller, provider, { ...payload, ...query }))
      }
    }),

    list: Effect.fnUntraced(function* ({ caller, query }) {
      return { body: pageBody(yield* list(caller, query), visibleBody) }
    }),

    get: Effect.fnUntraced(function* ({ caller, integration, name, provider, reader }) {
      if (integration !== undefined)
        return { body: visibleBody(shownTo(caller, yield* listedIntegration(integration))) }
      // Without an id in the path there is an owner in the query.
      if (reader === undefined) return yield* Effect.die("No owner was named.")
      return { body: integrationBody(yield* get(reader, provider, name)) }
    }),

    disconnect: Effect.fnUntraced(function* ({ actor, name, provider }) {
      yield* disconnect(actor, provider, name)
      return { body: undefined }
    }),

    test: Effect.fnUntraced(function* ({ actor, name, provider }) {
      const { checkedAt, reason, status } = yield* testConnection(actor, provider, name)
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

const ofOwner = (owner: Owner) => {
  const userId = owningUser(owner)
  return userId === undefined ? { owner: "tenant" as const } : { owner: "user" as const, userId }
}

const visibleBody = (visible: ListedIntegration | UsersIntegration) => {
  if (!("isOfAnotherUser" in visible)) return integrationBody(visible)
  const { connectedAt, id, owner, provider, status } = visible
  return {
    integrationId: id,
    provider,
    owner: "user" as const,
    userId: owner,
    status,
    connectedAt: timestamp(connectedAt)
  }
}

const integrationBody = (integration: ListedIntegration) => {
  const { account, problem } = integration
  return {
    integrationId: integration.id,
    provider: integration.provider,
    name: integration.name,
    ...ofOwner(integration.owner),
    status: integration.status,
    connectedBy: integration.connectedBy,
    connectedAt: timestamp(integration.connectedAt),
    scopes: integration.scopes,
    missingScopes: integration.missingScopes,
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
