import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { vi } from "vitest"
import { egressWith, to } from "./support/egress.ts"
import { rawServer } from "../../../test-support/servers.ts"

const onLoopback = { unsafelyAllowLoopback: true }

/** The process's clock jumps, as it does for one that was stopped and woken. */
const standStillFor = (milliseconds: number) => {
  const now = performance.now.bind(performance)
  vi.spyOn(performance, "now").mockImplementation(() => now() + milliseconds)
}

const answering = Effect.fnUntraced(function* () {
  let requests = 0
  const server = yield* rawServer((socket) => {
    const answer = () => {
      requests += 1
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    }
    answer()
    socket.on("data", answer)
  })
  return { ...server, requests: () => requests }
})

describe("a request that may be sent for a while only", () => {
  it.effect("S-35 is sent in time", () =>
    Effect.gen(function* () {
      const server = yield* answering()
      const { request } = yield* egressWith(onLoopback)
      const sendBefore = performance.now() + 60_000
      const url = `http://127.0.0.1:${server.port}/`
      assert.strictEqual((yield* request(to(url, { sendBefore }))).status, 200)
    })
  )

  it.effect("S-35 is not sent by a process that stood still until after it", () =>
    Effect.gen(function* () {
      const server = yield* answering()
      const sendBefore = performance.now() + 60_000
      const { request } = yield* egressWith(onLoopback, async () => {
        standStillFor(60_000)
        return [{ address: "127.0.0.1", family: 4 }]
      })
      const url = `http://localhost:${server.port}/`
      const error = yield* Effect.flip(request(to(url, { sendBefore })))
      assert.deepStrictEqual([error.reason, error.sent], ["too_late", false])
      // The connection was there: it was the check that kept the request back.
      assert.strictEqual(server.connections(), 1)
      assert.strictEqual((yield* request(to(url))).status, 200)
      assert.strictEqual(server.requests(), 1)
    })
  )

  it.effect("S-35 is not sent late on a connection that was open before either", () =>
    Effect.gen(function* () {
      const server = yield* answering()
      const { request } = yield* egressWith(onLoopback)
      const url = `http://127.0.0.1:${server.port}/`
      yield* request(to(url))
      const error = yield* Effect.flip(request(to(url, { sendBefore: performance.now() })))
      assert.deepStrictEqual([error.reason, error.sent], ["too_late", false])
      yield* request(to(url))
      assert.strictEqual(server.requests(), 2)
    })
  )
})
