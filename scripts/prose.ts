import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { phrases } from "./prose/phrases.ts"
import { findPhrases } from "./prose/findPhrases.ts"
import { workspace } from "./steps.ts"

/** Fails when a page, a comment or a message has a phrase that is banned, with the place and the better words. */
const files = globSync(["**/*.md", "**/*.{ts,mjs}", "examples/*/page/*"], {
  cwd: workspace,
  exclude: [
    "**/{node_modules,dist,.cache,.cache-*}/**",
    "**/fixtures/**",
    "**/CHANGELOG.md",
    // Written from declarations, from the catalogue, or the list itself and its test.
    "docs/{api-report,providers}.md",
    "packages/providers/src/catalogue/**",
    "packages/testing/src/facts/factTexts.ts",
    "scripts/prose/phrases.ts",
    "test-support/test/prose.test.ts"
  ]
}).toSorted()

let found = 0
for (const file of files) {
  for (const { advice, line, text } of findPhrases(
    readFileSync(join(workspace, file), "utf8"),
    phrases
  )) {
    found++
    console.log(`${file}:${line}: "${text}". Write: ${advice}`)
  }
}
if (found > 0) process.exitCode = 1
else console.log(`${files.length} files without a banned phrase`)
