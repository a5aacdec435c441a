import { isObject } from "@hawser/core"
import { Effect, Option } from "effect"
import { Flag, GlobalFlag } from "effect/cli"
import type { HawserOptions } from "hawser"
import { existsSync } from "node:fs"
import { relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Problem } from "../Problem.ts"
import { keepStdout } from "../terminal.ts"
import { keepSecretsOf, keepSecretsOfEnvironment, withoutSecrets } from "./secrets.ts"

/** The host's own options, and the file that they came from. */
export interface Host {
  readonly file: string
  /** As its types say; what the host really gives is checked where it is used. */
  readonly options: HawserOptions
}

export const Config = GlobalFlag.Setting("config")({
  flag: Flag.String("config").pipe(
    Flag.withDescription("Your module that exports the options, or starts the instance"),
    Flag.optional
  )
})

export const EnvFile = GlobalFlag.Setting("env-file")({
  flag: Flag.String("env-file").pipe(
    Flag.withDescription("Variables to load first. Default: .env.local and .env, where they are"),
    Flag.optional
  )
})

const extensions = ["ts", "mts", "js", "mjs", "cjs"]

/** Where a host keeps its options, or its instance; the first that is there counts. */
const places = [
  "hawser.config",
  "src/hawser.config",
  ...["", "src/", "lib/", "src/lib/", "app/", "server/", "src/server/"].map(
    (folder) => `${folder}hawser`
  )
].flatMap((name) => extensions.map((extension) => `${name}.${extension}`))

/** The file of a folder in which the command line looks for the options. */
export const findHostFile = (folder: string): string | undefined =>
  places.map((place) => resolve(folder, place)).find((file) => existsSync(file))

const begin = "Name the file with --config, or write it with npx hawser init."

const findFile = Effect.fnUntraced(function* (given: Option.Option<string>) {
  if (Option.isSome(given)) {
    const file = resolve(given.value)
    if (existsSync(file)) return file
    return yield* new Problem({
      code: "config_not_found",
      problem: `There is no file ${given.value}.`,
      next: "Name the file that exports the options of createHawser, or that calls it."
    })
  }
  const found = findHostFile("")
  if (found !== undefined) return found
  return yield* new Problem({
    code: "config_not_found",
    problem:
      "There is no hawser.config.ts in this folder, and no hawser.ts that starts the instance.",
    next: `Run the command in your app's folder. ${begin}`
  })
})

const loadVariables = Effect.fnUntraced(function* (given: Option.Option<string>) {
  const wanted = Option.match(given, {
    onNone: () => [".env.local", ".env"].filter((file) => existsSync(file)),
    onSome: (file) => [file]
  })
  for (const file of wanted) {
    // What is set already stays as it is.
    yield* Effect.try({
      try: () => process.loadEnvFile(file),
      catch: () =>
        new Problem({
          code: "env_file_unreadable",
          problem: `${file} cannot be read.`,
          next: "Name a file that is there, with lines such as NAME=value."
        })
    })
  }
  keepSecretsOfEnvironment()
})

/** The variables alone, for commands that need no options. */
export const loadEnvironment = Effect.flatMap(EnvFile, loadVariables)

/** Where `createHawser` of the package leaves the options, in place of starting. */
const reader = Symbol.for("hawser.optionsReader")

type Options = () => unknown

interface Loaded {
  /** What `createHawser` or `lazyHawser` was called with. */
  readonly given: ReadonlyArray<Options>
  readonly exported: Readonly<Record<string, unknown>>
}

/**
 * Imports the module until it has ended or has called `createHawser`, which never returns here: what comes after it, such as
 * a server that listens, is not run.
 */
const importModule = async (file: string): Promise<Loaded> => {
  const given: Array<Options> = []
  const called = Promise.withResolvers<void>()
  Object.defineProperty(globalThis, reader, {
    configurable: true,
    value: (options: Options) => {
      given.push(options)
      called.resolve()
    }
  })
  const imported = import(pathToFileURL(file).href) as Promise<Readonly<Record<string, unknown>>>
  const exported = await Promise.race([imported, called.promise.then(() => ({}))])
  // A module that has not called it at its top may export options.
  imported.catch(() => {})
  return { given, exported }
}

const optionNames = ["default", "options", "config", "hawserOptions"]

const isOptions = (value: unknown): value is HawserOptions =>
  isObject(value) && "store" in value && "providers" in value

const hintOf = (code: unknown): string | undefined => {
  switch (code) {
    case "ERR_MODULE_NOT_FOUND":
    case "ERR_UNSUPPORTED_DIR_IMPORT":
      return "Node runs the file by itself: imports need the file's extension (./users.ts), and aliases of tsconfig.json are not known. Keep what Hawser needs in a hawser.config.ts of its own."
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
    case "ERR_INVALID_TYPESCRIPT_SYNTAX":
      return "Node only removes types: enums, namespaces, parameter properties and decorators need a compiler. Keep what Hawser needs in a hawser.config.ts without them."
    case "ERR_UNKNOWN_FILE_EXTENSION":
      return "Node reads .ts from version 22.18 on, and no .tsx. Keep what Hawser needs in a hawser.config.ts."
    default:
      return undefined
  }
}

const unreadable = (file: string, error: unknown): Problem => {
  const code = isObject(error) ? error["code"] : undefined
  const said = error instanceof Error ? error.message : String(error)
  return new Problem({
    code: "config_not_loaded",
    problem: `${relative(process.cwd(), file)} cannot be loaded: ${withoutSecrets(said.split("\n")[0] ?? "")}`,
    next:
      hintOf(code) ??
      "It runs as your app would run it. Set the variables that it needs, in .env or with --env-file."
  })
}

const optionsOf = async ({ exported, given }: Loaded): Promise<unknown> => {
  const [first] = given
  if (first !== undefined) return first()
  const found = optionNames.map((name) => exported[name]).find(isOptions)
  if (found !== undefined) return found
  const made = exported["default"]
  return typeof made === "function" ? (made as () => unknown)() : undefined
}

/**
 * Loads the host's own module, which is the only place of its configuration: the options that it exports, those that it
 * gives to `createHawser`, or those of its `lazyHawser`. Nothing is started.
 */
export const loadHost: Effect.Effect<
  Host,
  Problem,
  GlobalFlag.Setting.Identifier<"config"> | GlobalFlag.Setting.Identifier<"env-file">
> = Effect.gen(function* () {
  const file = yield* findFile(yield* Config)
  yield* loadEnvironment
  keepStdout()
  const options = yield* Effect.tryPromise({
    try: async () => optionsOf(await importModule(file)),
    catch: (error) => unreadable(file, error)
  })
  if (!isOptions(options)) {
    return yield* new Problem({
      code: "config_without_options",
      problem: `${relative(process.cwd(), file)} has no options of Hawser: it exports none, and it does not call createHawser.`,
      next: "Export the options of createHawser as default, or call createHawser or lazyHawser in the file."
    })
  }
  keepSecretsOf(options)
  return { file, options }
})
