import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { writeFileSync, mkdtempSync, rmSync, utimesSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { makeResolver, type ResolverSources } from "../src/resolver.ts"
import { egressWith, to } from "./support/egress.ts"
import { type Answer, nameServer } from "./support/nameServer.ts"

/** Longer than any test: what ends was cancelled, or had no need to wait. */
const forEver = 600_000

const silentOr =
  (known: Readonly<Record<string, Answer>>) =>
  (name: string, family: 4 | 6): Answer => {
    const answer = known[name] ?? "silence"
    return typeof answer === "string"
      ? answer
      : answer.filter((address) => address.includes(":") === (family === 6))
  }

const start = Effect.fnUntraced(function* (
  known: Readonly<Record<string, Answer>>,
  sources: ResolverSources = {}
) {
  const server = yield* nameServer(silentOr(known))
  const resolve = makeResolver({ servers: server.servers, timeoutMs: forEver, ...sources })
  return { ...server, resolve }
})

const never = () => new AbortController().signal

/** Names of one tenant's that nobody answers for; `end` gives them all up. */
const hang = (
  resolve: ReturnType<typeof makeResolver>,
  names: ReadonlyArray<string>
): { readonly end: () => Promise<unknown> } => {
  const controller = new AbortController()
  const hanging = Promise.allSettled(names.map((name) => resolve(name, controller.signal)))
  return {
    end: () => {
      controller.abort()
      return hanging
    }
  }
}

const silent = (count: number, nameOf: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => nameOf(index))

const namesIn = (asked: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(asked.map((question) => question.split(" ")[0] ?? ""))
]

describe("a look-up", () => {
  it.effect("S-78 of another host's name is not held up by 20 that hang, nor is a file", () =>
    Effect.gen(function* () {
      const { resolve, until } = yield* start({ "good.example": ["1.1.1.1"] })
      const names = silent(20, (i) => `h.silent${i}.example`)
      const hanging = hang(resolve, names)
      yield* Effect.promise(() => until((asked) => namesIn(asked).length === 20))
      assert.deepStrictEqual(yield* Effect.promise(() => resolve("good.example", never())), [
        { address: "1.1.1.1", family: 4 }
      ])
      // The threads of libuv's pool are free.
      yield* Effect.promise(() => readFile(fileURLToPath(import.meta.url)))
      yield* Effect.promise(hanging.end)
    })
  )

  it.effect("S-78 has four of one domain at once: the others of that domain wait", () =>
    Effect.gen(function* () {
      const { asked, resolve, until } = yield* start({
        "fifth.mallory.example": ["1.1.1.1"],
        "shop.innocent.co.uk": ["2.2.2.2"],
        "shop.innocent.asso.fr": ["2.2.2.2"],
        "shop.innocent.eu.org": ["2.2.2.2"],
        "good.example": ["3.3.3.3"]
      })
      const hanging = hang(
        resolve,
        silent(4, (i) => `h${i}.mallory.example`)
      )
      const others = hang(
        resolve,
        ["co.uk", "asso.fr", "eu.org"].flatMap((suffix) =>
          silent(20, (i) => `h${i}.mallory.${suffix}`)
        )
      )
      const fifth = resolve("fifth.mallory.example", never())
      yield* Effect.promise(() => until(() => namesIn(asked).length === 16))
      yield* Effect.promise(() => resolve("good.example", never()))
      for (const suffix of ["co.uk", "asso.fr", "eu.org"]) {
        yield* Effect.promise(() => resolve(`shop.innocent.${suffix}`, never()))
        assert.lengthOf(
          namesIn(asked).filter((name) => name.endsWith(`.mallory.${suffix}`)),
          4
        )
      }
      assert.notInclude(namesIn(asked), "fifth.mallory.example")
      yield* Effect.promise(hanging.end)
      assert.deepStrictEqual(yield* Effect.promise(() => fifth), [
        { address: "1.1.1.1", family: 4 }
      ])
      yield* Effect.promise(others.end)
    })
  )

  it.effect("S-78 is one of 256 at once, and the next begins when one is given up", () =>
    Effect.gen(function* () {
      const { asked, resolve, until } = yield* start({ "good.example": ["1.1.1.1"] })
      const hanging: Array<ReturnType<typeof hang>> = []
      // A few at a time: what the name server's socket has no room for is lost, and here nobody asks again.
      for (let begun = 0; begun < 255; begun += 51) {
        hanging.push(
          hang(
            resolve,
            silent(51, (i) => `h.silent${begun + i}.example`)
          )
        )
        yield* Effect.promise(() => until(() => namesIn(asked).length === begun + 51))
      }
      const last = hang(resolve, ["h.last.example"])
      yield* Effect.promise(() => until(() => namesIn(asked).length === 256))
      const good = resolve("good.example", never())
      yield* Effect.promise(() => readFile(fileURLToPath(import.meta.url)))
      assert.notInclude(namesIn(asked), "good.example")
      yield* Effect.promise(last.end)
      assert.lengthOf(yield* Effect.promise(() => good), 1)
      yield* Effect.promise(() => Promise.all(hanging.map(({ end }) => end())))
    })
  )

  it.effect("S-78 is asked once for all who wait, and goes on when one of them gives up", () =>
    Effect.gen(function* () {
      const told = Promise.withResolvers<Answer>()
      const server = yield* nameServer((_name, family) => (family === 4 ? told.promise : []))
      const resolve = makeResolver({ servers: server.servers, timeoutMs: forEver })
      const first = hang(resolve, ["shared.example"])
      const waiting = silent(10, () => "shared.example").map((name) => resolve(name, never()))
      yield* Effect.promise(() => server.until((asked) => asked.length === 2))
      yield* Effect.promise(first.end)
      told.resolve(["1.1.1.1"])
      for (const one of waiting)
        assert.deepStrictEqual(yield* Effect.promise(() => one), [
          { address: "1.1.1.1", family: 4 }
        ])
      assert.deepStrictEqual(server.asked.toSorted(), ["shared.example A", "shared.example AAAA"])
    })
  )

  it.effect("S-78 ends with the request that it is for", () =>
    Effect.gen(function* () {
      const { asked, resolve, until } = yield* start({ "fifth.mallory.example": ["10.0.0.1"] })
      const { open, request } = yield* egressWith({ connectTimeoutMs: forEver }, resolve)
      const whole = yield* Effect.forEach(["h0", "h1"], (host) =>
        Effect.forkChild(Effect.exit(request(to(`https://${host}.mallory.example/`))))
      )
      const streamed = yield* Effect.forEach(["h2", "h3"], (host) =>
        Effect.forkChild(Effect.exit(open(to(`https://${host}.mallory.example/`))))
      )
      yield* Effect.promise(() => until(() => namesIn(asked).length === 4))
      const fifth = yield* Effect.forkChild(
        Effect.flip(request(to("https://fifth.mallory.example/")))
      )
      yield* Fiber.interruptAll([...whole, ...streamed])
      assert.strictEqual((yield* Fiber.join(fifth)).reason, "address_blocked")
    })
  )

  it.effect("S-78 ends with the time that a request has to connect", () =>
    Effect.gen(function* () {
      const { resolve } = yield* start({ "fifth.mallory.example": ["10.0.0.1"] })
      const { request } = yield* egressWith({ connectTimeoutMs: 200 }, resolve)
      const errors = yield* Effect.forEach(
        silent(4, (i) => `https://h${i}.mallory.example/`),
        (url) => Effect.flip(request(to(url))),
        { concurrency: "unbounded" }
      )
      for (const { reason, sent } of errors)
        assert.deepStrictEqual([reason, sent], ["timeout", false])
      const patient = yield* egressWith({}, resolve)
      const error = yield* Effect.flip(patient.request(to("https://fifth.mallory.example/")))
      assert.strictEqual(error.reason, "address_blocked")
    })
  )

  it.effect("S-64 has the addresses of both families, and of one where the other has none", () =>
    Effect.gen(function* () {
      const { resolve } = yield* start({
        "both.example": ["1.1.1.1", "1.1.1.2", "::7"],
        "six.example": ["::9"],
        "none.example": [],
        "unknown.example": "no such name"
      })
      const both = yield* Effect.promise(() => resolve("both.example", never()))
      assert.deepStrictEqual(both, [
        { address: "1.1.1.1", family: 4 },
        { address: "1.1.1.2", family: 4 },
        { address: "::7", family: 6 }
      ])
      const six = yield* Effect.promise(() => resolve("six.example", never()))
      assert.deepStrictEqual(six, [{ address: "::9", family: 6 }])
      for (const name of ["none.example", "unknown.example"]) {
        const failure = yield* Effect.flip(Effect.tryPromise(() => resolve(name, never())))
        assert.match(String((failure.cause as { code?: string }).code), /ENODATA|ENOTFOUND/)
      }
    })
  )

  it.effect("S-64 is the hosts file's first, as it stands now", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "hosts-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const hostsFile = join(folder, "hosts")
      const { asked, resolve } = yield* start({ "listed.example": ["9.9.9.9"] }, { hostsFile })
      const look = () => Effect.promise(() => resolve("listed.example", never()))
      assert.deepStrictEqual(yield* look(), [{ address: "9.9.9.9", family: 4 }])
      writeFileSync(
        hostsFile,
        "# 1.2.3.4 listed.example\n1.1.1.1\tother Listed.example # here\n::1 listed.example\nx listed.example"
      )
      const before = asked.length
      assert.deepStrictEqual(yield* look(), [
        { address: "1.1.1.1", family: 4 },
        { address: "::1", family: 6 }
      ])
      assert.lengthOf(asked, before)
      writeFileSync(hostsFile, "2.2.2.2 listed.example")
      utimesSync(hostsFile, 1, 1)
      assert.deepStrictEqual(yield* look(), [{ address: "2.2.2.2", family: 4 }])
    })
  )
})
