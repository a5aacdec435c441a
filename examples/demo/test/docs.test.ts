import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

const fences = [...read("../../../docs/testing.md").matchAll(/^```ts\n(?<code>.*?)^```$/gms)].map(
  ({ groups }) => groups?.["code"]
)

it("docs/testing.md has the test of a connect page as it runs", () => {
  const [, shown] = read("connect-page.test.ts").split("stands in docs/testing.md.\n")
  expect(fences).toContain(shown)
})

it("docs/testing.md has the check of a definition as it runs", () => {
  expect(fences).toContain(read("own-definition.test.ts"))
})
