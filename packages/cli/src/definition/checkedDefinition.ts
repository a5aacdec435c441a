import { isObject } from "@hawser/core"
import { checkProvider } from "@hawser/testing/catalogue"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { extname, relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Problem } from "../Problem.ts"
import { keepStdout } from "../terminal.ts"

export interface Checked {
  readonly id: string
  readonly file: string
  /** What the simulated vendor objects to. */
  readonly problems: ReadonlyArray<string>
}

const hasDefinition = (value: unknown): value is { readonly definition: { readonly id: string } } =>
  isObject(value) && isObject(value["definition"]) && typeof value["definition"]["id"] === "string"

/** The facts stand beside the module, under its name. */
const factsFileOf = (file: string): string =>
  `${file.slice(0, file.length - extname(file).length)}.facts.json`

const readFacts = (file: string): Effect.Effect<unknown, Problem> =>
  Effect.try({
    try: () => JSON.parse(readFileSync(file, "utf8")) as unknown,
    catch: () =>
      new Problem({
        code: "facts_not_read",
        problem: existsSync(file) ? `${file} is not JSON.` : `There is no file ${file}.`,
        next: "It says what the vendor's pages say, and npx hawser providers add begins it."
      })
  })

/** Imports a host's module that defines a provider, and plays the provider's life by the facts beside it. */
export const checkedDefinition = (given: string): Effect.Effect<Checked, Problem> =>
  Effect.gen(function* () {
    const file = resolve(given)
    const shown = relative(process.cwd(), file)
    keepStdout()
    const exported = yield* Effect.tryPromise({
      try: () => import(pathToFileURL(file).href) as Promise<Readonly<Record<string, unknown>>>,
      catch: (error) =>
        new Problem({
          code: "definition_not_loaded",
          problem: `${shown} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
          next: "Node runs the file by itself. Mend what it says, or name another file."
        })
    })
    const found = Object.values(exported).filter(hasDefinition)
    const [provider] = found
    if (provider === undefined || found.length > 1) {
      return yield* new Problem({
        code: "definition_not_loaded",
        problem: `${shown} exports ${found.length} providers.`,
        next: "Export one, made by defineProvider, so that the facts beside the file are its."
      })
    }
    const { definition } = provider
    const facts = yield* readFacts(relative(process.cwd(), factsFileOf(file)))
    const problems = yield* Effect.promise(() =>
      checkProvider({ definition, facts, source: shown })
    )
    return { id: definition.id, file: shown, problems }
  })
