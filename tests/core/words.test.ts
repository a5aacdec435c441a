import { readFileSync } from "node:fs"
import { FlowFailure, IntegrationError, IntegrationStatus } from "@hawser/core"
import { assert, describe, it } from "@effect/vitest"

const page = readFileSync(new URL("../../docs/reconnecting.md", import.meta.url), "utf8")

/** The first words in code of the rows of a table, by its first line. */
const firstColumn = (heading: string): ReadonlyArray<string> =>
  page
    .slice(page.indexOf(`\n${heading}\n`) + 1)
    .split("\n\n")[0]
    ?.split("\n")
    .slice(2)
    .flatMap((row) => /^\| `(\w+)`/.exec(row)?.[1] ?? []) ?? []

describe("the page on connecting again has a text for", () => {
  it("each word that a page gets where a flow did not connect", () => {
    assert.deepStrictEqual(firstColumn("| `error` | what happened | a text to show |"), [
      ...FlowFailure.literals
    ])
  })

  it("each status, and each error that refreshing and its provider bring", () => {
    assert.includeMembers(
      [...firstColumn("| `status` | `error` | what happened | what your page says |")],
      [...IntegrationStatus.literals]
    )
    for (const word of IntegrationError.literals) {
      // Nothing brings these to a connection yet.
      if (word === "credential_rejected" || word === "insufficient_scope") continue
      assert.include(page, `| \`${word}\` |`)
    }
  })
})
