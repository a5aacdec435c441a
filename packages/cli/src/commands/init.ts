import { Effect, Option } from "effect"
import { Flag, Prompt } from "effect/cli"
import { resolve } from "node:path"
import { diffOf, write } from "../init/change.ts"
import { stores } from "../init/instance.ts"
import { type InitPlan, planInit, type Registration } from "../init/planInit.ts"
import { frameworks } from "../init/readApp.ts"
import { Json, reporting } from "../report.ts"
import { isTerminal, note } from "../terminal.ts"

const flags = {
  providers: Flag.String("providers").pipe(
    Flag.withDescription(
      "Which providers to begin with, by their ids, with commas. Default github"
    ),
    Flag.withDefault("github")
  ),
  store: Flag.Literals("store", stores).pipe(
    Flag.withDescription("postgres, or pglite for a database in a folder. Default postgres"),
    Flag.withDefault("postgres")
  ),
  framework: Flag.Literals("framework", frameworks).pipe(
    Flag.withDescription("Your framework. Default: what package.json depends on"),
    Flag.optional
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withDescription("Write without asking"),
    Flag.withDefault(false)
  )
}

const idsOf = (given: string): ReadonlyArray<string> => [
  ...new Set(
    given
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== "")
  )
]

const registration = ({ displayName, docs, redirectUri }: Registration): string =>
  `  ${displayName}: the redirect (or callback) URL ${redirectUri}${docs === undefined ? "" : `\n    ${docs}`}`

const numbered = (steps: ReadonlyArray<string>): ReadonlyArray<string> =>
  steps.map((step, at) => `  ${at + 1}. ${step.replaceAll("\n", "\n     ")}`)

const afterwards = ({ page, registrations, steps }: InitPlan): ReadonlyArray<string> => [
  "Next:",
  ...numbered(steps),
  ...(registrations.length === 0
    ? []
    : [
        "",
        "Register at the vendors, exactly as it stands here, and again for each other address of your app:",
        ...registrations.map(registration)
      ]),
  "",
  `The page is ${page}. npx hawser doctor looks at the whole configuration.`
]

const kindOf = ({ app: { framework, style } }: InitPlan): string =>
  `${framework}, ${style.isTypeScript ? "TypeScript" : "JavaScript"}, ${style.isEsm ? "ES modules" : "CommonJS"}`

export const init = reporting(
  "init",
  "Put Hawser into your app: the mount, a settings page and the variables",
  flags,
  ({ framework, providers, store, yes }) =>
    Effect.gen(function* () {
      const folder = resolve(".")
      const plan = yield* planInit({
        folder,
        framework: Option.getOrUndefined(framework),
        providers: idsOf(providers),
        store
      })
      const { app, changes, page, registrations, secrets, steps } = plan
      const diffs = changes.map((change) => ({
        file: change.file,
        kind: change.kind,
        diff: diffOf(change, secrets)
      }))
      const shown = diffs.map(({ diff }) => diff).join("\n\n")
      const asks = !yes && changes.length > 0 && isTerminal() && !(yield* Json)
      if (asks) note(`${kindOf(plan)}\n\n${shown}\n`)
      const agreed = yes || (asks && (yield* Prompt.Confirm({ message: "Write this?" })))
      if (agreed) {
        for (const change of changes) {
          const wrong = write(folder, change)
          if (wrong !== undefined) return yield* wrong
        }
      }
      const json = {
        framework: app.framework,
        language: app.style.isTypeScript ? "typescript" : "javascript",
        modules: app.style.isEsm ? "esm" : "commonjs",
        entry: app.entry?.file ?? null,
        changes: diffs,
        written: agreed && changes.length > 0,
        register: registrations,
        steps,
        page
      }
      if (changes.length === 0) {
        return { json, text: ["Nothing to change.", "", ...afterwards(plan)].join("\n") }
      }
      if (!agreed) {
        return {
          json,
          text: asks
            ? "Nothing was written."
            : `${kindOf(plan)}\n\n${shown}\n\nNothing was written.\nNext: npx hawser init --yes writes it.`,
          isFailure: true
        }
      }
      return {
        json,
        text: [
          ...diffs.map(
            ({ file, kind }) => `${kind === "create" ? "written" : "added to"}  ${file}`
          ),
          "",
          ...afterwards(plan)
        ].join("\n")
      }
    })
)
