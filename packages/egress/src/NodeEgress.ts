import { type ConfigurationError, Egress, EgressError, isLoopback, SecurityLog } from "@hawser/core"
import { Effect, Layer, Predicate } from "effect"
import { TIMEOUT } from "node:dns"
import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { isLoopbackAddress } from "./addresses.ts"
import { checkedAddresses } from "./checkedAddresses.ts"
import { dial, firstReached } from "./dial.ts"
import { exchange, type ExchangeLimits, type ExchangePlan } from "./exchange.ts"
import { makeConnections, type Reach } from "./openRequest.ts"
import { type EgressProxyOptions, type Proxy, checkProxy, tunnel } from "./proxy.ts"
import { makeResolver, type Resolve } from "./resolver.ts"
import { streamedExchange } from "./streamedExchange.ts"
import { type AddressRule, addressRule, type Destination, checkTarget } from "./target.ts"
import { type AnswerLimits, wholeExchange } from "./wholeExchange.ts"

/** What a host may change about its way out. */
export interface NodeEgressOptions extends EgressProxyOptions {
  /** Milliseconds for resolving, connecting and the TLS handshake together. Default 5,000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds until the whole answer must be there, for all but calls of a provider's API. Default 15,000. */
  readonly totalTimeoutMs?: number
  /**
   * Opens 127.0.0.0/8 and ::1, for http as well as https, and nothing else: private networks stay closed. For development
   * and tests, if the provider runs on this machine.
   */
  readonly unsafelyAllowLoopback?: boolean
}

/** Bytes. */
const maxHeaderBytes = 16 * 1024

/**
 * Looks up names that the host configured for itself. What no name server knows may be known to the system, by the search
 * domains of a cluster. It is not asked after a name server that was silent: it would wait for the same one, in a thread of the process.
 */
const resolveHostsOwn =
  (resolve: Resolve): Resolve =>
  async (hostname, signal) => {
    const family = isIP(hostname)
    if (family !== 0) return [{ address: hostname, family }]
    try {
      return await resolve(hostname, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (Predicate.hasProperty(error, "code") && error.code === TIMEOUT) throw error
      return lookup(hostname, { all: true })
    }
  }

/** Why a connection is not made any more. One for all, because an abort without a reason makes an error with its stack. */
const isOver = new Error("The request is over.")

const connectionsOfScope = Effect.acquireRelease(
  Effect.sync(makeConnections),
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
  const proxy = yield* Effect.try({
    try: () => checkProxy(options),
    catch: (error) => error as ConfigurationError
  })
  const shared = yield* connectionsOfScope
  // Apart: a connection to a private address, once kept, would serve a tenant's URL with the same host without a look-up.
  const toPrivate = yield* connectionsOfScope
  const unsafelyAllowLoopback = options.unsafelyAllowLoopback === true
  const limits: ExchangeLimits = {
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    maxHeaderBytes
  }
  const answerLimits: AnswerLimits = {
    totalTimeoutMs: options.totalTimeoutMs ?? 15_000,
    maxBodyBytes: 64 * 1024
  }

  const resolveOwn = resolveHostsOwn(resolve)
  const through = (theProxy: Proxy, target: string, port: number, signal: AbortSignal) =>
    tunnel(theProxy, target, port, { resolve: resolveOwn, maxHeaderBytes, signal })

  /** Connects to a host of the world's, by the proxy if there is one. */
  const reachPublic =
    (rule: AddressRule, signal: AbortSignal): Reach =>
    async (hostname, port) => {
      if (proxy?.resolves === true && isIP(hostname) === 0 && !isLoopback(hostname))
        return through(proxy, hostname, port, signal)
      const addresses = await checkedAddresses(hostname, resolve, rule, signal)
      return firstReached(
        addresses,
        (address, either) =>
          proxy === undefined || isLoopbackAddress(address)
            ? dial(address, port, either)
            : through(proxy, address, port, either),
        signal
      )
    }

  /** Connects to a host of the host's own, which no proxy stands before. */
  const reachPrivate =
    (rule: AddressRule, signal: AbortSignal): Reach =>
    async (hostname, port) =>
      firstReached(
        await checkedAddresses(hostname, resolveOwn, rule, signal),
        (address, either) => dial(address, port, either),
        signal
      )

  const guarded = (
    target: Destination,
    plan: () => ExchangePlan
  ): Effect.Effect<Response, EgressError> =>
    Effect.suspend(() => {
      const { host } = target.url
      const refusal = checkTarget(target, unsafelyAllowLoopback)
      if (refusal !== undefined) {
        return Effect.fail(new EgressError({ reason: refusal, host, sent: false }))
      }
      const connecting = new AbortController()
      const { signal } = connecting
      const rule = addressRule(target, unsafelyAllowLoopback)
      const way =
        target.privateNetwork === undefined
          ? { connections: shared, reach: reachPublic(rule, signal), signal }
          : { connections: toPrivate, reach: reachPrivate(rule, signal), signal }
      return exchange(plan(), way, limits).pipe(
        // A request that ended needs no address and no connection any more.
        Effect.ensuring(Effect.sync(() => connecting.abort(isOver)))
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
 * addresses that were checked and are the ones connected to. Names are looked up without the threads of the
 * process, so that a silent name server holds up no other host. No redirect is followed; times, body
 * (64 KiB, calls of a provider's API excepted) and headers (16 KiB) are bounded. Idle connections are kept for a few seconds, and all are closed with
 * the layer's scope.
 *
 * Every failure is an `EgressError`; one for a blocked address is also reported to the `SecurityLog`. Building fails with
 * `ConfigurationError` if the proxy cannot be one.
 *
 * @example
 * import { SecurityLog } from "@hawser/core"
 * import { NodeEgress } from "@hawser/egress"
 * import { Layer } from "effect"
 *
 * const egress = NodeEgress.layer({ totalTimeoutMs: 10_000 }).pipe(
 *   Layer.provide(Layer.succeed(SecurityLog, SecurityLog.make((event) => console.warn(event))))
 * )
 */
export const NodeEgress = {
  layer: (options?: NodeEgressOptions): Layer.Layer<Egress, ConfigurationError, SecurityLog> =>
    Layer.effect(Egress, makeNodeEgress(makeResolver(), options))
}
