import type { ChosenProvider } from "./chosenProvider.ts"
import { type ModuleText, typed } from "./moduleText.ts"
import type { App } from "./readApp.ts"

export const stores = ["postgres", "pglite"] as const
export type StoreName = (typeof stores)[number]

/** The path of the settings page, below `publicUrl`. */
export const pagePath = "/settings/integrations"

const storeText: Readonly<Record<StoreName, string>> = {
  postgres: `postgres({ url: process.env["DATABASE_URL"] })`,
  pglite: `pglite({ dataDir: ".hawser/pglite" })`
}

const optionsText = (providers: ReadonlyArray<ChosenProvider>, store: StoreName): string => `{
  publicUrl: process.env["PUBLIC_URL"],
  allowedRedirectUrls: [\`\${process.env["PUBLIC_URL"]}${pagePath}\`],
  authenticate: session({ resolve: signedIn }),
  providers: [${providers.map(({ text }) => `\n    ${text}`).join(",")}
  ],
  store: ${storeText[store]},
  encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
}`

/** The same, within a call. */
const indented = (text: string): string => text.replaceAll("\n", "\n  ")

const signedIn = ({ style }: App): string => {
  const t = typed(style)
  return `/**
 * Who is signed in. Look at your own session here, and answer null if nobody is. It is called with the request, and with your
 * framework's own. Until you change it, whoever reaches the port of your app is taken for you, while PUBLIC_URL is an address of
 * your machine and NODE_ENV is not production.
 */
const signedIn = (request${t(": Request")}) => {
  const { host, hostname } = new URL(process.env["PUBLIC_URL"] ?? "https://not.set")
  const isHere = hostname === "localhost" || hostname === "127.0.0.1"
  if (!isHere || process.env["NODE_ENV"] === "production") return null
  // Somebody else's site may have a name that leads to your machine.
  if (request.headers.get("host") !== host) return null
  return { tenantId: "development", userId: "developer", roles: ["admin"${t(" as const")}] }
}`
}

/** Where the options, and but for Nest the instance, stand. The command line finds it by its name. */
export const instanceFile = ({ framework, sources }: App): string => {
  if (framework === "next") return `${sources}lib/hawser`
  return framework === "nest" ? `${sources}hawser.config` : `${sources}hawser`
}

/** The module with the options. It starts Hawser where modules can wait, and lets the first caller start it elsewhere. */
export const instanceModule = (
  app: App,
  providers: ReadonlyArray<ChosenProvider>,
  store: StoreName
): ModuleText => {
  const { framework, style } = app
  const t = typed(style)
  const options = optionsText(providers, store)
  const starts = style.isEsm && framework !== "next"
  const isNest = framework === "nest"
  const what = isNest
    ? `export default ()${t(": HawserOptions")} => (${options})`
    : starts
      ? `export const hawser = await createHawser(${options})`
      : `export const hawser = lazyHawser("app", () => (${indented(options)}))`
  return {
    imports: [
      {
        from: "hawser",
        names: [...(isNest ? [] : [starts ? "createHawser" : "lazyHawser"]), store, "session"],
        types: isNest ? ["HawserOptions"] : []
      },
      { from: "hawser/providers", names: providers.map(({ helper }) => helper) }
    ],
    body: `${signedIn(app)}\n\n${what}`
  }
}
