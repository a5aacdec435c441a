import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { errorCodes, errorCodesOf } from "../../site/src/errors.ts"
import { goals } from "../../site/src/guide.ts"
import { llmsFullTxt, llmsTxt } from "../../site/src/llms.ts"
import { anchorsOf, linksOf, mapLinks, slugify } from "../../site/src/markdown.ts"
import { checkLinks, writtenPages } from "../../site/src/pages.ts"
import { workspace } from "../../scripts/steps.ts"

const site = writtenPages()
const errors = site.pages.get("reference/errors.md") ?? ""

test("every code that an answer can have is explained, with a cause and a fix", () => {
  const { paths } = JSON.parse(readFileSync(`${workspace}docs/openapi.json`, "utf8")) as {
    readonly paths: Record<
      string,
      Record<string, { readonly responses: Record<string, { readonly description: string }> }>
    >
  }
  const inAnswers = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ responses }) => Object.entries(responses))
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([, { description }]) => [...description.matchAll(/(?:^|\| )`(?<code>\w+)`: /g)])
    .map(({ groups }) => groups?.["code"] ?? "")
  expect(inAnswers).toContain("internal_error")
  const headings = anchorsOf(errors)
  expect(inAnswers.filter((code) => !headings.has(code))).toEqual([])
  const codes = errorCodes().map(({ code }) => code)
  expect(codes).toContain("reconnect_required")
  expect(codes.filter((code) => !headings.has(code))).toEqual([])
  expect(errors.match(/^\*\*Cause\.\*\* \S/gm)?.length).toBeGreaterThan(codes.length)
  expect(errors.match(/^\*\*Fix\.\*\* \S/gm)).toHaveLength(
    errors.match(/^\*\*Cause\.\*\*/gm)?.length ?? 0
  )
})

const declaration = (doc: string): string =>
  `${doc}export class Lost extends TaggedError("Lost")<{ readonly at: string }> {
    readonly code = "lost"
    override get message(): string {
      return this.at === "" ? "It is lost." : \`It is lost at \${this.at}.\`
    }
  }`

test("a code is declared with its cause and its fix, or the pages are not made", () => {
  const [lost] = errorCodesOf(
    "Errors.ts",
    declaration("/**\n * It went.\n *\n * @fix Look for it.\n */\n")
  )
  expect(lost).toMatchObject({
    code: "lost",
    cause: "It went.",
    fix: "Look for it.",
    messages: ["It is lost.", "It is lost at <at>."]
  })
  for (const doc of ["", "/** It went. */\n", "/** @fix Look for it. */\n"]) {
    expect(() => errorCodesOf("Errors.ts", declaration(doc))).toThrow(
      "Errors.ts: the docblock of Lost (lost) must say the cause, and after @fix what to do."
    )
  }
})

test("a link to no page, or to no heading of one, is found, and one in an example is none", () => {
  const pages = (text: string) =>
    new Map([
      ["a.md", `# A\n\n${text}\n`],
      ["in/b.md", "# B\n\n## It's `b`\n\n## It's `b`\n"]
    ])
  for (const good of ["[b](in/b.md#its-b-1)", "[a](#a)", "`[b](c.md)`", "[x](https://example.com)"])
    expect(() => checkLinks(pages(good))).not.toThrow()
  for (const dead of ["[b](b.md)", "[b](in/b.md#its-c)", "[a](#b)"])
    expect(() => checkLinks(pages(dead))).toThrow("Links that lead nowhere:\na.md: ")
})

test("a heading's anchor is GitHub's", () => {
  expect(slugify("Pages that tenants' servers run: a `cookie`, and 2 more")).toBe(
    "pages-that-tenants-servers-run-a-cookie-and-2-more"
  )
  expect(mapLinks("[`a`](b.md)\n```ts\n[c](d.md)\n```", () => "x.md")).toBe(
    "[`a`](x.md)\n```ts\n[c](d.md)\n```"
  )
})

test("each page has one place in the sidebar", () => {
  const missing = new Map([...site.pages].filter(([path]) => !path.startsWith("reference/")))
  expect(() => goals(missing)).not.toThrow()
  missing.set("new.md", "# New")
  expect(() => goals(missing)).toThrow(
    "docs/README.md names new.md 0 times, and must name each page once."
  )
})

test("llms.txt lists each page by its Markdown, and the full one has their text", () => {
  const listed = linksOf(llmsTxt(site))
  const named = listed.filter((path) => path !== "llms-full.txt")
  expect(named.filter((path) => !site.pages.has(path))).toEqual([])
  expect(named).toContain("frameworks/express.md")
  expect(named).toContain("agents.md")
  expect(llmsFullTxt(site)).toContain(site.pages.get("tokens.md"))
})
