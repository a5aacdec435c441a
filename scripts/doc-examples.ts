import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { run, workspace } from "./steps.ts"

/** Where the examples are written out, each a module of its own. */
const folder = `${workspace}.cache/doc-examples`

interface Example {
  readonly file: string
  readonly line: number
  readonly code: string
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

/** The fences of a page that are marked `ts`. */
const fences = (file: string, text: string): ReadonlyArray<Example> =>
  [...text.matchAll(/^```ts\n(?<code>.*?)^```$/gms)].map((match) => ({
    file,
    line: lineOf(text, match.index),
    code: match.groups?.["code"] ?? ""
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

/** Type-checks every example of the pages and the docblocks, as a host's own strict project would. */
export const checkDocExamples = async (): Promise<void> => {
  const examples = [
    ...find(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], fences),
    ...find(["packages/*/src/**/*.ts"], docblocks)
  ]
  if (examples.length === 0) throw new Error("No example was found.")

  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { code, file, line } of examples) {
    const name = `${file.replaceAll(/[^\w.-]/g, "_")}.line-${line}.ts`
    writeFileSync(`${folder}/${name}`, `${code}\nexport {}\n`)
  }
  const config = {
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      noEmit: true,
      declaration: false,
      declarationMap: false,
      sourceMap: false,
      // A host may write process.env.NAME, and an example need not use all that it makes.
      noPropertyAccessFromIndexSignature: false,
      noUnusedLocals: false,
      types: ["node"],
      paths: {
        hawser: ["../../packages/hawser/src/index.ts"],
        "hawser/client": ["../../packages/hawser/src/client.ts"],
        "hawser/effect": ["../../packages/hawser/src/effect.ts"],
        "hawser/providers": ["../../packages/hawser/src/providers.ts"],
        "@hawser/http/client": ["../../packages/http/src/createClient.ts"],
        "@hawser/postgres/effect": ["../../packages/postgres/src/effect.ts"],
        "@hawser/providers/facts": ["../../packages/providers/src/facts.ts"],
        "@hawser/testing/catalogue": ["../../packages/testing/src/catalogue/index.ts"],
        "@hawser/testing/simulator": ["../../packages/testing/src/simulator/index.ts"],
        "@hawser/*": ["../../packages/*/src/index.ts"],
        // What only one package knows.
        express: ["../../packages/express/node_modules/@types/express/index.d.ts"],
        hono: ["../../examples/web/node_modules/hono/dist/types/index.d.ts"],
        "@hono/node-server/conninfo": [
          "../../examples/web/node_modules/@hono/node-server/dist/conninfo.d.mts"
        ],
        fastify: ["../../packages/fastify/node_modules/fastify/fastify.d.ts"],
        "playwright-core": ["../../examples/demo/node_modules/playwright-core/index.d.ts"]
      }
    },
    include: ["*.ts"]
  }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config))
  if (!(await run("doc examples", "tsc", ["-p", folder]))) {
    throw new Error("The file's name says where the example stands.")
  }
  console.log(`${examples.length} examples compile`)
}
