import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from "node:net"
import { isLoopbackAddress, isPublicAddress } from "../src/addresses.ts"
import { BlockedAddress, checkedAddresses } from "../src/checkedAddresses.ts"
import { makeResolver } from "../src/resolver.ts"
import { egressWith, fakeResolver, to } from "./support/egress.ts"
import { httpServer } from "../../../test-support/servers.ts"

const metadata = "169.254.169.254"

describe("S-65 addresses", () => {
  // First and last of each range, and both neighbours where they are public.
  const blocked = [
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    metadata,
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.255",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:8.8.8.8",
    "0:0:0:0:0:ffff:a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "100::1",
    "2001::1",
    "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700:4700::1111%eth0",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "not an address",
    "",
    "127.1",
    "0177.0.0.1",
    "2130706433"
  ]
  const open = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2003::1",
    "2606:4700:4700::1111",
    "3ffe:ffff::1"
  ]
  for (const address of blocked) {
    it(`S-65 ${address || "(nothing)"} is not public`, () =>
      assert.isFalse(isPublicAddress(address)))
  }
  for (const address of open) {
    it(`S-65 ${address} is public`, () => assert.isTrue(isPublicAddress(address)))
  }
  it("S-65 loopback is 127.0.0.0/8 and ::1, and no other spelling of them", () => {
    assert.deepStrictEqual(
      ["127.0.0.1", "127.255.0.1", "::1", "0:0:0:0:0:0:0:1"].map(isLoopbackAddress),
      [true, true, true, true]
    )
    const others = ["128.0.0.1", "::", "::ffff:127.0.0.1", "10.0.0.1", "localhost"]
    assert.deepStrictEqual(others.map(isLoopbackAddress), [false, false, false, false, false])
  })
})

/** Hosts of a URL that all lead inside, in the spellings that attackers use. */
const hostileHosts = [
  // IPv4 in every base and length
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "0177.0.0.1",
  "0177.0.0.0x1",
  "017700000001",
  "0x7f.0.0.1",
  "0x7f000001",
  "0x7f.1",
  "2130706433",
  "127.0.0.1.",
  "0",
  "0.0.0.0",
  "0x0",
  "10.0.0.1",
  "167772161",
  "012.0.0.1",
  "0xa.1",
  "100.64.0.1",
  "172.16.0.1",
  "2886729729",
  "192.168.0.1",
  "0300.0250.0.1",
  "3232235521",
  "192.0.0.1",
  "198.18.0.1",
  metadata,
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "0xa9.254.0251.254",
  "224.0.0.1",
  "255.255.255.255",
  "１２７.０.０.１",
  "①②⑦.0.0.1",
  "127。0。0。1",
  "127%2e0%2e0%2e1",
  "%31%32%37.0.0.1",
  // IPv6, and IPv4 inside of it
  "[::]",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::127.0.0.1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[0:0:0:0:0:ffff:127.0.0.1]",
  "[::ffff:169.254.169.254]",
  "[::ffff:10.0.0.1]",
  "[64:ff9b::127.0.0.1]",
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b:1::10.0.0.1]",
  "[2002:7f00:1::]",
  "[2002:a9fe:a9fe::]",
  "[2002:c0a8:1::1]",
  "[2001::1]",
  "[2001:0:7f00:1::]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[fe80::1]",
  "[fec0::1]",
  "[ff02::1]"
]

describe("S-65 hostile hosts", () => {
  for (const host of hostileHosts) {
    it.effect(`S-65 https://${host}/ is blocked, and reported`, () =>
      Effect.gen(function* () {
        const { asked, resolve } = fakeResolver(["1.1.1.1"])
        const { reported, request } = yield* egressWith({}, resolve)
        const error = yield* Effect.flip(request(to(`https://${host}/`)))
        assert.strictEqual(error.reason, "address_blocked")
        assert.isFalse(error.sent)
        assert.deepStrictEqual(reported, [{ type: "egress_blocked", reason: "address_blocked" }])
        assert.strictEqual(asked(), 0)
      })
    )
  }

  for (const host of ["[fe80::1%25eth0]", "[::1%25lo]", "[fe80::1%eth0]", "a b", "256.1.1.1"]) {
    it(`S-65 https://${host}/ is not a URL at all`, () =>
      assert.isNull(URL.parse(`https://${host}/`)))
  }

  for (const [host, ...answers] of [
    ["metadata.google.internal", metadata],
    ["localhost", "127.0.0.1"],
    ["localhost", "::1"],
    ["LOCALHOST", "127.0.0.1"],
    ["localtest.me", "127.0.0.1"],
    ["127.0.0.1.nip.io", "127.0.0.1"],
    ["zone.example", "fe80::1%eth0"],
    ["mapped.example", "::ffff:10.0.0.1"],
    ["nat64.example", "64:ff9b::a9fe:a9fe"],
    ["6to4.example", "2002:a9fe:a9fe::1"],
    ["teredo.example", "2001::1"],
    ["first-is-good.example", "1.1.1.1", "10.0.0.1"],
    ["last-is-good.example", "10.0.0.1", "1.1.1.1"],
    ["aaaa-is-bad.example", "1.1.1.1", "2606:4700:4700::1111", "::1"],
    ["nothing.example"]
  ] as const) {
    it.effect(
      `S-64 ${host} is blocked when it resolves to ${answers.join(", ") || "nothing"}`,
      () =>
        Effect.gen(function* () {
          const { resolve } = fakeResolver(answers)
          const { reported, request } = yield* egressWith({}, resolve)
          const error = yield* Effect.flip(request(to(`https://${host}/`)))
          assert.strictEqual(error.reason, "address_blocked")
          assert.isFalse(error.sent)
          assert.deepStrictEqual(reported, [{ type: "egress_blocked", reason: "address_blocked" }])
        })
    )
  }

  for (const url of [
    "https://localhost./",
    "https://metadata.google.internal./",
    "https://api.example.com./"
  ]) {
    it.effect(`S-65 ${url} is refused for its trailing dot, before it is resolved`, () =>
      Effect.gen(function* () {
        const { asked, resolve } = fakeResolver(["1.1.1.1"])
        const { request } = yield* egressWith({}, resolve)
        const error = yield* Effect.flip(request(to(url)))
        assert.strictEqual(error.reason, "host_not_allowed")
        assert.strictEqual(asked(), 0)
      })
    )
  }

  it.effect("S-65 opening loopback opens no private range, neither by address nor by name", () =>
    Effect.gen(function* () {
      for (const address of ["10.0.0.1", "192.168.0.1", metadata, "0.0.0.0", "::", "fd00::1"]) {
        const { resolve } = fakeResolver([address])
        const { request } = yield* egressWith({ unsafelyAllowLoopback: true }, resolve)
        const literal = address.includes(":") ? `[${address}]` : address
        for (const url of [`https://${literal}/`, "https://inside.example/", "http://localhost/"]) {
          const error = yield* Effect.flip(request(to(url)))
          assert.strictEqual(error.reason, "address_blocked", url)
        }
        const plain = yield* Effect.flip(request(to(`http://${literal}/`)))
        assert.strictEqual(plain.reason, "insecure_protocol")
      }
    })
  )

  it.effect(
    "S-65 plain http goes to loopback alone, even where localhost resolves to the world",
    () =>
      Effect.gen(function* () {
        const { resolve } = fakeResolver(["1.1.1.1"])
        const { request } = yield* egressWith({ unsafelyAllowLoopback: true }, resolve)
        const error = yield* Effect.flip(request(to("http://localhost/")))
        assert.strictEqual(error.reason, "address_blocked")
      })
  )
})

describe("S-64 DNS rebinding", () => {
  it.effect("S-64 what is connected to are the addresses that were checked, resolved once", () =>
    Effect.gen(function* () {
      const { asked, resolve } = fakeResolver(["1.1.1.1", "2606:4700:4700::1111"], ["127.0.0.1"])
      const lookUp = Effect.tryPromise({
        try: (signal) => checkedAddresses("rebind.example", resolve, isPublicAddress, signal),
        catch: (error) => error as BlockedAddress
      })
      assert.deepStrictEqual(yield* lookUp, [
        { address: "1.1.1.1", family: 4 },
        { address: "2606:4700:4700::1111", family: 6 }
      ])
      assert.strictEqual(asked(), 1)
      assert.instanceOf(yield* Effect.flip(lookUp), BlockedAddress)
    })
  )

  it.effect("S-64 a name that is public first and 127.0.0.1 then never reaches this machine", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("inside"))
      // An address that is global by its prefix and that nobody has been given.
      const { asked, resolve } = fakeResolver(["2d00::1"], ["127.0.0.1"])
      const { reported, request } = yield* egressWith({ connectTimeoutMs: 300 }, resolve)
      const target = to(`https://rebind.example:${server.port}/`)
      const first = yield* Effect.flip(request(target))
      assert.include(["connection_failed", "timeout"], first.reason)
      assert.isFalse(first.sent)
      assert.strictEqual(asked(), 1)
      assert.strictEqual((yield* Effect.flip(request(target))).reason, "address_blocked")
      assert.strictEqual(reported.length, 1)
      assert.strictEqual(server.connections(), 0)
    })
  )

  it.effect(
    "S-64 the lookup is pinned also where the process turned off the selection of a family",
    () =>
      Effect.gen(function* () {
        const selected = getDefaultAutoSelectFamily()
        yield* Effect.acquireRelease(
          Effect.sync(() => setDefaultAutoSelectFamily(false)),
          () => Effect.sync(() => setDefaultAutoSelectFamily(selected))
        )
        const server = yield* httpServer((_request, response) => response.end("fine"))
        const { resolve } = fakeResolver(["127.0.0.1"])
        const { request } = yield* egressWith({ unsafelyAllowLoopback: true }, resolve)
        assert.strictEqual((yield* request(to(`http://localhost:${server.port}/`))).status, 200)
      })
  )

  it.effect("S-64 each new connection is checked again, after one that was allowed", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) =>
        response.writeHead(200, { connection: "close" }).end("fine")
      )
      const { asked, resolve } = fakeResolver(["127.0.0.1"], [metadata])
      const { request } = yield* egressWith({ unsafelyAllowLoopback: true }, resolve)
      const target = to(`http://localhost:${server.port}/`)
      assert.strictEqual((yield* request(target)).status, 200)
      assert.strictEqual(asked(), 1)
      assert.strictEqual((yield* Effect.flip(request(target))).reason, "address_blocked")
      assert.strictEqual(asked(), 2)
    })
  )
})

describe("the hosts of a call", () => {
  for (const [url, hosts] of [
    ["https://evil.example/", ["api.example"]],
    ["https://api.example/", []],
    ["https://api.example/", ["API.example"]],
    ["https://api.example/", ["https://api.example"]],
    ["https://api.example:8443/", ["api.example"]],
    ["https://api.example/", ["api.example:8443"]],
    ["https://sub.api.example/", ["api.example"]],
    ["https://api.example.evil.example/", ["api.example"]],
    ["https://api.example@evil.example/", ["api.example"]],
    ["https://evil.example\\@api.example/", ["api.example"]],
    ["https://user@api.example/", ["api.example"]],
    ["https://:secret@api.example/", ["api.example"]],
    ["https://api.example./", ["api.example.", "api.example"]],
    ["https://аpi.example/", ["api.example"]]
  ] as const) {
    it.effect(`do not hold ${url} by ${JSON.stringify(hosts)}`, () =>
      Effect.gen(function* () {
        const { asked, resolve } = fakeResolver(["1.1.1.1"])
        const { reported, request } = yield* egressWith({}, resolve)
        const error = yield* Effect.flip(request({ ...to("https://x/"), url: new URL(url), hosts }))
        assert.strictEqual(error.reason, "host_not_allowed")
        assert.notInclude(error.message, "secret")
        assert.isFalse(error.sent)
        assert.strictEqual(asked(), 0)
        assert.deepStrictEqual(reported, [])
      })
    )
  }

  for (const url of [
    "http://api.example/",
    "ftp://api.example/",
    "ws://api.example/",
    "http://127.0.0.1/"
  ]) {
    it.effect(`S-29 ${url} is not https`, () =>
      Effect.gen(function* () {
        const { request } = yield* egressWith()
        assert.strictEqual((yield* Effect.flip(request(to(url)))).reason, "insecure_protocol")
      })
    )
  }

  for (const url of ["ftp://localhost/", "ws://127.0.0.1/"]) {
    it.effect(`S-29 ${url} is refused also where loopback is open`, () =>
      Effect.gen(function* () {
        const { request } = yield* egressWith({ unsafelyAllowLoopback: true })
        assert.strictEqual((yield* Effect.flip(request(to(url)))).reason, "insecure_protocol")
      })
    )
  }
})

describe("names below localhost", () => {
  it.effect("are this machine, without asking a name server (RFC 6761 §6.3)", () =>
    Effect.gen(function* () {
      // No name server can tell a name with a label that is too long.
      const name = `${"x".repeat(64)}.github.com.localhost`
      const answers = yield* Effect.promise((signal) => makeResolver()(name, signal))
      assert.deepStrictEqual(answers, [
        { address: "127.0.0.1", family: 4 },
        { address: "::1", family: 6 }
      ])
    })
  )

  it.effect("are reached where loopback is open", () =>
    Effect.gen(function* () {
      const server = yield* httpServer((_request, response) => response.end("fine"))
      const { request } = yield* egressWith({ unsafelyAllowLoopback: true })
      const url = `http://api.github.com.localhost:${server.port}/user`
      assert.strictEqual((yield* request(to(url))).status, 200)
      assert.strictEqual(server.seen[0]?.headers["host"], `api.github.com.localhost:${server.port}`)
    })
  )

  it.effect("S-65 are blocked like every other way to this machine where it is not", () =>
    Effect.gen(function* () {
      const { request } = yield* egressWith()
      const secure = yield* Effect.flip(request(to("https://api.github.com.localhost/")))
      assert.strictEqual(secure.reason, "address_blocked")
      const plain = yield* Effect.flip(request(to("http://api.github.com.localhost/")))
      assert.strictEqual(plain.reason, "insecure_protocol")
    })
  )
})
