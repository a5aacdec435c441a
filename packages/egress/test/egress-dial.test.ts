import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Socket } from "node:net"
import { vi } from "vitest"
import { firstReached } from "../src/dial.ts"
import { egressWith, to } from "./support/egress.ts"
import { httpServer } from "../../../test-support/servers.ts"

/** Keeps the event loop busy for so many milliseconds. */
const spin = (milliseconds: number) => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

const addressesOf = (...addresses: ReadonlyArray<string>) =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))

describe("a connection", () => {
  it.effect("is not given up because the process was busy while it was made", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("fine"))
      const { request } = yield* egressWith({ unsafelyAllowLoopback: true }, async () => {
        // Once the first attempt has begun, and longer than Node gives to each.
        setImmediate(() => spin(400))
        return addressesOf("127.0.0.1", "::1")
      })
      for (let i = 0; i < 3; i++) {
        const url = `http://busy${i}.localhost:${server.port}/`
        assert.strictEqual((yield* request(to(url))).status, 200)
      }
      assert.strictEqual(server.connections(), 3)
    })
  )
})

describe("of several addresses", () => {
  /** Attempts that end when the test says so. */
  const attempts = (...addresses: ReadonlyArray<string>) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const begun: Array<string> = []
    const aborted: Array<string> = []
    const ends = new Map(addresses.map((address) => [address, Promise.withResolvers<Socket>()]))
    const controller = new AbortController()
    const outcome = firstReached(
      addressesOf(...addresses),
      (address, signal) => {
        begun.push(address)
        const end = ends.get(address) ?? Promise.withResolvers<Socket>()
        signal.addEventListener("abort", () => {
          aborted.push(address)
          end.reject(signal.reason)
        })
        return end.promise
      },
      controller.signal
    )
    outcome.catch(() => undefined)
    const settled = async () => {
      for (let i = 0; i < 5; i++) await Promise.resolve()
    }
    return {
      begun,
      aborted,
      outcome,
      abort: () => controller.abort(new Error("over")),
      reach: async (address: string) => {
        const socket = new Socket()
        ends.get(address)?.resolve(socket)
        await settled()
        return socket
      },
      fail: async (address: string) => {
        ends.get(address)?.reject(new Error(`${address} failed`))
        await settled()
      }
    }
  }

  it("the next is tried beside one that is silent, families in turns, and the first that answers is taken", async () => {
    const { aborted, begun, outcome, reach } = attempts("1.1.1.1", "2.2.2.2", "2606::1")
    assert.deepStrictEqual(begun, ["1.1.1.1"])
    vi.advanceTimersByTime(250)
    assert.deepStrictEqual(begun, ["1.1.1.1", "2606::1"])
    vi.advanceTimersByTime(250)
    assert.deepStrictEqual(begun, ["1.1.1.1", "2606::1", "2.2.2.2"])
    vi.advanceTimersByTime(60_000)
    assert.deepStrictEqual(aborted, [])
    const socket = await reach("1.1.1.1")
    assert.strictEqual(await outcome, socket)
    assert.sameMembers(aborted, ["1.1.1.1", "2606::1", "2.2.2.2"])
  })

  it("the next is tried at once where one fails, and no more after one was reached", async () => {
    const { begun, fail, outcome, reach } = attempts("1.1.1.1", "2606::1", "2.2.2.2")
    await fail("1.1.1.1")
    assert.deepStrictEqual(begun, ["1.1.1.1", "2606::1"])
    await reach("2606::1")
    await outcome
    vi.advanceTimersByTime(60_000)
    assert.lengthOf(begun, 2)
  })

  it("the last failure is what is told, once all have failed", async () => {
    const { fail, outcome } = attempts("1.1.1.1", "2606::1")
    await fail("1.1.1.1")
    await fail("2606::1")
    assert.strictEqual(await outcome.then(() => "reached", String), "Error: 2606::1 failed")
  })

  it("none is tried once the request is over", async () => {
    const { abort, aborted, begun, outcome } = attempts("1.1.1.1", "2606::1")
    abort()
    assert.strictEqual(await outcome.then(() => "reached", String), "Error: over")
    vi.advanceTimersByTime(60_000)
    assert.deepStrictEqual([begun, aborted], [["1.1.1.1"], ["1.1.1.1"]])
  })

  it("a second that is reached in the same moment is closed", async () => {
    const { outcome, reach } = attempts("1.1.1.1", "2606::1")
    vi.advanceTimersByTime(250)
    const [first, second] = await Promise.all([reach("1.1.1.1"), reach("2606::1")])
    assert.strictEqual(await outcome, first)
    assert.deepStrictEqual([first.destroyed, second.destroyed], [false, true])
  })
})
