import { createHash } from "node:crypto"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { workspace } from "../steps.ts"
import { writeDeclarations } from "./declarations.ts"
import { bundlePage } from "./page.ts"

interface Bundle {
  readonly folder: string
  /** The entries that share files. */
  readonly builds: ReadonlyArray<ReadonlyArray<string>>
  /** The entries that somebody imports, and which need declarations. */
  readonly imported: ReadonlyArray<string>
  /** A folder that is read by its place beside the files. Its `page.js` is bundled. */
  readonly pages?: string
}

const bundles: ReadonlyArray<Bundle> = [
  {
    folder: "packages/hawser",
    // A page loads the client alone, so it shares no file with the others, and the command finds the command line.
    builds: [["index", "providers"], ["client"], ["bin"]],
    imported: ["index", "providers", "client"]
  },
  // Run as it is, so nobody imports it.
  { folder: "packages/cli", builds: [["main"]], imported: [], pages: "src/sample/page" }
]

/** Bundles `hawser` and its command line, with Effect and everything else below them, into files of their own. */
export const bundle = async (): Promise<void> => {
  const made = hashOfInputs()
  for (const one of bundles) await bundlePackage(one, made)
}

const bundlePackage = async (
  { builds, folder, imported, pages }: Bundle,
  made: string
): Promise<void> => {
  const home = join(workspace, folder)
  const out = join(home, "dist")
  /** What the bundle was made of, by its hash. */
  const stamp = join(home, ".cache/bundled")
  const notices = join(home, "THIRD-PARTY-LICENSES.txt")
  const isThere = [
    ...builds.flat().map((name) => join(out, `${name}.js`)),
    ...imported.map((name) => join(out, `${name}.d.ts`)),
    notices
  ].every((file) => existsSync(file))
  if (isThere && existsSync(stamp) && readFileSync(stamp, "utf8") === made) return
  rmSync(out, { recursive: true, force: true })
  const modules = new Set<string>()
  for (const names of builds) for (const id of await bundled(home, names)) modules.add(id)
  writeFileSync(notices, noticesOf(modules))
  if (pages !== undefined) {
    const to = join(out, basename(pages))
    cpSync(join(home, pages), to, { recursive: true })
    await bundlePage(join(home, pages, "page.js"), join(to, "page.js"))
  }
  if (imported.length > 0) {
    writeDeclarations(
      Object.fromEntries(imported.map((name) => [name, join(home, `.cache/build/${name}.d.ts`)])),
      out
    )
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, made)
}

const hashOfInputs = (): string => {
  const hash = createHash("sha256")
  const files = globSync(
    ["packages/*/src/**/*.{ts,html,css,js}", "packages/*/package.json", "scripts/bundle/*"],
    {
      cwd: workspace
    }
  )
  for (const file of ["pnpm-lock.yaml", ...files.toSorted()]) {
    hash.update(file).update(readFileSync(join(workspace, file)))
  }
  return hash.digest("hex")
}

/** Writes the files of some entries and returns the modules in them. */
const bundled = async (
  home: string,
  names: ReadonlyArray<string>
): Promise<ReadonlyArray<string>> => {
  const build = await rolldown({
    cwd: home,
    input: Object.fromEntries(names.map((name) => [name, `src/${name}.ts`])),
    platform: "node",
    external: /^node:/,
    resolve: { conditionNames: ["@hawser/source", "import", "node", "default"] },
    treeshake: { moduleSideEffects: false }
  })
  const { output } = await build.write({
    dir: join(home, "dist"),
    format: "esm",
    // The bundle keeps the comments that tell a host's bundler about an import.
    comments: { legal: false, annotation: true, jsdoc: false },
    chunkFileNames: "[name].js",
    // A name of its own, by which stack traces leave it out.
    codeSplitting: {
      groups: [
        { name: "runtime", test: /node_modules/ },
        { name: "shared", minShareCount: 2 }
      ]
    }
  })
  await build.close()
  for (const file of output)
    if (file.type === "chunk") writeFileSync(join(home, "dist", file.fileName), inAscii(file.code))
  return output.flatMap((chunk) =>
    chunk.type === "chunk"
      ? Object.entries(chunk.modules).flatMap(([id, { code }]) => (code === null ? [] : [id]))
      : []
  )
}

/** One letter outside of Latin-1 makes V8 keep the text of a whole file with two bytes a character. */
const inAscii = (code: string): string =>
  code.replace(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** The licences ask for their text wherever the code goes. */
const noticesOf = (modules: ReadonlySet<string>): string => {
  const folders = new Map<string, string>()
  for (const id of modules) {
    const [, folder, name] = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//.exec(id) ?? []
    if (folder !== undefined && name !== undefined) folders.set(name, folder)
  }
  const byName = [...folders].toSorted(([a], [b]) => a.localeCompare(b))
  const texts = byName.map(([name, folder]) => {
    const { license, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly license?: string
      readonly version: string
    }
    const files = globSync("{LICENSE,LICENCE,COPYING,NOTICE}*", { cwd: folder }).toSorted()
    const text = files.map((file) => readFileSync(join(folder, file), "utf8").trim())
    if (license === undefined) throw new Error(`${name} ${version} names no licence`)
    return [`${name} ${version} (${license})`, ...text].join("\n\n")
  })
  return [
    "The files in dist hold parts of these packages.",
    ...texts.map((text) => `${"-".repeat(80)}\n${text}`)
  ].join("\n\n")
}
