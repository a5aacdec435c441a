import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8")

const rows = new Map(
  [...read("SECURITY.md").matchAll(/^\| (?<number>S-\d\d) +\|.*\|(?<files>[^|]*)\|$/gm)].map(
    ({ groups }) => [
      groups?.["number"] ?? "",
      [...(groups?.["files"] ?? "").matchAll(/\]\((?<path>[^)]+)\)/g)].map(
        (link) => link.groups?.["path"] ?? ""
      )
    ]
  )
)

/** The numbers that the titles of a file's tests begin with. */
const numbersIn = (path: string): ReadonlySet<string> =>
  new Set(
    [...read(path).matchAll(/["`](?<numbers>(?:S-\d\d )+)/g)].flatMap(({ groups }) =>
      (groups?.["numbers"] ?? "").trim().split(" ")
    )
  )

const testFiles = globSync(
  [
    "packages/*/test/**/*.ts",
    "packages/testing/src/**/*.ts",
    "examples/*/test/**/*.ts",
    "test-support/test/*.ts"
  ],
  { cwd: root, exclude: ["**/node_modules/**"] }
)

test("each promise in SECURITY.md has its test in each file that it names", () => {
  expect(rows.size).toBeGreaterThan(40)
  for (const [number, files] of rows) {
    expect([number, files.length]).not.toEqual([number, 0])
    expect([number, files.filter((file) => !numbersIn(file).has(number))]).toEqual([number, []])
  }
})

test("each number that a test is named by is a promise in SECURITY.md", () => {
  const tested = new Set(testFiles.flatMap((file) => [...numbersIn(file)]))
  expect([...tested].filter((number) => !rows.has(number))).toEqual([])
})
