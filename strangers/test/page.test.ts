import { globSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { addedLines, parseWalk, walkOf } from "../src/page.ts"
import { starters } from "../src/starters.ts"

const pages = globSync(fileURLToPath(new URL("../../docs/frameworks/*.md", import.meta.url)))

describe("a page to follow", () => {
  it("each page with a section of steps has a starter, and each starter such a page", () => {
    const followed = pages.filter((file) =>
      readFileSync(file, "utf8").includes("\n## Step by step\n")
    )
    expect(followed.map((file) => basename(file, ".md")).toSorted()).toEqual(
      Object.keys(starters).toSorted()
    )
  })

  it.each(Object.keys(starters))("%s: the steps are commands and whole files", (framework) => {
    const { blocks, callUrl, settingsUrl } = walkOf(framework)
    expect(blocks.map(({ kind }) => kind)).toContain("file")
    expect(settingsUrl).not.toBe(callUrl)
  })
})

const page = (...parts: ReadonlyArray<string>) => `# Page\n\n## Step by step\n\n${parts.join("\n")}`
const start =
  "```sh\nnode app.js # goes on\n```\n`http://localhost:3000/a` and `http://localhost:3000/b`\n"

describe("reading a page", () => {
  it("the last command starts the server, and two URLs stand behind it", () => {
    const read = parseWalk(page("```sh\none\ntwo \\\n  three\n```", "```js app.js\n1\n```", start))
    expect(read).toEqual({
      blocks: [
        { kind: "commands", lines: ["one", "two    three"] },
        { kind: "file", path: "app.js", text: "1\n" },
        { kind: "commands", lines: [] }
      ],
      start: "node app.js",
      settingsUrl: "http://localhost:3000/a",
      callUrl: "http://localhost:3000/b"
    })
  })

  it("what stands below the next heading is not done", () => {
    const { blocks } = parseWalk(page(start, "## The mount", "```ts\nmore\n```"))
    expect(blocks).toHaveLength(1)
  })

  it.each([
    ["a file without a name", page("```ts\n1\n```", start), 'The block "ts"'],
    ["no section", "# Page\n", "no section"],
    ["no command at the end", page(start, "```js app.js\n1\n```"), "has to start the server"],
    ["no URLs", page("```sh\nnode app.js\n```"), "two URLs"]
  ])("%s is refused", (_, text, problem) => {
    expect(() => parseWalk(text)).toThrow(problem)
  })

  it("lines are counted that the starter has not, without comments, brackets alone and the style of quotes", () => {
    const before = "const a = 1;\nrun('a');\n"
    const after = '// Why.\nconst a = 1\nconst b = 2\nrun({\n  a\n})\n/* More. */\nrun("a")\n'
    expect(addedLines(before, after)).toBe(3)
  })
})
