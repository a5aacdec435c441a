import {
  accessToken,
  authorizedFetch,
  connect,
  ConnectionStore,
  defaultName,
  disconnect,
  isHawserError,
  Maintenance,
  type OAuth2Definition,
  Principal,
  ProviderRegistry,
  providerUsedBy,
  requireActor,
  revokeQueued,
  TenantId,
  tenantsOwn,
  testConnection,
  UserId
} from "@hawser/core"
import { HttpHandler } from "@hawser/http"
import { Context, Deferred, Duration, Effect, Layer } from "effect"
import type { SecurityEvent } from "hawser"
import { Problem } from "../Problem.ts"
import { keepSecret } from "../host/secrets.ts"
import type { Step } from "./record.ts"
import { endOf, type PersonServer, verificationLayer } from "./verificationHost.ts"
import type { VerifiedProvider } from "./verifiedProvider.ts"

/** A connection's life at its vendor, with a person at the browser. */

const tenantId = TenantId.make("verification")
const principal = new Principal({ tenantId, userId: UserId.make("you"), roles: ["admin"] })

interface Walk extends VerifiedProvider {
  readonly publicUrl: string
  readonly person: PersonServer
  /** Values for the fields that a tenant fills in. */
  readonly fields: Readonly<Record<string, string>>
  /** A path of the API to call. */
  readonly call: string | undefined
  /** How long the person may take. */
  readonly patience: Duration.Duration
  /** Called when the browser can come. */
  readonly ready: Effect.Effect<void>
}

const passed = (step: Step["step"]): Step => ({ step, outcome: "passed" })
const none = (step: Step["step"], reason: string): Step => ({ step, outcome: "none", reason })
const failed = (step: Step["step"], reason: string): Step => ({ step, outcome: "failed", reason })

/** A failure by its own word: what the vendor said stays out. */
const wordOf = (error: unknown): string => (isHawserError(error) ? error.code : "unexpected")

/** Anybody on this machine may come to the page at which the flow ends, with any text. */
const ownWord = (text: string | null): string =>
  text !== null && /^[a-z][a-z_]{1,60}$/.test(text) ? text : "unexpected"

const failing = (step: Step["step"]) =>
  Effect.catch((error: unknown) => Effect.succeed(failed(step, wordOf(error))))

/** Whether what the grant holds can be turned into a new access token. */
const canRefresh = (
  { authKind, refreshRequest }: OAuth2Definition,
  grant: { readonly refreshToken: unknown }
): boolean =>
  grant.refreshToken !== undefined ||
  authKind === "github_app" ||
  refreshRequest?.uses === "access_token"

const steps = Effect.fnUntraced(function* (walk: Walk, events: ReadonlyArray<SecurityEvent>) {
  const { call, definition } = walk
  const registry = yield* ProviderRegistry
  const connections = yield* ConnectionStore
  const maintenance = yield* Maintenance
  const provider = yield* registry.get(definition.id)
  const actor = yield* requireActor(principal, "tenant")
  const key = { tenantId, owner: tenantsOwn, provider: provider.id, name: defaultName }

  const refresh = Effect.gen(function* () {
    const grant = yield* connections.grant(key)
    if (!canRefresh(definition, grant)) return none("refresh", "the vendor gave no refresh token")
    const token = yield* accessToken(key)
    const renewed = yield* accessToken(key, { rejected: token })
    return renewed.generation === token.generation
      ? failed("refresh", "nothing_was_refreshed")
      : passed("refresh")
  }).pipe(failing("refresh"))

  const calls = Effect.gen(function* () {
    if (call !== undefined) {
      const { body, status } = yield* authorizedFetch(key, call)
      yield* Effect.promise(async () => body?.cancel())
      if (status >= 400) return failed("call", `answered_${status}`)
    }
    if (definition.check === undefined) {
      return call === undefined
        ? none("call", "the definition has no check: name a path of the API by --call")
        : passed("call")
    }
    const { reason, status } = yield* testConnection(actor, provider)
    return status === "ok" ? passed("call") : failed("call", reason ?? status)
  }).pipe(failing("call"))

  const revoke = Effect.gen(function* () {
    yield* disconnect(actor, provider)
    const { revocation } = definition
    if (revocation === undefined || revocation.ends === "none")
      return none("revoke", "the definition has no revocation: remove the access at the vendor")
    yield* revokeQueued
    const { revoker } = yield* maintenance.dueTimes({
      subscribers: [],
      eventRetention: Duration.days(1),
      unusedCredentialRetention: undefined
    })
    const refused = events.find(({ type }) => type.startsWith("revocation_"))
    if (refused !== undefined) return failed("revoke", refused.type)
    return revoker === undefined ? passed("revoke") : failed("revoke", "provider_unavailable")
  }).pipe(failing("revoke"))

  return yield* Effect.gen(function* () {
    return [passed("connect"), yield* refresh, yield* calls, yield* revoke]
    // Whoever leaves in between leaves nothing behind at the vendor.
  }).pipe(Effect.onInterrupt(() => revoke))
})

/** Walks through connect, refresh, call and revoke. The browser is to come to `publicUrl`. */
export const walkThrough = (walk: Walk) =>
  Effect.gen(function* () {
    const { config, definition, fields, host, patience, person, publicUrl } = walk
    const events: Array<SecurityEvent> = []
    const services = yield* Layer.build(
      verificationLayer({
        config,
        publicUrl,
        host,
        onSecurityEvent: (event) => void events.push(event)
      })
    )
    const { flowCookie, handle } = Context.get(services, HttpHandler)
    const ended = yield* Deferred.make<URLSearchParams, Problem>()

    const begin = Effect.gen(function* () {
      const registry = yield* ProviderRegistry
      const provider = yield* providerUsedBy(tenantId, yield* registry.get(definition.id))
      const actor = yield* requireActor(principal, "tenant")
      const begun = yield* connect(actor, provider, { redirectUrl: endOf(publicUrl), fields })
      if (begun._tag !== "Authorize") return yield* Effect.die(new Error("No flow has begun."))
      keepSecret(new URL(begun.authorizationUrl).searchParams.get("state"))
      return {
        location: begun.authorizationUrl,
        "referrer-policy": "no-referrer",
        ...(begun.browserBinding !== undefined && {
          "set-cookie": flowCookie(begun.browserBinding)
        })
      }
    }).pipe(
      // The person's browser shows nothing of it: the command ends, and says why.
      Effect.tapCause(() =>
        Deferred.fail(
          ended,
          new Problem({
            code: "flow_refused",
            problem: `A flow with ${definition.id} cannot begin${(definition.fields ?? []).length > 0 ? ` with these fields (${(definition.fields ?? []).map(({ name }) => name).join(", ")})` : ""}.`,
            next: "Give each field that the provider needs by --field name=value; npx hawser providers show names them."
          })
        )
      ),
      Effect.provide(services)
    )

    person.answerBy({
      handle,
      begin: () => Effect.runPromise(begin),
      ended: (parameters) => void Deferred.doneUnsafe(ended, Effect.succeed(parameters))
    })
    yield* walk.ready
    const parameters = yield* Effect.timeoutOrElse(Deferred.await(ended), {
      duration: patience,
      orElse: () =>
        Effect.fail(
          new Problem({
            code: "nobody_came",
            problem: `Nobody has connected within ${Duration.format(patience)}.`,
            next: "Run the command again, and open the address that it prints."
          })
        )
    })
    const status = parameters.get("status")
    if (status !== "connected")
      return [failed("connect", ownWord(parameters.get("error") ?? status))]
    return yield* steps(walk, events).pipe(Effect.provide(services))
  })
