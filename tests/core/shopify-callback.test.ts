import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createHmac } from "node:crypto"
import type { OAuth2ProviderConfig } from "@hawser/core"
import { comeBack, forge, makeHost, startFlow } from "./support/host.ts"

const config: OAuth2ProviderConfig = {
  ...forge,
  requiredScopes: [],
  definition: {
    ...forge.definition,
    callbackSignature: { parameter: "hmac", ignores: ["signature"] }
  }
}

/** As Shopify signs: all parameters but `hmac`, sorted, with the client's secret. */
const signed = (
  parameters: Readonly<Record<string, string>>,
  secret = forge.clientSecret as string
): Record<string, string> => {
  const message = Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join("&")
  return { ...parameters, hmac: createHmac("sha256", secret).update(message).digest("hex") }
}

/** A whole flow whose callback is made of what the vendor would send. */
const finished = (make: (given: Record<string, string>) => Record<string, string>) => {
  const host = makeHost({ providers: [config] })
  return Effect.gen(function* () {
    const started = yield* startFlow()
    const { state, ...parameters } = make({
      code: "canary-code",
      shop: "acme.myshopify.com",
      state: started.state,
      timestamp: "1337178173"
    })
    const outcome = yield* comeBack({ ...started, state: state ?? "" }, { parameters })
    assert(outcome._tag === "Return")
    return { error: new URL(outcome.url).searchParams.get("error"), sent: host.sent.length }
  }).pipe(Effect.provide(host.layer))
}

describe("a callback of Shopify's", () => {
  it.effect("is taken where its signature is right", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* finished(signed), { error: null, sent: 1 })
    })
  )

  for (const [what, make] of [
    ["no signature", (given) => given],
    ["an empty one", (given) => ({ ...given, hmac: "" })],
    ["one that is not hex", (given) => ({ ...given, hmac: "z".repeat(64) })],
    ["half of one", (given) => ({ ...given, hmac: signed(given)["hmac"]?.slice(0, 32) ?? "" })],
    ["one by another secret", (given) => signed(given, "another-secret")],
    [
      "another shop than the one signed",
      (given) => ({ ...signed(given), shop: "eve.myshopify.com" })
    ],
    ["a parameter more than was signed", (given) => ({ ...signed(given), host: "eve" })]
  ] satisfies ReadonlyArray<
    readonly [string, (given: Record<string, string>) => Record<string, string>]
  >) {
    it.effect(`S-74 with ${what} ends the flow before any token request`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* finished(make), { error: "invalid_response", sent: 0 })
      })
    )
  }
})
