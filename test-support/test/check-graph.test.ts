import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { steps } from "../../scripts/check.ts"
import { filesOf, inputsOf, type Node, runGraph } from "../../scripts/graph.ts"
import { workspace } from "../../scripts/steps.ts"

let root = ""
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hawser-graph-"))
  write("src/a.ts", "export const a = 1")
  write("docs/page.md", "A page")
  write(".config.json", "{}")
  write("node_modules/.pnpm/lock.yaml", "effect: 1")
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const node = (name: string, script: string, rest: Partial<Node> = {}): Node => ({
  name,
  program: "node",
  args: ["-e", script],
  ...rest
})
const passes = node("passes", "")
const endOf = async (one: Node): Promise<string | undefined> =>
  (await runGraph([one], { root })).get(one.name)

describe("A step of check", () => {
  it("is not run again on the same files", async () => {
    expect(await endOf(passes)).toBe("passed")
    expect(await endOf(passes)).toBe("unchanged")
  })

  it.each<[string, () => void]>([
    ["a file changed", () => write("src/a.ts", "export const a = 2")],
    ["a file was added", () => write("src/deep/b.ts", "")],
    ["a hidden file was added", () => write(".hidden/rules.json", "{}")],
    ["a file was removed", () => rmSync(join(root, "docs/page.md"))],
    ["a configuration changed", () => write(".config.json", "{ }")],
    [
      "a file was renamed",
      () => {
        rmSync(join(root, "src/a.ts"))
        write("src/b.ts", "export const a = 1")
      }
    ],
    [
      "another version of a package was installed",
      () => write("node_modules/.pnpm/lock.yaml", "effect: 2")
    ]
  ])("is run again when %s", async (_, change) => {
    await endOf(passes)
    change()
    expect(await endOf(passes)).toBe("passed")
    expect(await endOf(passes)).toBe("unchanged")
  })

  it("is run again with other arguments", async () => {
    await endOf(passes)
    expect(await endOf(node("passes", "1"))).toBe("passed")
  })

  it("is not run again for a file that it ignores, and is for every other", async () => {
    const code = node("code", "", { ignores: ["**/*.md"] })
    await endOf(code)
    write("docs/page.md", "Another page")
    expect(await endOf(code)).toBe("unchanged")
    write("docs/page.json", "{}")
    expect(await endOf(code)).toBe("passed")
  })

  it("that failed is run again, as is what came to pass after another content", async () => {
    const reads = node(
      "reads",
      "process.exit(require('fs').readFileSync('src/a.ts', 'utf8').includes('1') ? 0 : 1)"
    )
    expect(await endOf(reads)).toBe("passed")
    write("src/a.ts", "export const a = 2")
    expect(await endOf(reads)).toBe("failed")
    expect(await endOf(reads)).toBe("failed")
    write("src/a.ts", "export const a = 1")
    expect(await endOf(reads)).not.toBe("failed")
  })

  it("is run again when a file was edited while it ran", async () => {
    const edits = node("edits", "require('fs').writeFileSync('src/a.ts', 'another')")
    expect(await endOf(edits)).toBe("passed")
    // Put back, it is a content that the step may never have read.
    write("src/a.ts", "export const a = 1")
    expect(await endOf(edits)).toBe("passed")
  })

  it("is not run again for what a build left behind, which git does not know", async () => {
    for (const file of ["packages/a/THIRD-PARTY-LICENSES.txt", "src/tsconfig.tsbuildinfo"]) {
      const builds = node(
        file,
        `
        require('fs').mkdirSync('${dirname(file)}', { recursive: true })
        require('fs').writeFileSync('${file}', '')`
      )
      expect(await endOf(builds)).toBe("passed")
      expect(await endOf(builds)).toBe("unchanged")
    }
  })

  it("waits for what it needs, and fails with it", async () => {
    const makes = node("makes", "require('fs').writeFileSync('dist.txt', '')", { always: true })
    const needs = node("needs", "require('fs').readFileSync('dist.txt')", { after: ["makes"] })
    expect((await runGraph([needs, makes], { root })).get("needs")).toBe("passed")
    const breaks = node("makes", "process.exit(1)", { always: true })
    expect((await runGraph([needs, breaks], { root })).get("needs")).toBe("failed")
  })
})

describe("The steps of check", () => {
  it("read every file that git knows, but for the pages where they have no part in it", () => {
    const files = filesOf(workspace)
    const known = execFileSync("git", ["ls-files", "-z"], { cwd: workspace, encoding: "utf8" })
      .split("\0")
      .filter((file) => file !== "" && existsSync(join(workspace, file)))
    const forgotten = steps.flatMap((step) => {
      const inputs = new Set(inputsOf(step, files).map(([path]) => path))
      return known
        .filter((file) => !inputs.has(file) && !file.endsWith(".md"))
        .map((file) => `${step.name}: ${file}`)
    })
    expect(forgotten).toEqual([])
    expect(steps.filter(({ ignores }) => ignores === undefined).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["types", "catalogue"])
    )
    expect(readFileSync(join(workspace, "node_modules/.pnpm/lock.yaml"), "utf8")).not.toBe("")
  })
})
