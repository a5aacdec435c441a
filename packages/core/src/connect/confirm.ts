import { Effect, Option, Redacted } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import {
  type ConnectionName,
  type DecryptionFailed,
  Secret,
  type StorageUnavailable,
  type TenantId,
  tenantsOwn,
  type UserId,
  type WaitingFlow
} from "../model/index.ts"
import { ProviderRegistry } from "../provider/index.ts"
import {
  type Cipher,
  type ConnectionStore,
  ConnectSettings,
  OAuthStateStore,
  type SecurityEvent,
  type SecurityLog,
  program
} from "../services/index.ts"
import { flowTag, hashSecret, isSameHash, type KeyedHash } from "../vault/index.ts"
import { abandonChoice } from "./abandonedChoices.ts"
import { type CallbackInput, samePerson } from "./bindings/index.ts"
import { park, report, returnUrl } from "./finishCallback.ts"
import { openParkedResponse } from "./flowSecrets.ts"

/** A browser at the confirm page. Nothing in it is trusted until the secrets of the flow's cookie have been checked. */
export interface ConfirmVisit extends Pick<CallbackInput, "browserSecret" | "session"> {
  /** The public handle of the flow, which names its cookie. */
  readonly flowTag: string
}

/** What the confirm page says. */
export interface Confirmation {
  readonly _tag: "Ask"
  /** What people call the provider. */
  readonly displayName: string
  readonly scopes: ReadonlyArray<string>
  readonly tenantId: TenantId
  /** What the host calls the tenant; undefined if it gave no usable answer. */
  readonly tenantName: string | undefined
  /** Who began the flow. */
  readonly userId: UserId
  /** Whether the connection will be that user's own, and not the tenant's. */
  readonly isUsersOwn: boolean
  readonly name: ConnectionName
  /** Where the browser moves on to. */
  readonly redirectUrl: string
  /** Goes into the page's form. Undefined if nobody is signed in at the host: then nobody may agree. */
  readonly pageToken: Secret | undefined
}

/** No flow that this browser could confirm: none, another one's, one that was used or has expired. */
export interface NothingToConfirm {
  readonly _tag: "NoFlow"
}

const noFlow: NothingToConfirm = { _tag: "NoFlow" }

export type ConfirmServices =
  | Cipher
  | ConnectionStore
  | ConnectSettings
  | Digest.Digest
  | KeyedHash
  | OAuthStateStore
  | ProviderRegistry
  | SecureRandom.SecureRandom
  | SecurityLog

/**
 * What the confirm page says to the browser of a flow that waits to be confirmed. Reading it changes nothing, unless the flow has
 * expired or another person is signed in at the host: then its code is destroyed.
 *
 * Fails with `StorageUnavailable`, and with `DecryptionFailed` if what waits does not open.
 */
export const showConfirmation = program("Hawser.showConfirmation")(function* (
  provider: string,
  visit: ConfirmVisit
): Effect.fn.Return<
  Confirmation | NothingToConfirm,
  StorageUnavailable | DecryptionFailed,
  ConfirmServices
> {
  const secrets = readSecrets(visit)
  if (secrets === undefined) return noFlow
  const flows = yield* OAuthStateStore
  const flowIdHash = yield* hashSecret(secrets.flowId)
  const found = yield* flows.findParked(flowIdHash)
  if (Option.isNone(found)) return noFlow
  const flow = found.value
  if (flow.as !== "confirming" || flow.provider !== provider) return noFlow
  const destroyed = Effect.fnUntraced(function* (type: SecurityEvent["type"], reason: string) {
    const taken = yield* flows.takeParked(flowIdHash)
    if (Option.isSome(taken)) yield* report(type, flow, reason)
    return noFlow
  })
  if (flow.expired) return yield* destroyed("state_expired", "confirm")
  // Before any of the flow's terms are shown.
  const { pageTokenHash } = yield* openParkedResponse(flow)
  if (!(yield* isPageToken(secrets.pageToken, pageTokenHash))) return noFlow
  const person = yield* personAt(flow, visit)
  if (person === "another") return yield* destroyed("binding_mismatch", "session")
  const registry = yield* ProviderRegistry
  const configured = yield* Effect.option(registry.getFor(flow.tenantId, flow.provider))
  if (Option.isNone(configured)) return noFlow
  const { confirmPage } = yield* ConnectSettings
  return {
    _tag: "Ask",
    displayName: configured.value.definition.displayName,
    scopes: flow.scopes,
    tenantId: flow.tenantId,
    tenantName: yield* confirmPage.tenantName(flow.tenantId),
    userId: flow.userId,
    isUsersOwn: flow.owner !== tenantsOwn,
    name: flow.name,
    redirectUrl: flow.redirectUrl,
    pageToken: person === "nobody" ? undefined : secrets.pageToken
  }
}, Effect.uninterruptible)

export interface ConfirmInput extends ConfirmVisit {
  /** The token of the page's form. */
  readonly pageToken: string
  /** `connect`: the person agrees. `disown`: the person did not begin this. */
  readonly answer: "connect" | "disown"
}

export type ConfirmOutcome =
  | NothingToConfirm
  /** Send the browser to `url`, and delete the flow's cookie. */
  | { readonly _tag: "Return"; readonly url: string; readonly flowTag: string }
  /** The code is destroyed. Show a page that says so, and delete the flow's cookie. */
  | { readonly _tag: "Disowned"; readonly flowTag: string }

/**
 * Takes the answer of the confirm page. The flow is burned first, so that a page is good for one answer, and a wrong one ends it.
 * After `connect` the flow waits for `complete` under a fresh flow id. No token request is made here.
 *
 * Fails with `StorageUnavailable`, and with `DecryptionFailed` if what waits does not open.
 */
export const confirm = program("Hawser.confirm")(function* (
  provider: string,
  input: ConfirmInput
): Effect.fn.Return<ConfirmOutcome, StorageUnavailable | DecryptionFailed, ConfirmServices> {
  const secrets = readSecrets(input)
  if (secrets === undefined) return noFlow
  const flows = yield* OAuthStateStore
  const taken = yield* flows.takeParked(yield* hashSecret(secrets.flowId))
  if (Option.isNone(taken)) return noFlow
  const flow = taken.value
  const refused = (type: SecurityEvent["type"], reason: string) =>
    Effect.as(report(type, flow, reason), noFlow)
  // The tokens that waited for a choice are not going to be used.
  if (flow.as === "choosing") yield* abandonChoice(flow)
  if (flow.as !== "confirming") return yield* refused("binding_mismatch", "not_confirming")
  if (flow.provider !== provider) return yield* refused("provider_mismatch", "confirm")
  const { pageTokenHash, ...waits } = yield* openParkedResponse(flow)
  if (!(yield* isPageToken(Secret(input.pageToken), pageTokenHash)))
    return yield* refused("binding_mismatch", "page_token")
  const tag = flowTag(flow.stateHash)
  if (input.answer === "disown") {
    yield* report("flow_disowned", flow)
    return { _tag: "Disowned", flowTag: tag }
  }
  if (flow.expired) return yield* refused("state_expired", "confirm")
  if ((yield* personAt(flow, input)) !== "same")
    return yield* refused("binding_mismatch", "session")

  return yield* park(flow, "parked", waits).pipe(
    Effect.map((flowId) =>
      returnUrl(flow, { status: "pending" }, `flowId=${Redacted.value(flowId)}`)
    ),
    Effect.catchTag("Forbidden", () =>
      Effect.as(
        report("flow_failed", flow, "access_denied"),
        returnUrl(flow, { status: "error", error: "access_denied" }, "")
      )
    ),
    Effect.map((url): ConfirmOutcome => ({ _tag: "Return", url, flowTag: tag }))
  )
}, Effect.uninterruptible)

const cookieValue = /^([\w-]{43})\.([\w-]{43})$/

const readSecrets = ({ browserSecret, flowTag }: ConfirmVisit) => {
  const [, flowId, pageToken] = cookieValue.exec(browserSecret(flowTag) ?? "") ?? []
  return flowId === undefined || pageToken === undefined
    ? undefined
    : { flowId: Secret(flowId), pageToken: Secret(pageToken) }
}

/** An absent token never equals an absent hash. */
const isPageToken = Effect.fnUntraced(function* (
  token: Secret,
  expected: Effect.Success<ReturnType<typeof openParkedResponse>>["pageTokenHash"]
) {
  return expected !== undefined && isSameHash(yield* hashSecret(token), expected)
})

/** Who is at the browser, as the host's session says. If the host has none, whoever has the cookie may agree. */
const personAt = Effect.fnUntraced(function* (
  flow: WaitingFlow,
  { session }: Pick<ConfirmVisit, "session">
) {
  if (session === undefined) return "same"
  const person = yield* samePerson(flow, session)
  if (person === "nobody") return "nobody"
  return person._tag === "Proven" ? "same" : "another"
})
