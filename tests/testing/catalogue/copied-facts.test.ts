import { catalogueIds, factsOf } from "@hawser/testing/facts"
import { expect, it } from "vitest"
import { copiedFacts } from "../../../packages/testing/src/catalogue/copiedFacts.ts"
import { withMembers } from "./members.ts"

const facts = factsOf("zoom")

/** A vendor whose refusals are what is given. */
const vendor = (provider: string, refused: object, busy?: object) =>
  withMembers(facts, {
    provider,
    "token.url": `https://login.${provider}.example/token`,
    "token.refused": { status: 400, body: { error: "invalid_grant" } },
    "refresh.refused": { status: 400, body: refused },
    "refresh.busy": busy && [{ status: 400, body: busy }]
  }) as typeof facts

it("facts that refuse in another vendor's words are a copy, and both are named", () => {
  const words = { error: "invalid_grant", error_description: "The token is over." }
  const others = { error: "gone", message: "Sign in again." }
  expect(Object.fromEntries(copiedFacts([vendor("forge", words), vendor("mill", words)]))).toEqual({
    mill: "forge",
    forge: "mill"
  })
  expect([...copiedFacts([vendor("forge", words), vendor("mill", others)])]).toEqual([])
  expect([...copiedFacts([vendor("forge", words), vendor("mill", words, others)])]).toEqual([])
})

it("a code of the standard without words is not a copy, and one vendor may have two entries", () => {
  const code = { error: "invalid_grant" }
  expect([...copiedFacts([vendor("forge", code), vendor("mill", code)])]).toEqual([])
  const words = { error: "invalid_grant", error_description: "The token is over." }
  const second = withMembers(vendor("forge", words), { provider: "forge-key" }) as typeof facts
  expect([...copiedFacts([vendor("forge", words), second])]).toEqual([])
})

it("no two vendors of the catalogue refuse in the same words", () => {
  expect([...copiedFacts(catalogueIds.map((id) => factsOf(id)))]).toEqual([])
})
