import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { githubDefinition } from "@hawser/providers"
import { fingerprint, type VerificationRecord } from "../../../packages/cli/src/verify/record.ts"
import { readFiles } from "../../../scripts/providers/catalog.ts"
import { catalogPage } from "../../../scripts/providers/page.ts"
import { readVerified } from "../../../scripts/providers/verified.ts"

const files = [readFiles("github"), readFiles("slack")]

const record: VerificationRecord = {
  provider: "github",
  date: "2026-11-30",
  version: "0.1.0",
  // Of the definition as the command line has it, from the helpers.
  definition: fingerprint(githubDefinition),
  scopes: ["read:user"],
  outcome: "passed",
  steps: [
    { step: "connect", outcome: "passed" },
    { step: "refresh", outcome: "none" },
    { step: "call", outcome: "passed" },
    { step: "revoke", outcome: "passed" }
  ]
}

const folderWith = (name: string, content: object): string => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-verified-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), JSON.stringify(content))
  return folder
}

it("the page of the catalogue shows the day of a record, and whether the definition has changed since", () => {
  const page = (content: object) =>
    catalogPage(files, readVerified(files, folderWith("github.json", content)))
  expect(page(record)).toMatch(/## Connected at the vendor\n\n- \[GitHub\]\([^)]+\): 2026-11-30\n/)
  expect(page({ ...record, definition: "0".repeat(64) })).toContain(
    ": 2026-11-30, by an earlier definition\n"
  )
  expect(catalogPage(files, new Map())).toContain("No record of a connection at a vendor itself")
})

it.each([
  ["the simulator's", { simulated: true }, "its vendor was the simulator"],
  ["one that failed", { outcome: "failed" }, "it has not passed"],
  ["one that ended early", { steps: record.steps.slice(0, 1) }, "it has not all steps"],
  ["one of another provider", { provider: "slack" }, "it is of no provider of its name"]
])("a record is refused: %s", (_, members, problem) => {
  const folder = folderWith("github.json", { ...record, ...members })
  expect(() => readVerified(files, folder)).toThrow(problem)
})
