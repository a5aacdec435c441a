import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const workspace = fileURLToPath(new URL("../..", import.meta.url))
const read = (file: string): string => readFileSync(join(workspace, file), "utf8")

/** What a test of a framework runs. */
const files = globSync(
  [
    "examples/nextjs/next.config.ts",
    "examples/nextjs/src/**/*.{ts,tsx}",
    "tests/frameworks/*/*.{ts,js,cjs,mjs,json}"
  ],
  { cwd: workspace, exclude: ["**/*.test.ts"] }
)

const pages = ["frameworks/nextjs", "frameworks/nestjs", "frameworks/lambda", "commonjs", "jest"]

/** The fences that the check of types leaves out. */
const fences = (page: string) =>
  [...page.matchAll(/^```(?:typescript|tsx|js|json)\n(?<code>.*?)^```$/gms)].map(
    ({ groups }) => groups?.["code"] ?? ""
  )

describe.each(pages)("docs/%s.md", (page) => {
  it("shows files as they run in a test", () => {
    const shown = fences(read(`docs/${page}.md`))
    expect(shown.length).toBeGreaterThan(0)
    const running = files.map(read)
    for (const code of shown) expect(running).toContain(code)
  })
})
