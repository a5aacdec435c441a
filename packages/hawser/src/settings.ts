import { type Binding, ConfigurationError, type ConnectSettings, isLoopback } from "@hawser/core"
import { Duration, Effect } from "effect"
import type { AllowedRedirect, HawserOptions } from "./HawserOptions.ts"

/** Members that the callback adds to a redirect URL, which therefore may not carry them itself. */
const ownParameters = ["status", "provider", "integrationId", "error"]

/** Flows that may wait for their callback at once. */
const pendingFlowLimits = { perUser: 20, perTenant: 200 }

const parkedLifetime = Duration.minutes(2)

const refuse = (setting: string, problem: string) => new ConfigurationError({ setting, problem })

/** A URL of the host's: https, or http on loopback where development happens. */
const hostUrl = (setting: string, text: string): Effect.Effect<URL, ConfigurationError> => {
  const url = URL.parse(text)
  if (url === null) return Effect.fail(refuse(setting, `"${text}" is not a URL.`))
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return Effect.fail(
      refuse(setting, `"${text}" must be https. Only a loopback address may be http.`)
    )
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    return Effect.fail(refuse(setting, `"${text}" must have no user name, password or fragment.`))
  }
  return Effect.succeed(url)
}

const trimSlash = (path: string): string => path.replace(/\/+$/, "")

const publicUrlOf = Effect.fnUntraced(function* (options: HawserOptions) {
  if (options.publicUrl === undefined || options.publicUrl === "") {
    return yield* refuse(
      "publicUrl",
      "Set the https URL under which the world reaches this application."
    )
  }
  const url = yield* hostUrl("publicUrl", options.publicUrl)
  if (url.search !== "") return yield* refuse("publicUrl", "It must have no query.")
  return url
})

/** An allowed redirect URL must be written as a browser would write it, so that exact comparison is enough (S-12). */
const checkRedirect = Effect.fnUntraced(function* (
  entry: string | AllowedRedirect,
  publicUrl: URL
) {
  const setting = "allowedRedirectUrls"
  const text = typeof entry === "string" ? entry : entry.url
  const url = yield* hostUrl(setting, text)
  if (url.href !== text && url.href !== `${text}/`) {
    return yield* refuse(setting, `Write "${text}" as "${url.href}".`)
  }
  const own = ownParameters.find((name) => url.searchParams.has(name))
  if (own !== undefined)
    return yield* refuse(setting, `"${text}" carries "${own}", which the callback adds.`)
  const binding: Binding =
    typeof entry !== "string"
      ? entry.binding
      : url.origin === publicUrl.origin
        ? "cookie"
        : "complete"
  return { text, url, binding }
})

const checkOrigin = Effect.fnUntraced(function* (text: string) {
  const url = yield* hostUrl("appOrigins", text)
  if (url.origin !== text) return yield* refuse("appOrigins", `Write "${text}" as "${url.origin}".`)
  return url.origin
})

const wholeNumber = (setting: string, value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? Effect.succeed(value)
    : Effect.fail(refuse(setting, `Set a whole number from ${least} to ${most}.`))

/** What the programs and the handler need of the options, checked. Fails with `ConfigurationError`. */
export const checkSettings = Effect.fnUntraced(function* (options: HawserOptions) {
  const publicUrl = yield* publicUrlOf(options)
  const prefix = trimSlash(publicUrl.pathname)
  const basePath = trimSlash(options.basePath ?? prefix)
  if (basePath !== "" && !/^(?:\/[\w.~-]+)+$/.test(basePath)) {
    return yield* refuse("basePath", "Set a path such as /api, or leave it out.")
  }

  const redirects = yield* Effect.forEach(options.allowedRedirectUrls, (entry) =>
    checkRedirect(entry, publicUrl)
  )
  const first = redirects[0]
  if (first === undefined) {
    return yield* refuse(
      "allowedRedirectUrls",
      "Set at least one URL of your application where a flow may end."
    )
  }
  const appOrigins =
    options.appOrigins === undefined
      ? [publicUrl.origin, ...redirects.map(({ url }) => url.origin)]
      : yield* Effect.forEach(options.appOrigins, checkOrigin)
  const appUrl =
    options.appUrl === undefined ? first.text : (yield* hostUrl("appUrl", options.appUrl)).href
  const flowMinutes = yield* wholeNumber(
    "flowLifetimeMinutes",
    options.flowLifetimeMinutes ?? 10,
    1,
    60
  )
  const retentionDays = yield* wholeNumber(
    "eventRetentionDays",
    options.eventRetentionDays ?? 7,
    1,
    3650
  )
  const rateLimit: number | false =
    options.rateLimit === false
      ? false
      : yield* wholeNumber("rateLimit", options.rateLimit ?? 2000, 1, 1_000_000)

  const route = `${prefix}/v1/integrations`
  const connect: ConnectSettings["Service"] = {
    redirectUri: (provider) => `${publicUrl.origin}${route}/${provider}/callback`,
    connectUrl: (provider) => `${route}/${provider}/connect`,
    allowedRedirects: new Map(redirects.map(({ binding, text }) => [text, binding])),
    flowLifetime: Duration.minutes(flowMinutes),
    parkedLifetime,
    pendingFlowLimits
  }
  return {
    connect,
    http: {
      basePath,
      appOrigins: new Set(appOrigins),
      appUrl,
      secureCookies: publicUrl.protocol === "https:",
      rateLimit
    },
    eventRetention: Duration.days(retentionDays)
  }
})
