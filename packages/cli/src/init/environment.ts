import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import type { Change } from "./change.ts"
import type { ChosenProvider } from "./chosenProvider.ts"
import type { StoreName } from "./instance.ts"
import { type App, textOf } from "./readApp.ts"

/** The file of variables, and whether git would take it. */

const git = (folder: string, args: ReadonlyArray<string>): boolean | undefined => {
  try {
    execFileSync("git", args, { cwd: folder, stdio: "ignore" })
    return true
  } catch (error) {
    // 1 is git's answer. Anything else is that there is no git, or no repository.
    const status = error instanceof Error && "status" in error ? error.status : undefined
    return status === 1 ? false : undefined
  }
}

/** Whether a file is committed already: .gitignore does not change that. */
export const isTracked = (folder: string, file: string): boolean =>
  git(folder, ["ls-files", "--error-unmatch", file]) === true

/** Whether git leaves a path out. Without git, by the lines that people write for it. */
const isIgnored = (folder: string, path: string, lines: string): boolean =>
  git(folder, ["check-ignore", "--quiet", path]) ??
  lines
    .split("\n")
    .map((line) => line.trim().replace(/^\//, "").replace(/\/$/, ""))
    .some((line) => line === path || (path.startsWith(".env") && line === ".env*"))

/** The lines of .gitignore that are missing for these paths. */
export const ignoreChange = (folder: string, paths: ReadonlyArray<string>): Change | undefined => {
  const before = textOf(folder, ".gitignore")
  const missing = paths.filter((path) => !isIgnored(folder, path, before ?? ""))
  if (missing.length === 0) return undefined
  return appended(".gitignore", before, `${missing.join("\n")}\n`)
}

const appended = (file: string, before: string | undefined, text: string): Change =>
  before === undefined
    ? { kind: "create", file, text }
    : {
        kind: "insert",
        file,
        insertions: {
          before,
          parts: [
            {
              at: before.length,
              text: (before === "" || before.endsWith("\n") ? "" : "\n") + text
            }
          ]
        }
      }

interface Variable {
  readonly name: string
  readonly value: string
  /** Why somebody has to fill it in. */
  readonly comment?: string
}

const isSet = (text: string, name: string): boolean =>
  new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`, "m").test(text)

export const valueOf = (text: string, name: string): string | undefined =>
  new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*["']?([^"'\\n]+)`, "m").exec(text)?.[1]?.trim()

export interface Environment {
  readonly file: string
  readonly change: Change | undefined
  readonly secrets: ReadonlyArray<string>
  readonly publicUrl: string
  /** Variables without a value, which somebody has to fill in. */
  readonly open: ReadonlyArray<string>
}

/** The variables that the options read; those that are there already stay. */
export const environmentOf = (
  { folder, framework }: App,
  providers: ReadonlyArray<ChosenProvider>,
  store: StoreName
): Environment => {
  const file = framework === "next" ? ".env.local" : ".env"
  const before = textOf(folder, file)
  const there = [".env.local", ".env"].map((name) => textOf(folder, name) ?? "").join("\n")
  const key = randomBytes(32).toString("base64")
  const wanted: ReadonlyArray<Variable> = [
    { name: "PUBLIC_URL", value: "http://localhost:3000" },
    {
      name: "HAWSER_ENCRYPTION_KEY",
      value: key,
      comment: "Keep it: without it the stored tokens cannot be opened."
    },
    ...(store === "postgres"
      ? [
          {
            name: "DATABASE_URL",
            value: "",
            comment: "postgres://user:password@host:5432/database"
          }
        ]
      : []),
    ...providers.flatMap(({ definition, variables }) =>
      variables.map((name, at) => ({
        name,
        value: "",
        ...(at === 0 && { comment: `From ${definition.displayName}, where you register your app.` })
      }))
    )
  ]
  const missing = wanted.filter(({ name }) => !isSet(there, name))
  const lines = missing.flatMap(({ comment, name, value }) => [
    ...(comment === undefined ? [] : [`# ${comment}`]),
    `${name}=${value}`
  ])
  return {
    file,
    change: missing.length === 0 ? undefined : appended(file, before, `${lines.join("\n")}\n`),
    secrets: [key],
    publicUrl: valueOf(there, "PUBLIC_URL") ?? "http://localhost:3000",
    open: wanted
      .filter(({ name, value }) => value === "" && valueOf(there, name) === undefined)
      .map(({ name }) => name)
  }
}
