import type { CatalogFiles } from "./catalog.ts"
import type { Verified } from "./verified.ts"

type Members = Readonly<Record<string, unknown>>

const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null ? (found as Members)[name] : undefined,
    value
  )

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const words: Readonly<Record<string, string>> = {
  client_secret_basic: "Basic",
  client_secret_post: "body",
  secret_basic: "secret as Basic",
  secret_client: "secret as Client",
  private_key_jwt: "signed assertion",
  none: "none"
}

const units = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"]
] as const

/** `3600` to `1 h`. */
const lifetime = (seconds: unknown): string => {
  if (typeof seconds !== "number") return "no end"
  const [size, unit] = units.find(([one]) => seconds % one === 0) ?? units[3]
  return `${seconds / size} ${unit}`
}

const refresh = (facts: Members): string => {
  if (facts["refresh"] === null) return "none"
  const rotates = at(facts, "refresh", "rotates") === "always" ? "rotates" : "keeps its token"
  return at(facts, "refresh", "uses") === "access_token" ? "by the access token" : rotates
}

const revocation = (facts: Members): string =>
  facts["revocation"] === null ? "none" : `ends the ${text(at(facts, "revocation", "ends"))}`

const carried = (facts: Members): string => {
  if (facts["clientCredentials"] !== undefined) return "client credentials"
  const places = [
    ...(at(facts, "credential", "basic") === undefined ? [] : ["Basic"]),
    ...Object.keys((at(facts, "credential", "headers") ?? {}) as Members).map(
      (one) => `\`${one}\``
    ),
    ...Object.keys((at(facts, "credential", "query") ?? {}) as Members).map((one) => `\`?${one}\``)
  ]
  return places.join(", ")
}

const fieldNames = (facts: Members): string =>
  Object.entries((facts["fields"] ?? {}) as Members)
    .map(([name, field]) => (at(field, "required") === false ? `${name}?` : name))
    .map((name) => `\`${name}\``)
    .join(", ")

const unverified = (facts: Members): string => {
  const paths = (facts["unverified"] ?? []) as ReadonlyArray<string>
  return paths.length === 0 ? "" : paths.map((path) => `\`${path}\``).join(", ")
}

const name = ({ facts }: CatalogFiles): string =>
  `[${text(at(facts, "presentation", "displayName"))}](${text(at(facts, "presentation", "docsUrl"))})`

const oauth2Row = (one: CatalogFiles): string =>
  `| ${[
    name(one),
    `\`${one.id}\``,
    ((at(one.facts, "token", "clientAuthentication") ?? []) as ReadonlyArray<string>)
      .map((method) => words[method] ?? method)
      .join(", "),
    text(at(one.facts, "authorize", "pkce")),
    lifetime(at(one.facts, "token", "lifetime")),
    refresh(one.facts),
    revocation(one.facts),
    fieldNames(one.facts),
    unverified(one.facts)
  ].join(" | ")} |`

const apiKeyRow = (one: CatalogFiles): string =>
  `| ${[
    name(one),
    `\`${one.id}\``,
    fieldNames(one.facts),
    carried(one.facts),
    one.facts["check"] === undefined ? "no" : "yes",
    unverified(one.facts)
  ].join(" | ")} |`

const byName = (a: CatalogFiles, b: CatalogFiles): number =>
  name(a).toLowerCase() < name(b).toLowerCase() ? -1 : 1

const ofType = (
  files: ReadonlyArray<CatalogFiles>,
  authType: string
): ReadonlyArray<CatalogFiles> =>
  files.filter(({ facts }) => facts["authType"] === authType).toSorted(byName)

const section = (title: string, lines: ReadonlyArray<string>): string =>
  lines.length === 0 ? "" : `\n${title}\n\n${lines.join("\n")}\n`

const oauth2Table = (files: ReadonlyArray<CatalogFiles>): ReadonlyArray<string> =>
  files.length === 0
    ? []
    : [
        "| provider | id | client | PKCE | access token | refresh | revocation | fields | unverified |",
        "|---|---|---|---|---|---|---|---|---|",
        ...files.map(oauth2Row)
      ]

const apiKeyTable = (files: ReadonlyArray<CatalogFiles>): ReadonlyArray<string> =>
  files.length === 0
    ? []
    : [
        "| provider | id | fields | carried in | live check | unverified |",
        "|---|---|---|---|---|---|",
        ...files.map(apiKeyRow)
      ]

/** The providers that run code of their own, with the name of it. */
const overrides = (files: ReadonlyArray<CatalogFiles>): ReadonlyArray<string> =>
  files
    .filter(({ definition }) => definition?.["authKind"] !== undefined)
    .map((one) => `- ${name(one)}: \`${text(one.definition?.["authKind"])}\``)

/** When somebody connected it at the vendor itself. */
const verifications = (
  files: ReadonlyArray<CatalogFiles>,
  verified: ReadonlyMap<string, Verified>
): ReadonlyArray<string> =>
  files.flatMap((one) => {
    const found = verified.get(one.id)
    return found === undefined
      ? []
      : [`- ${name(one)}: ${found.date}${found.isCurrent ? "" : ", by an earlier definition"}`]
  })

const notices = (files: ReadonlyArray<CatalogFiles>): ReadonlyArray<string> =>
  files
    .flatMap((one) =>
      ((at(one.facts, "presentation", "notices") ?? []) as ReadonlyArray<Members>).map(
        (notice) => [text(notice["date"]), `${name(one)}: ${text(notice["text"])}`] as const
      )
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, what]) => `- ${date}, ${what}`)

/** The page of the catalogue. */
export const catalogPage = (
  files: ReadonlyArray<CatalogFiles>,
  verified: ReadonlyMap<string, Verified>
): string => {
  const oauth2 = ofType(files, "oauth2")
  const keys = ofType(files, "api_key")
  const unsupported = ofType(files, "unsupported")
  const byCode = overrides(files)
  const connectable = oauth2.length + keys.length
  return `<!-- Written by \`pnpm providers:generate\` from the files in packages/providers/catalog. -->

# The catalogue

${connectable} providers: ${oauth2.length} by OAuth2, ${keys.length} by API key. Each is data, a definition and beside it the facts, with the pages that they come from; ${byCode.length} run code besides (${Math.floor((100 * (connectable - byCode.length)) / connectable)}% do not). Each stands in \`hawser/providers\` as a typed helper, named as its id in camel case: \`pagerduty-api-key\` is \`pagerdutyApiKey\`.

What no page of a vendor's confirmed stands in the column *unverified*, by the name of the fact in the provider's facts file. A live check tells a good key from a wrong one before it is stored. A field with a question mark may be left out.

${verified.size === 0 ? "No record of a connection at a vendor itself has been contributed yet" : `${verified.size} have been connected at the vendor itself, [on these days](#connected-at-the-vendor)`}: [\`npx hawser verify\`](cli.md#verify) makes one.
${section("## By OAuth2", oauth2Table(oauth2))}${section("## By API key", apiKeyTable(keys))}${section("## Connected at the vendor", verifications(oauth2, verified))}${section("## With code of their own", byCode)}${section("## What vendors have announced", notices(files))}${section(
    "## Not supported",
    unsupported.map((one) => `- ${name(one)}: ${text(one.facts["reason"])}`)
  )}`
}

const count = /(<!-- providers:count -->).*?(<!-- \/providers:count -->)/gs

/** The README with the number of providers in its place. */
export const readmeWithCount = (readme: string, files: ReadonlyArray<CatalogFiles>): string => {
  const connectable = files.filter(({ definition }) => definition !== undefined).length
  return readme.replaceAll(count, `$1${connectable}$2`)
}
