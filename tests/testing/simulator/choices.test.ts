import { assert, describe, it } from "@effect/vitest"
import type { ProviderConfig } from "@hawser/core"
import * as helpers from "@hawser/providers"
import { catalogueIds, factsOf } from "@hawser/testing/facts"
import { type SimulatedClient, startSimulator } from "@hawser/testing/simulator"
import { createHawser, memory } from "hawser"

const publicUrl = "http://localhost:3000"
const redirectUrl = "http://localhost:3000/done"
const admin = { tenantId: "acme", userId: "ann" }

/** Each value of a provider's fields that a person may choose, and none if the definition has a default. */
const choicesOf = (facts: ReturnType<typeof factsOf>) =>
  Object.entries(facts.fields ?? {}).flatMap(([name, { choices = [], required }]) =>
    (required === false && choices.length > 0 ? [undefined, ...choices] : choices).map(
      (choice) => ({ name, choice })
    )
  )

const offering = catalogueIds.map(factsOf).filter((facts) => choicesOf(facts).length > 0)

const helperOf = (id: string): ((client: SimulatedClient) => ProviderConfig) => {
  const name = id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  return (helpers as unknown as Record<string, (client: SimulatedClient) => ProviderConfig>)[
    name
  ] as (client: SimulatedClient) => ProviderConfig
}

describe("each choice that a vendor offers is played", () => {
  it("by every provider of the catalogue that has one", async () => {
    const simulator = await startSimulator({ providers: offering })
    const hawser = await createHawser({
      publicUrl,
      allowedRedirectUrls: [redirectUrl],
      authenticate: () => Promise.resolve({ ...admin, roles: ["admin"] }),
      providers: offering.map(({ provider }) =>
        simulator.simulate(helperOf(provider), { publicUrl })
      ),
      store: memory(),
      workers: "off",
      encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
      unsafelyAllowLoopback: true
    })
    for (const facts of offering) {
      const { provider } = facts
      for (const { name, choice } of choicesOf(facts)) {
        const { [name]: _, ...others } = simulator.fields(provider)
        const fields = choice === undefined ? others : { ...others, [name]: choice }
        const tenantId = `${provider}-${choice}`
        if (facts.authType === "api_key") {
          const { status } = await hawser
            .tenant(tenantId, { user: admin.userId })
            .credentials(provider)
            .store({ credentials: fields })
          assert.strictEqual(status, "validated", tenantId)
        } else {
          const begun = await hawser
            .tenant(tenantId, { user: admin.userId })
            .connect(provider, { redirectUrl, fields })
          assert("authorizationUrl" in begun)
          const { url } = await simulator.visit(begun.authorizationUrl)
          const cookie = begun.setCookie?.split(";")[0] ?? ""
          const back = await hawser.handler(new Request(url, { headers: { cookie } }))
          assert.include(back.headers.get("location"), "status=connected", tenantId)
        }
      }
    }
    assert.deepStrictEqual([...simulator.violations], [])
    await hawser.close()
    await simulator.close()
  })
})
