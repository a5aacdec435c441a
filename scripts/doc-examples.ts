import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { workspace } from "./steps.ts"

/**
 * Writes each example of the pages and the docblocks as a module of its own into a folder that tsconfig.json includes.
 * `tests` has every package that an example imports, so the examples resolve as they do in a host.
 */
const folder = `${workspace}tests/.cache/doc-examples`

interface Example {
  readonly file: string
  readonly line: number
  readonly code: string
  readonly isJsx?: boolean
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

/** The fences of a page that are marked `ts`, and whole files of either language that name themselves behind it. */
const fences = (file: string, text: string): ReadonlyArray<Example> =>
  [...text.matchAll(/^```(?:ts|(?:js|ts|(?<jsx>tsx)) \S+)\n(?<code>.*?)^```$/gms)].map((match) => ({
    file,
    line: lineOf(text, match.index),
    code: match.groups?.["code"] ?? "",
    isJsx: match.groups?.["jsx"] !== undefined
  }))

/** What stands under `@example` in a docblock, up to the next tag or the end of the block. */
const docblocks = (file: string, text: string): ReadonlyArray<Example> =>
  [...text.matchAll(/^ *\* @example\n(?<code>.*?)^ *\*(?:\/| @)/gms)].map((match) => ({
    file,
    line: lineOf(text, match.index),
    code: (match.groups?.["code"] ?? "").replaceAll(/^ *\* ?/gm, "")
  }))

const find = (patterns: ReadonlyArray<string>, read: typeof fences): ReadonlyArray<Example> =>
  globSync([...patterns], { cwd: workspace, exclude: ["**/node_modules/**"] })
    .toSorted()
    .flatMap((file) => read(file, readFileSync(`${workspace}${file}`, "utf8")))

/** An example need not use everything that it declares: what stands at its left margin is exported. */
const declared = (code: string): ReadonlyArray<string> => [
  ...[...code.matchAll(/^(?:async )?(?:const|let|function|class) (?<name>[\w$]+)/gm)].map(
    (match) => match.groups?.["name"] ?? ""
  ),
  ...[...code.matchAll(/^const (?:\{(?<names>[^{}]*)\}|\[(?<items>[^[\]]*)\]) =/gm)].flatMap(
    (match) =>
      `${match.groups?.["names"] ?? ""},${match.groups?.["items"] ?? ""}`
        .split(",")
        .map((name) => (name.split(":").at(-1) ?? "").trim())
        .filter((name) => name !== "")
  )
]

const moduleOf = (code: string): string => {
  const names = declared(code)
  // A host may write process.env.NAME; this workspace's own code may not.
  const own = code.replaceAll(/\bprocess\.env\.(\w+)/g, 'process.env["$1"]')
  return names.length === 0 ? own : `${own}\nexport { ${names.join(", ")} }\n`
}

const examples = [
  ...find(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], fences),
  ...find(["packages/*/src/**/*.ts"], docblocks)
]
if (examples.length === 0) throw new Error("No example was found.")

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const { code, file, isJsx, line } of examples) {
  const name = `${file.replaceAll(/[^\w.-]/g, "_")}.line-${line}.ts${isJsx ? "x" : ""}`
  writeFileSync(`${folder}/${name}`, moduleOf(code))
}
console.log(`${examples.length} examples; a file's name says where its example stands`)
