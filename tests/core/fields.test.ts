import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Field, ProviderId, storeCredentials } from "@hawser/core"
import { ann, makeHost, provider } from "./support/host.ts"

/** What becomes of a value that the tenant's admin fills in: the header it is sent in, or what is wrong with it. */
const sentAs = (field: Partial<Field>, credentials: Readonly<Record<string, unknown>>) => {
  const host = makeHost({
    providers: [
      {
        definition: {
          id: ProviderId.make("gauge"),
          displayName: "Gauge",
          category: "monitoring",
          description: "A monitoring service.",
          authType: "api_key",
          fields: [{ name: "key", label: "Key", ...field }],
          headers: { "x-api-key": "{key}" },
          check: { url: "https://gauge.example/validate" }
        }
      }
    ],
    answer: () => new Response()
  })
  return Effect.gen(function* () {
    const result = yield* Effect.result(
      storeCredentials(ann, yield* provider("gauge"), { credentials })
    )
    if (result._tag === "Success") return host.sent[0]?.headers["x-api-key"] ?? ""
    assert.deepStrictEqual(host.sent, [])
    return result.failure._tag === "ValidationError"
      ? result.failure.details.map(({ code, path }) => `${path} ${code}`).join()
      : result.failure._tag
  }).pipe(Effect.provide(host.layer))
}

const invalid = "credentials.key invalid"

describe("the fields of a definition", () => {
  const cases: ReadonlyArray<readonly [string, Partial<Field>, unknown, string]> = [
    [
      "a value is sent as it is",
      {},
      "a key: with + 100% {key} 'quotes'",
      "a key: with + 100% {key} 'quotes'"
    ],
    ["a template in a value stays text", {}, "{other}", "{other}"],
    ["an object that says it is text is not", {}, { toString: () => "k" }, invalid],
    ["a pattern holds for the whole value", { pattern: "[a-z]+" }, "abc", "abc"],
    ["not for its beginning", { pattern: "[a-z]+" }, "abc1", invalid],
    ["not for its end", { pattern: "[a-z]+" }, "1abc", invalid],
    ["alternatives are not a way out", { pattern: "a|b" }, "ax", invalid],
    ["no member that every object has", { choices: ["eu"] }, "constructor", invalid],
    ["a subdomain is one label", { format: "subdomain" }, "acme-1", "acme-1"],
    ["of 63 characters at most", { format: "subdomain" }, "a".repeat(64), invalid],
    ["without a dot", { format: "subdomain" }, "a.b", invalid],
    ["without a hyphen at an end", { format: "subdomain" }, "a-", invalid],
    ["in lower case", { format: "subdomain" }, "Acme", invalid]
  ]
  for (const [what, field, value, expected] of cases) {
    it.effect(what, () =>
      Effect.map(sentAs(field, { key: value }), (sent) => assert.strictEqual(sent, expected))
    )
  }

  it.effect("a default stands in for what was left out, and only for that", () =>
    Effect.gen(function* () {
      const field = { default: "us", choices: ["us", "eu"] } as const
      assert.strictEqual(yield* sentAs(field, {}), "us")
      assert.strictEqual(yield* sentAs(field, { key: "eu" }), "eu")
      assert.strictEqual(yield* sentAs(field, { key: "" }), invalid)
      assert.strictEqual(yield* sentAs(field, { key: null }), invalid)
    })
  )

  it.effect("what is missing, unknown or inherited is told by place, never by name", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* sentAs({}, {}), "credentials.key missing")
      assert.strictEqual(yield* sentAs({ required: false }, {}), "")
      assert.strictEqual(
        yield* sentAs({}, { key: "k", "canary-secret": "x" }),
        "credentials unknown"
      )
      assert.strictEqual(
        yield* sentAs({}, Object.create({ key: "inherited" }) as Record<string, unknown>),
        "credentials.key missing"
      )
    })
  )
})
