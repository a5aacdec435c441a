import { Effect, Option, Redacted } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import {
  type BoundFlow,
  type BurnedFlow,
  type DecryptionFailed,
  type FlowFailure,
  type FlowTerms,
  type Forbidden,
  type ParkedFlow,
  ProviderNotFound,
  Secret,
  shownText,
  type StorageUnavailable,
  type TenantFields
} from "../model/index.ts"
import { AuthorizationServerClient, serverInRegion } from "../protocol/index.ts"
import {
  beginsByConsent,
  callbackContext,
  mayOwn,
  type OAuth2Definition,
  type OAuth2Provider,
  ProviderRegistry,
  reportingEndpoints
} from "../provider/index.ts"
import {
  type Cipher,
  ConnectSettings,
  OAuthStateStore,
  type SecurityEvent,
  SecurityLog,
  program
} from "../services/index.ts"
import { flowTag, freshSecret, hashSecret, type KeyedHash, userHash } from "../vault/index.ts"
import {
  providerInitiatedInstallation,
  type ProviderInitiatedInstallation,
  installationAction
} from "./providerInitiatedInstallation.ts"
import { findBinding, type CallbackInput } from "./bindings/index.ts"
import type { BrowserBinding } from "./connect.ts"
import { openFlowSecrets, type ParkedResponse, sealParkedResponse } from "./flowSecrets.ts"
import { redeemCode, type RedeemCodeServices } from "./redeemCode.ts"

/**
 * The flow's fields with the region that the callback names. It must be a region of the definition, because the parameter
 * comes from the browser. Undefined for any other value.
 */
const fieldsNamed = (
  { callbackRegion }: OAuth2Definition,
  fields: TenantFields,
  parameters: URLSearchParams
): TenantFields | undefined => {
  if (callbackRegion === undefined) return fields
  const { field, parameter, values } = callbackRegion
  const [named, ...others] = parameters.getAll(parameter)
  if (named === undefined) return fields
  const value = Object.hasOwn(values, named) ? values[named] : undefined
  if (value === undefined || others.length > 0) return undefined
  return fields[field] === value ? fields : { ...fields, [field]: value }
}

export type CallbackOutcome =
  /**
   * No valid flow, so no safe place to send the browser to. The page may only say where to finish an installation that
   * began at the provider.
   */
  | { readonly _tag: "NoFlow"; readonly installation?: ProviderInitiatedInstallation | undefined }
  /** Send the browser to `url`, and delete the flow's cookie. */
  | { readonly _tag: "Return"; readonly url: string; readonly flowTag: string }
  /** Send the browser to the confirm page at `url`, with the cookie that opens it. */
  | { readonly _tag: "Confirm"; readonly url: string; readonly browserBinding: BrowserBinding }

const noFlow: CallbackOutcome = { _tag: "NoFlow" }

/**
 * Finishes a flow at the redirect URI or, for the binding `complete`, parks its code for the user who started it. For the
 * binding `confirm` it parks the code until somebody agrees on the confirm page.
 *
 * It burns the state first, then compares everything, and only then calls the provider. From the burn to the write it is
 * not interrupted, even if the user closes the tab.
 *
 * Fails with `StorageUnavailable`, and with `DecryptionFailed` if the flow's secrets do not open.
 */
export const finishCallback = program("Hawser.finishCallback")(function* (
  provider: string,
  input: CallbackInput
): Effect.fn.Return<
  CallbackOutcome,
  StorageUnavailable | DecryptionFailed,
  FinishCallbackServices
> {
  if (!input.parameters.has("state")) {
    const installation = yield* providerInitiatedInstallation(provider, input.parameters)
    if (installation !== undefined) return { _tag: "NoFlow", installation }
  }
  const burned = yield* burnState(input.parameters)
  if (Option.isNone(burned)) return noFlow
  const bound = yield* bindFlow(burned.value, provider, input)
  if (bound._tag === "NoFlow") return noFlow

  const begun = bound.flow
  // Before any of the flow's terms are used, including the redirect URL.
  const secrets = yield* openFlowSecrets(begun)
  const to = (parameters: Record<string, string>, fragment = "") => ({
    _tag: "Return" as const,
    url: returnUrl(begun, parameters, fragment),
    flowTag: flowTag(begun.stateHash)
  })
  const failed = (error: FlowFailure) =>
    Effect.as(report("flow_failed", begun, error), to({ status: "error", error }))

  if (bound._tag === "SessionExpired") return yield* failed("session_expired")

  const { flow } = bound
  const configured = yield* Effect.result(configuredProvider(flow))
  if (configured._tag === "Failure") return yield* failed(configured.failure)
  const used = configured.success
  if (installationAction(used.definition, input.parameters) !== undefined)
    return yield* Effect.as(
      report("flow_failed", flow, "pending_approval"),
      to({ status: "pending_approval" })
    )
  const fields = fieldsNamed(used.definition, flow.fields, input.parameters)
  if (fields === undefined) return yield* failed("invalid_response")
  const there = { ...flow, fields }
  const checked = yield* Effect.result(reportingEndpoints(flow)(serverInRegion(used, flow, fields)))
  if (checked._tag === "Failure") return yield* failed("provider_error")
  const server = checked.success
  const authorizationServer = yield* AuthorizationServerClient
  const response = yield* Effect.result(
    authorizationServer.validateResponse(used, server, there, input.parameters)
  )
  if (response._tag === "Failure") {
    const { cause: problem, expected, reason } = response.failure
    // The issuer in the response is not secret. It is the only text from outside that is logged.
    const received = expected?.["expectedIssuer"] && input.parameters.get("iss")
    if (reason !== "access_denied")
      yield* logRefused(flow, "the provider's part of the flow failed.", {
        reason,
        problem,
        ...expected,
        ...(received && { receivedIssuer: shownText(received, 255) })
      })
    return yield* failed(reason)
  }

  const authorized = fields === flow.fields ? response.success : { ...response.success, fields }
  const { end } = findBinding(flow)
  if (end !== "redeem") {
    const waits = { response: authorized, secrets }
    const parked =
      end === "confirm"
        ? parkToConfirm(flow, waits)
        : Effect.map(park(flow, "parked", waits), (flowId) =>
            to({ status: "pending" }, `flowId=${Redacted.value(flowId)}`)
          )
    return yield* Effect.catchTag(parked, "Forbidden", () => failed("access_denied"))
  }
  return yield* redeemCode(used, server, flow, authorized, secrets).pipe(
    Effect.map((redeemed) =>
      redeemed._tag === "Connected"
        ? to({ status: "connected", integrationId: redeemed.integration.id })
        : to({ status: "choose" }, `flowId=${Redacted.value(redeemed.flowId)}`)
    ),
    Effect.catchTags({
      ConnectFailed: (error) => failed(error.reason),
      AccountAlreadyConnected: () => failed("account_already_connected"),
      Forbidden: () => failed("access_denied"),
      AlreadyConnected: () => failed("already_connected")
    })
  )
}, Effect.uninterruptible)

export type FinishCallbackServices =
  | RedeemCodeServices
  | ConnectSettings
  | Digest.Digest
  | OAuthStateStore
  | ProviderRegistry

/** Longer than any of Hawser's states, so not worth hashing. */
const longestState = 256

const burnState = Effect.fnUntraced(function* (parameters: URLSearchParams) {
  const states = parameters.getAll("state")
  const state = states[0]
  if (states.length !== 1 || state === undefined || state === "" || state.length > longestState) {
    const log = yield* SecurityLog
    yield* log.report({ type: "state_unknown", reason: "malformed" })
    return Option.none<BurnedFlow>()
  }
  const stateHash = yield* hashSecret(Secret(state))
  const flows = yield* OAuthStateStore
  const burned = yield* flows.burn(stateHash)
  if (Option.isNone(burned)) {
    const log = yield* SecurityLog
    const miss = yield* flows.explainMiss(stateHash)
    yield* log.report({ type: miss === "replayed" ? "state_replayed" : "state_unknown" })
  }
  return burned
})

export const report = Effect.fnUntraced(function* (
  type: SecurityEvent["type"],
  flow: FlowTerms,
  reason?: string
) {
  const log = yield* SecurityLog
  yield* log.report({
    type,
    tenantId: flow.tenantId,
    userId: flow.userId,
    provider: flow.provider,
    ...(reason !== undefined && { reason })
  })
})

/** The result of the checks on a flow and the browser that came back. */
type Bound =
  | { readonly _tag: "Bound"; readonly flow: BoundFlow }
  /** Nobody is signed in at the host any more. The page may learn that, and nothing else. */
  | { readonly _tag: "SessionExpired"; readonly flow: BurnedFlow }
  | { readonly _tag: "NoFlow" }

/** Checks that the flow has not expired, came to its own redirect URI, and came from the browser that began it. */
const bindFlow = Effect.fnUntraced(function* (
  flow: BurnedFlow,
  provider: string,
  input: CallbackInput
): Effect.fn.Return<Bound, never, Digest.Digest | SecurityLog> {
  const refused = Effect.fnUntraced(function* (
    type: SecurityEvent["type"],
    reason: string | undefined,
    problem: string,
    expected: Readonly<Record<string, unknown>> = {}
  ) {
    yield* report(type, flow, reason)
    yield* logRefused(flow, problem, expected)
    return { _tag: "NoFlow" as const }
  })

  if (flow.provider !== provider) {
    return yield* refused(
      "provider_mismatch",
      undefined,
      "it came to another provider's callback.",
      {
        expected: flow.redirectUri
      }
    )
  }
  if (!(yield* isOwnRedirectUri(flow, input.context))) {
    return yield* refused(
      "provider_mismatch",
      "redirect_uri",
      "it came to another redirect URI than the flow was begun with.",
      { expected: flow.redirectUri }
    )
  }
  // A response in the query ends up in histories and logs, and a posted one needs a cross-site cookie. So each is accepted
  // only if the flow asked for it.
  const responseMode = flow.server.responseMode === "form_post" ? "form_post" : "query"
  if (input.isPosted !== (responseMode === "form_post")) {
    return yield* refused(
      "binding_mismatch",
      "response_mode",
      "it came by another response mode than the flow asked for.",
      { expected: responseMode, received: input.isPosted ? "form_post" : "query" }
    )
  }
  if (flow.expired) return yield* refused("state_expired", undefined, "its flow has expired.")
  const proof = yield* findBinding(flow).prove(flow, input)
  switch (proof._tag) {
    case "Proven":
      return { _tag: "Bound", flow: flow as BoundFlow }
    case "SessionExpired":
      return { _tag: "SessionExpired", flow }
    case "Refused":
      return yield* refused("binding_mismatch", undefined, proof.problem, {
        expected: proof.expected
      })
  }
})

/** The page learns one word at most about a refused response, so the log says what was expected. */
const logRefused = (
  { binding, provider, tenantId, userId }: FlowTerms,
  problem: string,
  details: Readonly<Record<string, unknown>>
) =>
  Effect.logWarning(`An authorization response of ${provider} was refused: ${problem}`, {
    provider,
    tenantId,
    userId,
    binding,
    ...details
  })

/** The redirect URI of a tenant's own client ends in the tenant's context; the shared one has no context. */
const isOwnRedirectUri = Effect.fnUntraced(function* (
  { provider, redirectUri, tenantId }: BurnedFlow,
  visited: string | undefined
) {
  const own = yield* callbackContext(tenantId, provider)
  return visited === (redirectUri.endsWith(`/${own}`) ? own : undefined)
})

/**
 * The provider as it is configured now, if it is still open to the tenant and the owner, and has the client with which the flow began.
 * Fails with a `FlowFailure`.
 */
const configuredProvider = Effect.fnUntraced(function* (
  flow: FlowTerms
): Effect.fn.Return<OAuth2Provider, FlowFailure, ProviderRegistry> {
  const registry = yield* ProviderRegistry
  const provider = yield* registry.getFor(flow.tenantId, flow.provider).pipe(
    Effect.filterOrFail(beginsByConsent, () => new ProviderNotFound()),
    Effect.filterOrFail(
      (configured) => mayOwn(configured, flow.owner),
      () => new ProviderNotFound()
    ),
    Effect.flatMap((configured) => registry.usedBy(flow.tenantId, configured)),
    Effect.catchTags({
      ProviderNotFound: () =>
        Effect.andThen(
          logRefused(
            flow,
            "the provider is no longer configured, or closed to the tenant or its owner.",
            {}
          ),
          Effect.fail("provider_error" as const)
        ),
      ClientUnavailable: () => Effect.fail("provider_unavailable" as const)
    })
  )
  if (provider.client.clientId === flow.server.clientId) return provider
  yield* logRefused(flow, "the flow was begun with another client than is configured now.", {
    expected: flow.server.clientId,
    configured: provider.client.clientId
  })
  return yield* Effect.fail("provider_error" as const)
})

/** The flow id is new, so nothing that `connect` returned, and nothing before it, reveals it. */
export const park = Effect.fnUntraced(function* (
  flow: BoundFlow | ParkedFlow,
  as: "parked" | "confirming",
  waits: ParkedResponse
) {
  const { confirmPage, parkedLifetime } = yield* ConnectSettings
  const flows = yield* OAuthStateStore
  const flowId = yield* freshSecret
  const place = { as, flowIdHash: yield* hashSecret(flowId) }
  yield* flows.park(flow, {
    ...place,
    sealedResponse: yield* sealParkedResponse(flow, place, waits),
    lifetime: as === "parked" ? parkedLifetime : confirmPage.lifetime,
    userHash: yield* userHash(flow.tenantId, flow.userId)
  })
  return flowId
})

/**
 * The cookie has two secrets: one finds the flow, the other goes into the page. The URL has neither, only the handle that tells
 * the flow from others in the browser.
 */
const parkToConfirm = Effect.fnUntraced(function* (
  flow: BoundFlow,
  waits: Omit<ParkedResponse, "pageTokenHash">
): Effect.fn.Return<
  CallbackOutcome,
  DecryptionFailed | Forbidden | StorageUnavailable,
  Cipher | ConnectSettings | Digest.Digest | KeyedHash | OAuthStateStore | SecureRandom.SecureRandom
> {
  const { confirmPage } = yield* ConnectSettings
  const pageToken = yield* freshSecret
  const flowId = yield* park(flow, "confirming", {
    ...waits,
    pageTokenHash: yield* hashSecret(pageToken)
  })
  const tag = flowTag(flow.stateHash)
  return {
    _tag: "Confirm",
    url: `${confirmPage.url(flow.provider)}?flow=${tag}`,
    browserBinding: {
      flowTag: tag,
      secret: Secret(`${Redacted.value(flowId)}.${Redacted.value(pageToken)}`),
      lifetime: confirmPage.lifetime,
      crossSite: false
    }
  }
})

/**
 * The stored URL with the outcome. The flow id goes into the fragment, which no server and no referrer sees. Otherwise the
 * fragment is empty: without one, a browser would keep the fragment of the callback's URL, such as Facebook's `#_=_` (RFC
 * 9110 §10.2.2).
 */
export const returnUrl = (
  flow: FlowTerms,
  parameters: Record<string, string>,
  fragment: string
): string => {
  const url = new URL(flow.redirectUrl)
  const { status, ...rest } = parameters
  url.searchParams.append("status", status ?? "")
  url.searchParams.append("provider", flow.provider)
  for (const [name, value] of Object.entries(rest)) url.searchParams.append(name, value)
  url.hash = fragment
  return fragment === "" ? `${url.href}#` : url.href
}
