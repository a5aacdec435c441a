import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join, relative } from "node:path"
import { findHostFile } from "../host/loadHost.ts"
import { Problem } from "../Problem.ts"
import type { Change } from "./change.ts"
import { type ChosenProvider, chosenProvider } from "./chosenProvider.ts"
import { changedEntry, isMounted, linesByHand, newEntry } from "./entry.ts"
import { environmentOf, ignoreChange, isTracked } from "./environment.ts"
import { type FrameworkFile, nestFiles, nextFiles } from "./frameworkFiles.ts"
import { instanceFile, instanceModule, pagePath, type StoreName } from "./instance.ts"
import { isOurs, render, specifier } from "./moduleText.ts"
import { type App, type Framework, readApp, textOf } from "./readApp.ts"
import { routesFile, routesModule } from "./routes.ts"

export interface Registration {
  readonly provider: string
  readonly displayName: string
  readonly redirectUri: string
  /** The vendor's own page about it. */
  readonly docs: string | undefined
}

export interface InitPlan {
  readonly app: App
  readonly changes: ReadonlyArray<Change>
  /** Values that must not be shown. */
  readonly secrets: ReadonlyArray<string>
  /** What to register at the vendors. */
  readonly registrations: ReadonlyArray<Registration>
  /** What is left for a person, in order. */
  readonly steps: ReadonlyArray<string>
  readonly page: string
}

interface Asked {
  readonly folder: string
  readonly framework: Framework | undefined
  readonly providers: ReadonlyArray<string>
  readonly store: StoreName
}

const inTheWay = (file: string): Problem =>
  new Problem({
    code: "file_in_the_way",
    problem: `${file} is there already, and init did not write it. Nothing was changed.`,
    next: "Move it or rename it, or follow the page of your framework in docs/frameworks by hand."
  })

/** A whole file. One that init wrote earlier stays as the host has it now. */
const wholeFile = (
  { folder, style }: App,
  { extension, file, module }: FrameworkFile
): Effect.Effect<ReadonlyArray<Change>, Problem> => {
  const path = `${file}${extension ?? style.extension}`
  const there = textOf(folder, path)
  if (there === undefined)
    return Effect.succeed([{ kind: "create", file: path, text: render(module, style) }])
  return isOurs(there) ? Effect.succeed([]) : Effect.fail(inTheWay(path))
}

interface Part {
  readonly changes: ReadonlyArray<Change>
  readonly steps: ReadonlyArray<string>
}

const none: Part = { changes: [], steps: [] }

/** The file that makes the server: one line in the host's own, or a new one. */
const entryPart = (app: App): Effect.Effect<Part, Problem> => {
  const { entry, framework, sources } = app
  if (framework === "next") return Effect.succeed(none)
  if (entry === undefined) {
    if (framework === "nest")
      return Effect.succeed({
        changes: [],
        steps: [
          `Where you call NestFactory.create, add, before listen:\n${linesByHand(app, `${sources}main`).join("\n")}`
        ]
      })
    const file = `${sources}server`
    return Effect.map(wholeFile(app, { file, module: newEntry(app, file) }), (changes) => ({
      changes,
      steps: []
    }))
  }
  if (isMounted(entry.text)) return Effect.succeed(none)
  const change = changedEntry(app, entry)
  if (change === undefined) {
    return Effect.succeed({
      changes: [],
      steps: [
        `init finds no certain place in ${entry.file}. Where it makes the server, add:\n${linesByHand(app, entry.file).join("\n")}`
      ]
    })
  }
  const { before, file, parts } = change
  return Effect.succeed({
    changes: [{ kind: "insert", file, insertions: { before, parts } }],
    steps:
      framework === "node"
        ? []
        : [
            `If middleware in ${file} signs your users in, move the new line below it. Then change signedIn.`
          ]
  })
}

/** Nest's root module imports the new one. */
const nestPart = (app: App): Part => {
  const { folder, sources, style } = app
  const file = `${sources}app.module.ts`
  const text = textOf(folder, file)
  if (text?.includes("HawserModule") === true) return none
  const imports = [...(text ?? "").matchAll(/\bimports\s*:\s*\[/g)]
  const [one] = imports
  const from = specifier(file, `${sources}hawser.module`, style)
  const line = `import { HawserModule } from "${from}"`
  const head =
    /^(?:import\b[^;]*?["'][^"'\n]+["'][^\S\n]*;?[^\S\n]*\n)*/.exec(text ?? "")?.[0] ?? ""
  if (text === undefined || one === undefined || imports.length > 1)
    return { changes: [], steps: [`Add HawserModule to the imports of your root module:\n${line}`] }
  const isEmpty = /^\s*\]/.test(text.slice(one.index + one[0].length))
  const ending = /;[^\S\n]*$/m.test(text) ? ";\n" : "\n"
  return {
    changes: [
      {
        kind: "insert",
        file,
        insertions: {
          before: text,
          parts: [
            {
              at: head.length,
              text: (/from '/.test(text) ? line.replaceAll('"', "'") : line) + ending
            },
            { at: one.index + one[0].length, text: `HawserModule${isEmpty ? "" : ", "}` }
          ]
        }
      }
    ],
    steps: []
  }
}

/** What Next.js and Nest have besides. */
const frameworkPart = (app: App): Effect.Effect<Part, Problem> =>
  Effect.gen(function* () {
    const { folder, framework, style } = app
    if (framework === "nest") {
      const [file] = nestFiles(app)
      const { changes, steps } = nestPart(app)
      return {
        changes: [...(file === undefined ? [] : yield* wholeFile(app, file)), ...changes],
        steps
      }
    }
    if (framework !== "next") return none
    const changes: Array<Change> = []
    const steps: Array<string> = []
    for (const file of nextFiles(app)) {
      const path = `${file.file}${file.extension ?? style.extension}`
      const there = textOf(folder, path)
      if (file.mayBeTheirs === true && there !== undefined && !isOurs(there)) {
        if (!there.includes("lib/hawser"))
          steps.push(
            `Add to your ${path}:\n${render(file.module, style, { marked: false }).trim()}`
          )
      } else changes.push(...(yield* wholeFile(app, file)))
    }
    const config = ["next.config.ts", "next.config.mjs", "next.config.js"].flatMap(
      (name) => textOf(folder, name) ?? []
    )[0]
    if (config?.includes("serverExternalPackages") !== true)
      steps.push('Set serverExternalPackages: ["hawser"] in next.config: the build is faster.')
    return { changes, steps }
  })

const needed = (app: App, store: StoreName): ReadonlyArray<string> => {
  const { dependencies, framework } = app
  const nestOn = dependencies.has("@nestjs/platform-fastify")
    ? "@hawser/fastify"
    : "@hawser/express"
  const mount = { express: ["@hawser/express"], fastify: ["@hawser/fastify"], nest: [nestOn] }
  return [
    "hawser",
    "@hawser/elements",
    ...(framework in mount ? mount[framework as keyof typeof mount] : []),
    ...(framework === "hono" && app.entry === undefined ? ["@hono/node-server"] : []),
    ...(store === "pglite" ? ["@electric-sql/pglite"] : [])
  ].filter((name) => !dependencies.has(name))
}

const installWith = { npm: "npm install", pnpm: "pnpm add", yarn: "yarn add", bun: "bun add" }

const refuseWrongApp = (app: App): Problem | undefined => {
  const { folder, framework, sources, style } = app
  if (framework === "next" && !existsSync(join(folder, `${sources}app`))) {
    return new Problem({
      code: "next_without_app_router",
      problem: "This app of Next.js has no folder app, so it has no App Router.",
      next: "Add app/layout.tsx, and run the command again. Both routers may stand side by side."
    })
  }
  if (framework === "nest" && !style.isTypeScript) {
    return new Problem({
      code: "nest_without_typescript",
      problem: "This app of NestJS is not in TypeScript, and init writes a class with decorators.",
      next: "docs/frameworks/nestjs.md shows the module; write it as your app writes its own."
    })
  }
  return undefined
}

/** Options that somebody else has written would be a second Hawser beside them. */
const refuseSecond = (folder: string): Problem | undefined => {
  const found = findHostFile(folder)
  const text = found === undefined ? undefined : textOf("", found)
  if (found === undefined || text === undefined || isOurs(text)) return undefined
  const file = relative(folder, found)
  return new Problem({
    code: "file_in_the_way",
    problem: `${file} is there already, and init did not write it. Nothing was changed.`,
    next: "If it has your options of Hawser, npx hawser doctor looks at them. If not, rename it and run init again."
  })
}

const refuseCommitted = (folder: string, file: string): Problem | undefined =>
  isTracked(folder, file)
    ? new Problem({
        code: "env_file_committed",
        problem: `git has ${file} already, so the key that belongs into it would be committed. Nothing was changed.`,
        next: `Run git rm --cached ${file}, add it to .gitignore, and treat what it holds as known to others.`
      })
    : undefined

const openStep = (file: string, open: ReadonlyArray<string>): ReadonlyArray<string> =>
  open.length === 0 ? [] : [`Fill in ${file}: ${open.join(", ")}.`]

const startStep = (app: App, file: string): ReadonlyArray<string> => {
  const { dependencies, entry, framework, sources, style } = app
  if (framework === "next") return []
  if (entry === undefined && framework !== "nest")
    return [`Start it: node --env-file=${file} ${sources}server${style.extension}`]
  return dependencies.has("dotenv") || dependencies.has("@nestjs/config")
    ? []
    : [`See that your app reads ${file} when it starts, as node --env-file=${file} does.`]
}

/** What init would change in a folder, and what it leaves to a person. Nothing is written. */
export const planInit = ({ folder, framework, providers, store }: Asked) =>
  Effect.gen(function* () {
    const app = yield* readApp(folder, framework)
    const chosen: ReadonlyArray<ChosenProvider> = yield* Effect.forEach(providers, chosenProvider)
    const environment = environmentOf(app, chosen, store)
    const wrong =
      refuseWrongApp(app) ?? refuseSecond(folder) ?? refuseCommitted(folder, environment.file)
    if (wrong !== undefined) return yield* wrong

    const ignored = ignoreChange(folder, [
      environment.file,
      ...(store === "pglite" ? [".hawser"] : [])
    ])
    const instance = { file: instanceFile(app), module: instanceModule(app, chosen, store) }
    const routes = { file: routesFile(app), module: routesModule(app) }
    const entry = yield* entryPart(app)
    const own = yield* frameworkPart(app)
    const missing = needed(app, store)
    const plan: InitPlan = {
      app,
      changes: [
        // First, so that no moment has the key where git would take it.
        ...(ignored === undefined ? [] : [ignored]),
        ...(environment.change === undefined ? [] : [environment.change]),
        ...(yield* wholeFile(app, instance)),
        ...(app.framework === "next" ? [] : yield* wholeFile(app, routes)),
        ...own.changes,
        ...entry.changes
      ],
      secrets: environment.secrets,
      registrations: chosen
        .filter(({ definition }) => definition.authType === "oauth2")
        .map(({ definition: { displayName, docsUrl, id } }) => ({
          provider: id,
          displayName,
          redirectUri: `${environment.publicUrl.replace(/\/$/, "")}/v1/integrations/${id}/callback`,
          docs: docsUrl
        })),
      steps: [
        ...(missing.length === 0
          ? []
          : [`Install: ${installWith[app.packageManager]} ${missing.join(" ")}`]),
        ...own.steps,
        ...entry.steps,
        ...openStep(environment.file, environment.open),
        `Change signedIn in ${instance.file}${app.style.extension}: until then whoever reaches the port of your app is taken for you, unless NODE_ENV is production.`,
        ...startStep(app, environment.file)
      ],
      page: `${environment.publicUrl.replace(/\/$/, "")}${pagePath}`
    }
    return plan
  })
