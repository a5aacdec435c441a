import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { workspace } from "../steps.ts"
import { catalogIds, readFiles, type CatalogFiles } from "./catalog.ts"
import { catalogPage, readmeWithCount } from "./page.ts"
import { readVerified } from "./verified.ts"

const sources = "packages/providers/src/catalogue"
const header =
  "// Written by `pnpm providers:generate` from the files in packages/providers/catalog.\n"

/** `pagerduty-api-key` to `pagerdutyApiKey`. */
const helperName = (id: string): string =>
  id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const typeName = (id: string): string => {
  const name = helperName(id)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

type Members = Readonly<Record<string, unknown>>

const textOf = (record: Members, name: string): string => String(record[name])

const docsOf = (definition: Members): string =>
  definition["docsUrl"] === undefined ? "" : `\n * See ${textOf(definition, "docsUrl")}`

const apiKeyHelper = (id: string, definition: Members): string => {
  const name = helperName(id)
  const display = textOf(definition, "displayName")
  return `
/**
 * ${display}, by an API key of each tenant's.${docsOf(definition)}
 */
export const ${name}Definition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>(${JSON.stringify(definition, null, 2)})

/** ${display}: ${textOf(definition, "description")} Each tenant brings its own key. */
export const ${name} = (
  options: ApiKeyOptions = {}
): ApiKeyProviderConfig & HasProviderId<${JSON.stringify(id)}> => ({
  ...options,
  definition: ${name}Definition
})
`
}

/** The options of a provider, by its auth kind. */
const configOf = (definition: Members): string =>
  definition["authKind"] === "github_app" ? "GithubAppProviderConfig" : "OAuth2ProviderConfig"

const oauth2Helper = (id: string, definition: Members, facts: Members): string => {
  const name = helperName(id)
  const display = textOf(definition, "displayName")
  const userScopes = facts["authorize"] as {
    readonly userScopes?: { readonly scopes: ReadonlyArray<string> }
  }
  const scopes = [
    ...new Set([
      ...((facts["scopes"] ?? []) as ReadonlyArray<string>),
      ...(userScopes.userScopes?.scopes ?? [])
    ])
  ]
  const scope = `${typeName(id)}Scope`
  const config = configOf(definition)
  const client = config === "OAuth2ProviderConfig" ? scope : `${scope}, ${config}`
  const union =
    scopes.length === 0 ? " string" : scopes.map((one) => `\n  | ${JSON.stringify(one)}`).join("")
  return `
/** Scopes that ${display} documents; others are taken as well. */
export type ${scope} =${union}

/**
 * ${display}, by an app of the host's.${docsOf(definition)}
 */
export const ${name}Definition = /* @__PURE__ */ definitionOf<OAuth2Definition>(${JSON.stringify(definition, null, 2)})

/** ${display}: ${textOf(definition, "description")} Register your app's redirect URI at ${display}, and give its client here. */
export const ${name} = (
  client: OAuthClient<${client}>
): ${config} & HasProviderId<${JSON.stringify(id)}> => ({
  ...client,
  definition: ${name}Definition
})
`
}

type Entry = CatalogFiles & { readonly definition: Members }

/** The providers of one category: a file for each of them would be read one by one at every start. */
const categoryModule = (entries: ReadonlyArray<Entry>): string => {
  const types = new Set(entries.map(({ definition }) => definition["authType"]))
  const core = [
    "HasProviderId",
    ...(types.has("api_key") ? ["ApiKeyDefinition", "ApiKeyProviderConfig"] : []),
    ...new Set(
      entries
        .filter(({ definition }) => definition["authType"] === "oauth2")
        .flatMap(({ definition }) => ["OAuth2Definition", configOf(definition)])
    )
  ]
  const own = [
    ...(types.has("api_key") ? ["type ApiKeyOptions"] : []),
    "definitionOf",
    ...(types.has("oauth2") ? ["type OAuthClient"] : [])
  ]
  const helpers = entries.map(({ definition, facts, id }) =>
    definition["authType"] === "api_key"
      ? apiKeyHelper(id, definition)
      : oauth2Helper(id, definition, facts)
  )
  return `${header}
import type { ${core.join(", ")} } from "@hawser/core"
import { ${own.join(", ")} } from "../definitionOf.ts"
${helpers.join("")}`
}

const index = (categories: Iterable<string>): string =>
  `${header}\n${[...categories].map((one) => `export * from "./${one}.ts"`).join("\n")}\n`

/** Kept as text and read when somebody asks: a host in production never does. */
const factsModule = (files: ReadonlyArray<CatalogFiles>): string => {
  const connectable = files.filter(({ definition }) => definition !== undefined)
  const lines = connectable.map(
    ({ facts, id }) => `  ${JSON.stringify(id)}: ${JSON.stringify(JSON.stringify(facts))}`
  )
  return `${header}
/** The facts of each provider, as JSON. */
export const factTexts = {
${lines.join(",\n")}
} as const
`
}

type Outputs = ReadonlyMap<string, string>

/** The sources that are made of the catalogue, by their paths in the workspace. git does not know them. */
const modules = (files: ReadonlyArray<CatalogFiles>): Outputs => {
  const entries = files.filter((one): one is Entry => one.definition !== undefined)
  const byCategory = Map.groupBy(
    entries.toSorted((a, b) =>
      textOf(a.definition, "category") < textOf(b.definition, "category") ? -1 : 1
    ),
    ({ definition }) => textOf(definition, "category")
  )
  return new Map([
    ...[...byCategory].map(
      ([category, found]) =>
        [
          `${sources}/${category}.ts`,
          categoryModule(found.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
        ] as const
    ),
    [`${sources}/index.ts`, index(byCategory.keys())],
    ["packages/testing/src/facts/factTexts.ts", factsModule(files)]
  ])
}

/** The pages that are made of it, which readers find in the repository. */
const pages = (files: ReadonlyArray<CatalogFiles>): Outputs =>
  new Map([
    ["docs/providers.md", catalogPage(files, readVerified(files))],
    ["README.md", readmeWithCount(readFileSync(join(workspace, "README.md"), "utf8"), files)]
  ])

const readCatalog = (): ReadonlyArray<CatalogFiles> => catalogIds().map((id) => readFiles(id))

const onDisk = (path: string): string | undefined => {
  const file = join(workspace, path)
  return existsSync(file) ? readFileSync(file, "utf8") : undefined
}

const write = (made: Outputs): void => {
  for (const [path, text] of made) {
    if (onDisk(path) !== text) writeFileSync(join(workspace, path), text)
  }
}

/** Writes the sources that are made of the catalogue. What is up to date stays as it is. */
export const generateSources = (): void => {
  const made = modules(readCatalog())
  mkdirSync(join(workspace, sources), { recursive: true })
  for (const name of readdirSync(join(workspace, sources))) {
    if (!made.has(`${sources}/${name}`)) rmSync(join(workspace, sources, name))
  }
  write(made)
}

/** Writes everything that is made of the catalogue. */
export const generate = (): void => {
  generateSources()
  write(pages(readCatalog()))
}

/** The pages that `generate` would change: none, if the repository is as it should be. */
export const stale = (): ReadonlyArray<string> =>
  [...pages(readCatalog())].filter(([path, text]) => onDisk(path) !== text).map(([path]) => path)
