import { describe, expect, it } from "vitest"
import { checkProvider, flipsOf } from "../../../packages/testing/src/catalogue/index.ts"
import { chosenProviders, seed } from "../../../test-support/chosen-providers.ts"
import { providerIds, readProvider } from "./catalogFiles.ts"
import { checkWith } from "./changedBy.ts"

describe(`the whole life of a connection, as the vendor's facts have it (HAWSER_SEED=${seed})`, () => {
  it.each(chosenProviders(providerIds()))("%s", async (id) => {
    expect(await checkProvider(readProvider(id))).toEqual([])
  })
})

describe("what the check says of a definition that is wrong", () => {
  const github = readProvider("github")

  it.each([
    ["a typo", { scopeSeperator: "," }, /^github\.json: .*scopeSeperator.*scopeSeparator/],
    ["a wrong type", { defaultScopes: "repo" }, /^github\.json: .*defaultScopes/],
    [
      "an unknown placeholder",
      { tokenEndpoint: "https://{site}.github.com/x" },
      /^github\.json: .*tokenEndpoint.*\{site\}/
    ],
    [
      "an http URL",
      { tokenEndpoint: "http://github.com/x" },
      /^github\.json: .*tokenEndpoint.*https/
    ],
    ["a fact of another vendor", { displayName: "Forge" }, /^displayName: .*Forge.*GitHub/]
  ])("%s names the file and the field", async (_, change, message) => {
    const [problem] = await checkProvider({
      ...github,
      definition: { ...github.definition, ...change }
    })
    expect(problem).toMatch(message)
  })

  it("says the file of facts that are wrong", async () => {
    const facts = { ...(github.facts as object), scope: [] }
    expect(await checkProvider({ ...github, facts })).toEqual([
      expect.stringMatching(/^github\.facts\.json: .*scope/s)
    ])
  })

  it("says the setting whose pattern takes what its vendor refuses", async () => {
    expect(await checkWith("reddit", "settings.0.pattern", "[\\x20-\\x7e]{1,199}")).toBe(
      "settings.user_agent takes what it must refuse"
    )
  })
})

describe("flips", () => {
  it("change and leave out each leaf, element and member, and move each URL", () => {
    const names = flipsOf({ a: "x", b: [1], c: { d: true }, e: "https://acme.example/e" }).map(
      ({ name }) => name
    )
    expect(names).toEqual([
      "a left out",
      "a changed",
      "b left out",
      "b.0 left out",
      "b.0 changed",
      "c left out",
      "c.d left out",
      "c.d changed",
      "e left out",
      "e changed",
      "e at another host"
    ])
  })
})
