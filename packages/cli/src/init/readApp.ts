import { isObject } from "@hawser/core"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { dirname, extname, join, posix } from "node:path"
import { Problem } from "../Problem.ts"

export const frameworks = ["next", "nest", "hono", "fastify", "express", "node"] as const
export type Framework = (typeof frameworks)[number]

/** How a host writes its modules. */
export interface Style {
  readonly isTypeScript: boolean
  /** Whether files are loaded as ES modules, which alone have `await` at their top. */
  readonly isEsm: boolean
  /** The end of a file's name. */
  readonly extension: string
  /** What an import of such a file ends with: nothing, where the host's compiler wants nothing. */
  readonly imported: string
}

/** What is found in a host's folder. */
export interface App {
  readonly folder: string
  readonly framework: Framework
  readonly style: Style
  /** Where new modules go, below the folder: `src/`, or nothing. */
  readonly sources: string
  /** The file that makes the server. Undefined if there is none yet, and for Next.js. */
  readonly entry: { readonly file: string; readonly text: string } | undefined
  /** What package.json depends on. */
  readonly dependencies: ReadonlySet<string>
  readonly packageManager: "npm" | "pnpm" | "yarn" | "bun"
}

export const textOf = (folder: string, file: string): string | undefined => {
  const path = join(folder, file)
  return existsSync(path) ? readFileSync(path, "utf8") : undefined
}

interface Manifest {
  readonly type: string | undefined
  readonly dependencies: ReadonlySet<string>
  readonly scripts: ReadonlyArray<string>
  readonly main: string | undefined
}

const members = (value: unknown): Readonly<Record<string, unknown>> =>
  isObject(value) ? value : {}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const readManifest = (folder: string): Effect.Effect<Manifest, Problem> =>
  Effect.gen(function* () {
    const found = textOf(folder, "package.json")
    if (found === undefined) {
      return yield* new Problem({
        code: "no_app",
        problem: "There is no package.json in this folder.",
        next: "Run the command in your app's folder, or begin one with npm init."
      })
    }
    const manifest = yield* Effect.try({
      try: () => members(JSON.parse(found)),
      catch: () =>
        new Problem({
          code: "no_app",
          problem: "package.json is not JSON.",
          next: "Mend it, and run the command again."
        })
    })
    const names = ["dependencies", "devDependencies", "peerDependencies"]
    return {
      type: text(manifest["type"]),
      main: text(manifest["main"]),
      dependencies: new Set(names.flatMap((name) => Object.keys(members(manifest[name])))),
      scripts: Object.values(members(manifest["scripts"])).flatMap((one) => text(one) ?? [])
    }
  })

const packageOf: Readonly<Record<Exclude<Framework, "node">, string>> = {
  next: "next",
  nest: "@nestjs/core",
  hono: "hono",
  fastify: "fastify",
  express: "express"
}

const frameworkOf = ({ dependencies }: Manifest): Framework =>
  frameworks.find((one) => one !== "node" && dependencies.has(packageOf[one])) ?? "node"

const extensions = ["ts", "mts", "js", "mjs", "cjs"]
const names = ["server", "index", "app", "main"].flatMap((name) =>
  extensions.map((extension) => `${name}.${extension}`)
)

/** The files that may make the server, the likeliest first: those that package.json starts. */
const candidates = ({ main, scripts }: Manifest): ReadonlyArray<string> => {
  const started = scripts.flatMap((script) => script.match(/[\w./-]+\.[cm]?[jt]s\b/g) ?? [])
  const usual = ["src/", "", "server/", "app/", "lib/"].flatMap((folder) =>
    names.map((name) => folder + name)
  )
  return (
    [...started, ...(main === undefined ? [] : [main]), ...usual]
      .map((file) => posix.normalize(file))
      // `init` writes into the app's folder alone, and `main` may name a folder.
      .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.startsWith("../"))
  )
}

/** What shows that a file makes the server. */
const makesServer: Readonly<Record<Exclude<Framework, "next">, RegExp>> = {
  express: /\bexpress\s*\(\s*\)/,
  fastify:
    /\b[Ff]astify\s*\(|\brequire\(["']fastify["']\)\s*\(|^(?:export\s+default|module\.exports\s*=)\s*async\s+function\b/m,
  hono: /\bnew\s+Hono\b/,
  nest: /\bNestFactory\s*\.\s*create\b/,
  node: /\bcreateServer\s*\(/
}

const findEntry = (folder: string, framework: Framework, manifest: Manifest): App["entry"] => {
  if (framework === "next") return undefined
  for (const file of new Set(candidates(manifest))) {
    const found = textOf(folder, file)
    if (found !== undefined && makesServer[framework].test(found)) return { file, text: found }
  }
  return undefined
}

/** The settings of a tsconfig.json that matter here; it may have comments, so it is searched and not parsed. */
const compilerOf = (folder: string) => {
  const found = textOf(folder, "tsconfig.json")
  const setting = (name: string): string =>
    new RegExp(`"${name}"\\s*:\\s*"?(\\w+)`, "i").exec(found ?? "")?.[1]?.toLowerCase() ?? ""
  return {
    isThere: found !== undefined,
    takesTs:
      setting("allowImportingTsExtensions") === "true" ||
      setting("rewriteRelativeImportExtensions") === "true",
    takesNone:
      /^(?:bundler|node|node10)$/.test(setting("moduleResolution")) ||
      /^(?:commonjs|preserve|es\w+)$/.test(setting("module")),
    isCommonJs: setting("module") === "commonjs"
  }
}

/** How the host's own code ends its imports, as far as it has any. */
const importedIn = (code: string): string | undefined => {
  const found = [...code.matchAll(/(?:from|import)\s*\(?["'](\.{1,2}\/[^"']+)["']/g)].map(
    ([, specifier = ""]) => specifier
  )
  if (found.length === 0) return undefined
  const end = extname(found[0] ?? "")
  return /^\.[cm]?[jt]s$/.test(end) ? end : ""
}

const styleOf = (folder: string, manifest: Manifest, framework: Framework, entry: App["entry"]) => {
  const compiler = compilerOf(folder)
  const end = entry === undefined ? "" : extname(entry.file)
  const isTypeScript =
    entry === undefined
      ? compiler.isThere || manifest.dependencies.has("typescript")
      : end.endsWith("ts")
  const isEsm =
    end.startsWith(".m") ||
    framework === "next" ||
    (manifest.type === "module" && end !== ".cjs" && !compiler.isCommonJs)
  const extension = end === "" ? (isTypeScript ? ".ts" : ".js") : end
  const compiled = extension.replace("ts", "js")
  const usual = !compiler.isThere || compiler.takesTs ? extension : compiled
  const bare = framework === "next" || compiler.takesNone ? "" : usual
  const imported = isTypeScript
    ? (importedIn(entry?.text ?? "") ?? (compiler.takesTs ? extension : bare))
    : framework === "next"
      ? ""
      : extension
  return { isTypeScript, isEsm, extension, imported }
}

const packageManagerOf = (folder: string): App["packageManager"] => {
  if (existsSync(join(folder, "pnpm-lock.yaml"))) return "pnpm"
  if (existsSync(join(folder, "yarn.lock"))) return "yarn"
  return existsSync(join(folder, "bun.lock")) ? "bun" : "npm"
}

/** Finds out what kind of app a folder has. */
export const readApp = (folder: string, given: Framework | undefined) =>
  Effect.gen(function* () {
    const manifest = yield* readManifest(folder)
    const framework = given ?? frameworkOf(manifest)
    const entry = findEntry(folder, framework, manifest)
    const app: App = {
      folder,
      framework,
      style: styleOf(folder, manifest, framework, entry),
      sources: sourcesOf(folder, entry),
      entry,
      dependencies: manifest.dependencies,
      packageManager: packageManagerOf(folder)
    }
    return app
  })

/** Where the entry is, if the command line looks there for the options. */
const sourcesOf = (folder: string, entry: App["entry"]): string => {
  const beside = entry === undefined ? undefined : `${dirname(entry.file)}/`.replace(/^\.\//, "")
  const looked = ["", "src/", "lib/", "app/", "server/", "src/server/"]
  if (beside !== undefined && looked.includes(beside)) return beside
  return existsSync(join(folder, "src")) ? "src/" : ""
}
