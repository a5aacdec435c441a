import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8")

/** The files that a piece of Markdown links to. */
const linksIn = (markdown: string): ReadonlyArray<string> =>
  [...markdown.matchAll(/\]\((?<path>[^):#]+)\)/g)].map(({ groups }) => groups?.["path"] ?? "")

const rows = [
  ...read("SECURITY.md").matchAll(/^\| (?<number>S-\d{2,3}) +\|.*\|(?<files>[^|]*)\|$/gm)
]
  .map(({ groups }) => groups ?? {})
  .map(({ files, number }) => ({ number: number ?? "", files: linksIn(files ?? "") }))

/** The numbers in the titles of a file's tests: outside of comments, a number stands nowhere else. */
const numbersIn = (path: string): ReadonlyArray<string> => {
  const code = read(path)
    .replaceAll(/^\s*\/\*.*?\*\//gms, "")
    .replaceAll(/(?:^|\s)\/\/.*$/gm, "")
  return [...code.matchAll(/\bS-\d{2,3}\b/g)].map(([number]) => number)
}

const byNumber = (a: string, b: string): number => Number(a.slice(2)) - Number(b.slice(2))

const testFiles = globSync(
  [
    "packages/*/test/**/*.ts",
    "tests/**/*.ts",
    "packages/testing/src/**/*.ts",
    "examples/*/test/**/*.ts",
    "test-support/test/**/*.ts",
    "test-support/mount-traps.ts"
  ],
  { cwd: root, exclude: ["**/node_modules/**"] }
)

test("each promise in SECURITY.md has its test in each file that it names", () => {
  expect(rows.length).toBeGreaterThan(40)
  for (const { files, number } of rows) {
    expect([number, files]).not.toEqual([number, []])
    const without = files.filter(
      (file) => !testFiles.includes(file) || !numbersIn(file).includes(number)
    )
    expect([number, without]).toEqual([number, []])
  }
})

test("each number that a test is named by is a promise in SECURITY.md, which stands there once", () => {
  const promised = rows.map(({ number }) => number)
  expect(promised).toEqual([...new Set(promised)].toSorted(byNumber))
  const tested = new Set(testFiles.flatMap(numbersIn))
  expect([...tested].filter((number) => !promised.includes(number))).toEqual([])
})

test("each number that the threat model names has its row", () => {
  const [model = ""] = read("SECURITY.md").split("## Each promise")
  const named = new Set([...model.matchAll(/\bS-\d{2,3}\b/g)].map(([number]) => number))
  expect(named.size).toBeGreaterThan(20)
  expect([...named].filter((number) => !rows.some((row) => row.number === number))).toEqual([])
})

test("no source names a promise by its number: the numbers stand in tests and in SECURITY.md", () => {
  const sources = globSync(
    [
      "packages/*/src/**/*.ts",
      "{examples/*,proof,mutation,bench}/src/**/*.ts",
      "scripts/**/*.ts",
      "test-support/*.ts"
    ],
    {
      cwd: root,
      // The suites of the testing kit are tests, and a simulated answer has a version that looks like a number.
      exclude: ["packages/testing/src/**", "test-support/mount-traps.ts"]
    }
  )
  expect(sources.length).toBeGreaterThan(300)
  expect(sources.filter((file) => /\bS-\d{2,3}\b/.test(read(file)))).toEqual([])
})

const pages = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], {
  cwd: root
}).toSorted()

test("the pages are found", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "SECURITY.md", "docs/glossary.md"]))
})

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsIn = (markdown: string): ReadonlyArray<string> =>
  [...markdown.matchAll(/^#+ (?<heading>.+)$/gm)].map(({ groups }) =>
    (groups?.["heading"] ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-")
  )

test.each(pages)("%s links to nothing that is not there", (page) => {
  const targets = [...read(page).matchAll(/\]\((?<target>(?!https?:)[^)\s]+)\)/g)].map(
    ({ groups }) => groups?.["target"] ?? ""
  )
  const broken = targets.filter((target) => {
    const [path = "", anchor] = decodeURI(target).split("#")
    const file = path === "" ? page : join(dirname(page), path)
    if (!existsSync(`${root}${file}`)) return true
    return anchor !== undefined && file.endsWith(".md") && !anchorsIn(read(file)).includes(anchor)
  })
  expect(broken).toEqual([])
})
