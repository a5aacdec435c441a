import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ServerOptions } from "node:https"
import tls from "node:tls"
import { afterEach, beforeAll, vi } from "vitest"
import { egressWith, passing, to, withoutIdleClosing } from "./support/egress.ts"
import { certificateFor, secureServer as secureServerWith } from "./support/secureServer.ts"
import { rawServer } from "../../../test-support/servers.ts"

const onLoopback = { unsafelyAllowLoopback: true }
let key: string
let cert: string

beforeAll(async () => {
  const pair = await certificateFor("localhost")
  key = pair.key
  cert = pair.cert
})

const defaults = {
  authorities: tls.getCACertificates("default"),
  ciphers: tls.DEFAULT_CIPHERS,
  minVersion: tls.DEFAULT_MIN_VERSION
}

afterEach(() => {
  tls.setDefaultCACertificates(defaults.authorities)
  tls.DEFAULT_CIPHERS = defaults.ciphers
  tls.DEFAULT_MIN_VERSION = defaults.minVersion
})

const secureServer = (options: ServerOptions = {}) => secureServerWith({ key, cert, ...options })

describe("S-29 TLS", () => {
  it.effect("a certificate of an authority that this machine trusts is accepted", () =>
    Effect.gen(function* () {
      tls.setDefaultCACertificates([cert])
      const { port } = yield* secureServer()
      const { request } = yield* egressWith(onLoopback)
      const response = yield* request(to(`https://localhost:${port}/`))
      assert.strictEqual(yield* Effect.promise(() => response.text()), "secure")
    })
  )

  it.effect("S-29 a self-signed certificate is refused before anything is sent", () =>
    Effect.gen(function* () {
      const { port, requests } = yield* secureServer()
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(request(to(`https://localhost:${port}/`)))
      assert.strictEqual(error.reason, "connection_failed")
      assert.isFalse(error.sent)
      assert.strictEqual(requests(), 0)
    })
  )

  it.effect("S-29 NODE_TLS_REJECT_UNAUTHORIZED=0 opens nothing", () =>
    Effect.gen(function* () {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
      const { port, requests } = yield* secureServer()
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(request(to(`https://localhost:${port}/`)))
      assert.strictEqual(error.reason, "connection_failed")
      assert.strictEqual(requests(), 0)
    })
  )

  it.effect("S-29 a trusted certificate for another name is refused", () =>
    Effect.gen(function* () {
      tls.setDefaultCACertificates([cert])
      const { port, requests } = yield* secureServer()
      const { request } = yield* egressWith(onLoopback)
      const error = yield* Effect.flip(request(to(`https://127.0.0.1:${port}/`)))
      assert.strictEqual(error.reason, "connection_failed")
      assert.isFalse(error.sent)
      assert.strictEqual(requests(), 0)
    })
  )

  for (const maxVersion of ["TLSv1", "TLSv1.1"] as const) {
    it.effect(
      `S-29 a server that speaks ${maxVersion} at most is refused, whatever the process allows`,
      () =>
        Effect.gen(function* () {
          tls.setDefaultCACertificates([cert])
          tls.DEFAULT_CIPHERS = "DEFAULT@SECLEVEL=0"
          tls.DEFAULT_MIN_VERSION = "TLSv1"
          const { port, requests } = yield* secureServer({ minVersion: "TLSv1", maxVersion })
          const { request } = yield* egressWith(onLoopback)
          const error = yield* Effect.flip(request(to(`https://localhost:${port}/`)))
          assert.strictEqual(error.reason, "connection_failed")
          assert.strictEqual(requests(), 0)
        })
    )
  }

  it.effect("a server that speaks TLS 1.2 is accepted", () =>
    Effect.gen(function* () {
      tls.setDefaultCACertificates([cert])
      const { port } = yield* secureServer({ maxVersion: "TLSv1.2" })
      const { request } = yield* egressWith(onLoopback)
      assert.strictEqual((yield* request(to(`https://localhost:${port}/`))).status, 200)
    })
  )

  it.effect("a connection is used again, and closed with the scope", () =>
    Effect.gen(function* () {
      withoutIdleClosing()
      tls.setDefaultCACertificates([cert])
      const server = yield* secureServer()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { request } = yield* egressWith(onLoopback)
          for (let i = 0; i < 3; i++) yield* request(to(`https://localhost:${server.port}/`))
        })
      )
      assert.strictEqual(server.requests(), 3)
      assert.strictEqual(server.connections(), 1)
      yield* Effect.promise(() => server.isClosed)
    })
  )

  it.effect("S-30 a handshake that never ends is left at the connect time, unsent", () =>
    Effect.gen(function* () {
      const { promise: isGreeted, resolve: greeted } = Promise.withResolvers<void>()
      const { port } = yield* rawServer(() => greeted())
      const { request } = yield* egressWith({ ...onLoopback, connectTimeoutMs: 200 })
      const error = yield* passing(
        200,
        isGreeted,
        Effect.flip(request(to(`https://localhost:${port}/`)))
      )
      assert.strictEqual(error.reason, "timeout")
      assert.isFalse(error.sent)
    })
  )
})
