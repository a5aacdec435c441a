import { Egress, EgressError, type EgressRequest, SecurityLog } from "@hawser/core"
import { Effect, Layer } from "effect"
import { Agent } from "node:http"
import { Agent as SecureAgent } from "node:https"
import { exchange, type ExchangeLimits, type ExchangePlan } from "./exchange.ts"
import { pinnedLookup } from "./pinnedLookup.ts"
import { makeResolver, type Resolve } from "./resolver.ts"
import { streamedExchange } from "./streamedExchange.ts"
import { addressRule, refusalOf } from "./target.ts"
import { type AnswerLimits, wholeExchange } from "./wholeExchange.ts"

/** What a host may change about its way out. */
export interface NodeEgressOptions {
  /** Milliseconds for resolving, connecting and the TLS handshake together. Default 5,000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds until the whole answer must be there, for all but calls of a provider's API. Default 15,000. */
  readonly totalTimeoutMs?: number
  /**
   * Opens 127.0.0.0/8 and ::1, for http as well as https, and nothing else: private networks stay closed. For development
   * and tests, where the provider runs on this machine.
   */
  readonly unsafelyAllowLoopback?: boolean
}

/** Milliseconds after which an unused connection is closed, before most servers do: a request on it would be lost. */
const idleTimeoutMs = 4_000

const makeConnections = Effect.acquireRelease(
  Effect.sync(() => {
    const reuse = { keepAlive: true, timeout: idleTimeoutMs }
    return {
      plain: new Agent(reuse),
      // Named although they are Node's defaults: NODE_TLS_REJECT_UNAUTHORIZED and --tls-min-v1.0 change defaults only.
      secure: new SecureAgent({ ...reuse, minVersion: "TLSv1.2", rejectUnauthorized: true })
    }
  }),
  ({ plain, secure }) =>
    Effect.sync(() => {
      plain.destroy()
      secure.destroy()
    })
)

/** The egress over a given resolver: what stands behind `NodeEgress.layer`. */
export const makeNodeEgress = Effect.fnUntraced(function* (
  resolve: Resolve,
  options: NodeEgressOptions = {}
) {
  const securityLog = yield* SecurityLog
  const connections = yield* makeConnections
  const unsafelyAllowLoopback = options.unsafelyAllowLoopback === true
  const limits: ExchangeLimits = {
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    maxHeaderBytes: 16 * 1024
  }
  const answerLimits: AnswerLimits = {
    totalTimeoutMs: options.totalTimeoutMs ?? 15_000,
    maxBodyBytes: 64 * 1024
  }

  const guarded = (
    target: Pick<EgressRequest, "hosts" | "url">,
    plan: () => ExchangePlan
  ): Effect.Effect<Response, EgressError> =>
    Effect.suspend(() => {
      const { host } = target.url
      const refusal = refusalOf(target, unsafelyAllowLoopback)
      if (refusal !== undefined) {
        return Effect.fail(new EgressError({ reason: refusal, host, sent: false }))
      }
      const lookingUp = new AbortController()
      const rule = addressRule(target.url, unsafelyAllowLoopback)
      const lookup = pinnedLookup(resolve, rule, lookingUp.signal)
      return exchange(plan(), { ...connections, lookup }, limits).pipe(
        // A request that ended needs no address any more.
        Effect.ensuring(Effect.sync(() => lookingUp.abort()))
      )
    }).pipe(
      Effect.tapError(({ reason }) =>
        reason === "address_blocked"
          ? securityLog.report({ type: "egress_blocked", reason })
          : Effect.void
      )
    )

  return Egress.of({
    request: (target) => guarded(target, () => wholeExchange(target, answerLimits)),
    open: (target) => guarded(target, () => streamedExchange(target))
  })
})

/**
 * The way out of the process on Node: https with verified certificates, TLS 1.2 or newer, to hosts of the call, at public
 * addresses that were checked and are the ones connected to (S-64, S-65). Names are looked up without the threads of the
 * process, so that a silent name server holds up no other host. No redirect is followed (S-29); times, body
 * (64 KiB, calls of a provider's API excepted) and headers (16 KiB) are bounded (S-30). Idle connections are kept for a few seconds, and all are closed with
 * the layer's scope.
 *
 * Every failure is an `EgressError`; one for a blocked address is also reported to the `SecurityLog`.
 *
 * @example
 * import { SecurityLog } from "@hawser/core"
 * import { NodeEgress } from "@hawser/node"
 * import { Layer } from "effect"
 *
 * const egress = NodeEgress.layer({ totalTimeoutMs: 10_000 }).pipe(
 *   Layer.provide(Layer.succeed(SecurityLog, SecurityLog.make((event) => console.warn(event))))
 * )
 */
export const NodeEgress = {
  layer: (options?: NodeEgressOptions): Layer.Layer<Egress, never, SecurityLog> =>
    Layer.effect(Egress, makeNodeEgress(makeResolver(), options))
}
