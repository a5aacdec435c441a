import { assert, describe, it } from "@effect/vitest"
import { capturedFrom, capturedValue } from "../../packages/core/src/provider/capturedValue.ts"
import type { Capture, Field } from "@hawser/core"

const subdomain: Field = { name: "shop", label: "Shop", secret: false, format: "subdomain" }
const region: Field = { name: "region", label: "Region", secret: false, choices: ["eu", "us"] }
const values = { shop: "acme", region: "eu" }

const value = (capture: Omit<Capture, "from" | "path">, returned: unknown) =>
  capturedValue(
    { from: "token_response", path: ["x"], ...capture },
    [subdomain, region],
    values,
    returned
  )

describe("S-66 a host that a vendor returns", () => {
  const below = { hostBelow: [".my.salesforce.com", ".salesforce.mil"] } as const
  for (const [returned, host] of [
    ["https://acme.my.salesforce.com", "acme.my.salesforce.com"],
    ["https://acme.my.salesforce.com/services/oauth2", "acme.my.salesforce.com"],
    ["https://acme.my.salesforce.com?x=1#y", "acme.my.salesforce.com"],
    ["acme.my.salesforce.com", "acme.my.salesforce.com"],
    ["HTTPS://ACME.My.SalesForce.Com/", "acme.my.salesforce.com"],
    ["https://acme--dev.sandbox.my.salesforce.com", "acme--dev.sandbox.my.salesforce.com"],
    ["https://base.salesforce.mil", "base.salesforce.mil"]
  ] as const) {
    it(`is kept of ${returned}`, () => assert.strictEqual(value(below, returned), host))
  }

  for (const returned of [
    "https://evil.example",
    "https://my.salesforce.com",
    "https://.my.salesforce.com",
    "https://evil.my.salesforce.com.evil.example",
    "https://evilmy.salesforce.com",
    "https://evil.example/.my.salesforce.com",
    "https://evil.example?.my.salesforce.com",
    "https://evil.example#.my.salesforce.com",
    "https://evil.example\\.my.salesforce.com",
    "https://evil.example%2f.my.salesforce.com",
    "https://user@acme.my.salesforce.com",
    "https://user:word@acme.my.salesforce.com",
    "https://acme.my.salesforce.com@evil.example",
    "https://acme.my.salesforce.com:443",
    "https://acme.my.salesforce.com:8443",
    "https://acme.my.salesforce.com.",
    "http://acme.my.salesforce.com",
    "ftp://acme.my.salesforce.com",
    "//acme.my.salesforce.com",
    "https:///acme.my.salesforce.com",
    "https://acme..my.salesforce.com",
    "https://-acme.my.salesforce.com",
    "https://ac me.my.salesforce.com",
    "https://ac\tme.my.salesforce.com",
    " https://acme.my.salesforce.com",
    "https://bücher.my.salesforce.com",
    "https://127.0.0.1",
    "https://[::1]",
    "https://x.localhost",
    `https://${"a".repeat(64)}.my.salesforce.com`,
    `https://acme.my.salesforce.com/${"a".repeat(300)}`,
    "",
    7,
    true,
    ["https://acme.my.salesforce.com"],
    { host: "acme.my.salesforce.com" },
    null
  ]) {
    it(`is not ${JSON.stringify(returned).slice(0, 60)}`, () =>
      assert.isUndefined(value(below, returned)))
  }

  it("is exactly the tenant's where the tenant has named it", () => {
    const sameAs = { hostBelow: [".myshopify.com"], sameAs: "shop" } as const
    assert.strictEqual(value(sameAs, "acme.myshopify.com"), "acme.myshopify.com")
    for (const other of ["other.myshopify.com", "acme.other.myshopify.com", "acme.evil.example"])
      assert.isUndefined(value(sameAs, other), other)
    assert.strictEqual(value({ sameAs: "region" }, "eu"), "eu")
    for (const other of ["us", "EU", "eu ", ""])
      assert.isUndefined(value({ sameAs: "region" }, other), other)
    assert.isUndefined(value({ sameAs: "unnamed" }, "eu"))
  })
})

describe("a value that a vendor returns", () => {
  it("is matched as a whole", () => {
    const pattern = { pattern: "[a-f0-9]{4}|x" }
    for (const good of ["ab12", "x"]) assert.strictEqual(value(pattern, good), good)
    for (const bad of ["ab123", "xx", "ab12\n", "ab12/..", "\nab12"])
      assert.isUndefined(value(pattern, bad))
  })

  it("is text, or a number that JavaScript has not rounded", () => {
    assert.strictEqual(value({}, 9_007_199_254_740_991), "9007199254740991")
    for (const bad of [9_007_199_254_740_992, 1.5, Number.NaN, true, {}, [], "\ud800"])
      assert.isUndefined(value({}, bad))
  })

  it("is fit for a header: nothing can be injected after it", () => {
    for (const bad of ["a\r\nX-Evil: 1", "a\0", "a\u007f", "a".repeat(256)])
      assert.isUndefined(value({}, bad))
  })
})

describe("all that is told at once", () => {
  const captures: Readonly<Record<string, Capture>> = {
    realm: { from: "callback", parameter: "realmId", pattern: "[0-9]+" },
    team: { from: "token_response", path: ["team", "id"] },
    label: { from: "token_response", path: ["label"], required: false },
    cloud: { from: "request", path: [{ only: true }, "id"] }
  }
  const from = (body: unknown) =>
    capturedFrom(
      { captures },
      {},
      {
        token_response: (path) => {
          const [first = "", second] = path.map(String)
          const member = (body as Record<string, unknown>)[first]
          return second === undefined
            ? member
            : (member as Record<string, unknown> | undefined)?.[second]
        }
      }
    )

  it("is taken from its own place alone", () => {
    assert.deepStrictEqual(from({ team: { id: 7 }, realmId: "1", label: "x" }), {
      team: "7",
      label: "x"
    })
    assert.deepStrictEqual(capturedFrom({ captures }, {}, { callback: () => "42" }), {
      realm: "42"
    })
  })

  it("is nothing at all where one that must be there is missing", () => {
    for (const id of [undefined, null, ""]) assert.isUndefined(from({ team: { id }, label: "x" }))
  })

  it("goes on without one that need not be there, and not with a wrong one", () => {
    for (const label of [undefined, null, ""])
      assert.deepStrictEqual(from({ team: { id: "t" }, label }), { team: "t" })
    assert.isUndefined(from({ team: { id: "t" }, label: { evil: true } }))
  })
})
