import {
  askHost,
  type Binding,
  ConfigurationError,
  type ConnectSettings,
  isLoopback,
  pathReadings,
  shownUrl,
  UnusableAnswer,
  type DurationInput,
  parseDuration
} from "@hawser/core"
import { hasOwnScheme } from "@hawser/http"
import { Duration, Effect, Option, Schema } from "effect"
import { checkCallbackPaths } from "./callbackPaths.ts"
import { checkHawserOptions, checkJobOptions } from "./optionChecks.ts"
import type {
  AllowedRedirect,
  HawserOptions,
  JobOptions,
  UnsafeRedirectPrefix
} from "./HawserOptions.ts"

/** Parameters that the callback adds to a redirect URL, so the URL itself may not have them. */
const ownParameters = ["status", "provider", "integrationId", "error"]

/** The most flows that may wait for their callback or for `complete`. */
const pendingFlowLimits = { perUser: 20, perTenant: 200 }

const parkedLifetime = Duration.minutes(2)

/** Long enough to read a page; few providers' codes live much longer. */
const confirmLifetime = Duration.minutes(5)

const refuse = (setting: string, problem: string) => new ConfigurationError({ setting, problem })

/** A URL of the host: https, or http on loopback for development. */
const hostUrl = (setting: string, text: string): Effect.Effect<URL, ConfigurationError> => {
  const url = URL.parse(text)
  if (url === null) return Effect.fail(refuse(setting, `"${shownUrl(text)}" is not a URL.`))
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return Effect.fail(
      refuse(setting, `"${shownUrl(text)}" must be https. Only a loopback address may be http.`)
    )
  }
  if (url.username !== "" || url.password !== "" || text.includes("#")) {
    return Effect.fail(
      refuse(setting, `"${shownUrl(text)}" must have no user name, password or fragment.`)
    )
  }
  return Effect.succeed(url)
}

const trimSlash = (path: string): string => path.replace(/\/+$/, "")

const checkPublicUrl = Effect.fnUntraced(function* (options: HawserOptions) {
  if (options.publicUrl === undefined || options.publicUrl === "") {
    return yield* refuse("publicUrl", "Set the public https URL of this application.")
  }
  const url = yield* hostUrl("publicUrl", options.publicUrl)
  if (url.search !== "") return yield* refuse("publicUrl", "It must have no query.")
  return url
})

const setting = "allowedRedirectUrls"

/** A redirect URL must have the form that a browser writes, so that exact comparison is enough. */
const checkRedirectUrl = Effect.fnUntraced(function* (text: string) {
  const url = yield* hostUrl(setting, text)
  if (url.href !== text && url.href !== `${text}/`) {
    return yield* refuse(setting, `Write "${text}" as "${url.href}".`)
  }
  if (url.hostname.includes("*"))
    return yield* refuse(setting, `"${text}" is a pattern. Decide about it in allowRedirect.`)
  const own = ownParameters.find((name) => url.searchParams.has(name))
  if (own !== undefined)
    return yield* refuse(setting, `"${text}" carries "${own}", which the callback adds.`)
  return url
})

const checkRedirect = Effect.fnUntraced(function* (
  entry: string | AllowedRedirect,
  options: HawserOptions,
  publicUrl: URL
) {
  const text = typeof entry === "string" ? entry : entry.url
  const url = yield* checkRedirectUrl(text)
  const binding: Binding =
    typeof entry !== "string"
      ? entry.binding
      : url.origin === publicUrl.origin
        ? "cookie"
        : "complete"
  yield* checkBinding(binding, options)
  return { text, url, binding }
})

/** What a binding needs of the host, and does not have. */
const missingFor = (binding: Binding, { resolveSession, tenantName }: HawserOptions) => {
  if (binding === "session" && resolveSession === undefined) return "resolveSession"
  return binding === "confirm" && tenantName === undefined ? "tenantName" : undefined
}

const checkBinding = (binding: Binding, options: HawserOptions) => {
  const missing = missingFor(binding, options)
  return missing === undefined
    ? Effect.void
    : Effect.fail(refuse(missing, `Set it: a redirect URL has the binding ${binding}.`))
}

const checkPrefix = Effect.fnUntraced(function* (
  { binding, unsafePrefix }: UnsafeRedirectPrefix,
  options: HawserOptions
) {
  const url = yield* checkRedirectUrl(unsafePrefix)
  if (url.search !== "") return yield* refuse(setting, `"${unsafePrefix}" must have no query.`)
  // The type forbids it, but a host in JavaScript has no types.
  if ((binding as Binding) === "complete") {
    return yield* refuse(
      setting,
      `"${unsafePrefix}" is a prefix and cannot have the binding complete.`
    )
  }
  yield* checkBinding(binding, options)
  return { url, binding }
})

/**
 * Text that a browser or a server may read as another path than the compared one: dots, slashes and backslashes in any
 * spelling, parameters of a segment, control characters, and escapes of escapes.
 */
const confusing = /\.\.|\/\/|%(?:[01][0-9a-f]|2[5ef]|5c|7f)|[\\;]/i

const isConfusing = (path: string): boolean => {
  try {
    decodeURIComponent(path)
  } catch {
    // Escapes that are not UTF-8 hide the rest.
    return true
  }
  const readings = pathReadings(path)
  return readings === undefined || readings.some((one) => confusing.test(one) || hasMore(one, path))
}

/** A character that only some parsers read as a slash creates new segments. */
const hasMore = (reading: string, path: string): boolean =>
  reading.split("/").length > path.split("/").length

/** Whether a URL is the prefix or is below it, compared by whole segments. */
const isBelow = (prefix: URL, url: URL): boolean => {
  const base = trimSlash(prefix.pathname)
  return (
    url.origin === prefix.origin && (url.pathname === base || url.pathname.startsWith(`${base}/`))
  )
}

/**
 * The binding of a flow that ends at a URL. The exact list comes first. Then, for a URL in a browser's form with an
 * unambiguous path, the prefixes, and finally the host's function.
 */
const bindingAt = (
  exact: ReadonlyMap<string, Binding>,
  prefixes: ReadonlyArray<{ readonly url: URL; readonly binding: Binding }>,
  options: HawserOptions
): ConnectSettings["Service"]["bindingAt"] =>
  Effect.fnUntraced(function* (redirectUrl, tenantId) {
    const { allowRedirect } = options
    const listed = exact.get(redirectUrl)
    if (listed !== undefined) return byList(listed)
    if (prefixes.length === 0 && allowRedirect === undefined) return undefined
    const url = yield* Effect.option(checkRedirectUrl(redirectUrl))
    if (Option.isNone(url)) return undefined
    if (isConfusing(url.value.pathname)) return undefined
    if (!isConfusing(url.value.search)) {
      const below = prefixes.find((prefix) => isBelow(prefix.url, url.value))
      if (below !== undefined) return byList(below.binding)
    }
    if (allowRedirect === undefined) return undefined
    // The caller only learns that the URL is not allowed, so the log says why.
    return yield* askHost({
      hook: "allowRedirect",
      call: () => allowRedirect({ url: redirectUrl, tenantId }),
      read: (answer) => {
        if (answer === null) return undefined
        const binding = answeredBinding(answer)
        if (binding === undefined)
          throw new UnusableAnswer('Answer "session", "confirm", { unsafeBinding: … } or null.')
        const missing = missingFor(binding, options)
        if (missing !== undefined) {
          throw new UnusableAnswer(
            `Set ${missing}: without it, nobody can finish a flow that is bound by ${binding}.`
          )
        }
        return { binding, allowedBy: "function" } as const
      },
      details: { tenantId }
    }).pipe(Effect.orElseSucceed(() => undefined))
  })

const byList = (binding: Binding) => ({ binding, allowedBy: "list" }) as const

const isUnsafeBinding = Schema.is(
  Schema.Struct({ unsafeBinding: Schema.Literals(["cookie", "complete"]) })
)

/** The types forbid anything else, but a host in JavaScript has no types. */
const answeredBinding = (answer: unknown): Binding | undefined => {
  if (answer === "session" || answer === "confirm") return answer
  return isUnsafeBinding(answer) ? answer.unsafeBinding : undefined
}

/** Without a usable answer the page shows the tenant's id alone. */
const askTenantName =
  ({ tenantName }: HawserOptions): ConnectSettings["Service"]["confirmPage"]["tenantName"] =>
  (tenantId) =>
    tenantName === undefined
      ? Effect.undefined
      : askHost({
          hook: "tenantName",
          call: () => tenantName(tenantId),
          read: (answer) => {
            if (typeof answer === "string" && answer !== "") return answer
            throw new UnusableAnswer("Answer the tenant's name.")
          },
          details: { tenantId }
        }).pipe(Effect.orElseSucceed(() => undefined))

const isPrefix = (
  entry: HawserOptions["allowedRedirectUrls"][number]
): entry is UnsafeRedirectPrefix => typeof entry === "object" && "unsafePrefix" in entry

const checkOrigin = Effect.fnUntraced(function* (text: string) {
  if (hasOwnScheme(text)) return text
  const url = yield* hostUrl("appOrigins", text)
  if (url.origin !== text) return yield* refuse("appOrigins", `Write "${text}" as "${url.origin}".`)
  return url.origin
})

const splitOrigins = (origins: ReadonlyArray<string>) => ({
  listed: new Set(origins.filter((origin) => !hasOwnScheme(origin))),
  limited: new Set(origins.filter(hasOwnScheme))
})

/** A tenant may run the pages that are bound by confirm: their origins begin no flow that a cookie proves. */
const defaultOrigins = (
  publicUrl: URL,
  redirects: ReadonlyArray<{ readonly url: URL; readonly binding: Binding }>
) => {
  const originsOf = (own: boolean) =>
    redirects.flatMap(({ binding, url }) => ((binding !== "confirm") === own ? [url.origin] : []))
  const listed = new Set([publicUrl.origin, ...originsOf(true)])
  return { listed, limited: new Set(originsOf(false).filter((origin) => !listed.has(origin))) }
}

const wholeNumber = (setting: string, value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? Effect.succeed(value)
    : Effect.fail(refuse(setting, `Set a whole number from ${least} to ${most}.`))

const durationWithin = (
  setting: string,
  value: DurationInput,
  [least, most]: readonly [DurationInput, DurationInput]
) =>
  Option.match(
    Option.filter(
      parseDuration(value),
      Duration.between({
        minimum: Duration.fromInputUnsafe(least),
        maximum: Duration.fromInputUnsafe(most)
      })
    ),
    {
      onNone: () => Effect.fail(refuse(setting, `Set a duration from ${least} to ${most}.`)),
      onSome: Effect.succeed
    }
  )

/** The checked options of every process. Fails with `ConfigurationError`. */
export const checkProcessSettings = Effect.fnUntraced(function* (options: JobOptions) {
  const unusedCredentialRetention =
    options.unusedCredentialRetention ?? ("30 days" satisfies DurationInput)
  return {
    hookTimeout: yield* durationWithin("hookTimeout", options.hookTimeout ?? "5 seconds", [
      "100 millis",
      "1 minute"
    ]),
    eventRetention: yield* durationWithin("eventRetention", options.eventRetention ?? "7 days", [
      "1 day",
      "3650 days"
    ]),
    unusedCredentialRetention: Option.exists(
      parseDuration(unusedCredentialRetention),
      Duration.isZero
    )
      ? undefined
      : yield* durationWithin("unusedCredentialRetention", unusedCredentialRetention, [
          "1 day",
          "3650 days"
        ])
  }
})

/** The checked options of a process that only runs jobs. Fails with `ConfigurationError`. */
export const checkJobSettings = Effect.fnUntraced(function* (options: JobOptions) {
  const wrong = checkJobOptions("", options)
  return yield* wrong ?? checkProcessSettings(options)
})

/** The checked options, including those of flows and of the handler. Fails with `ConfigurationError`. */
export const checkSettings = Effect.fnUntraced(function* (options: HawserOptions) {
  const wrong = checkHawserOptions("", options)
  if (wrong !== undefined) return yield* wrong
  const publicUrl = yield* checkPublicUrl(options)
  const prefix = trimSlash(publicUrl.pathname)
  const basePath = trimSlash(options.basePath ?? prefix)
  // In the form of a request's path: one with `..` would never match.
  if (
    basePath !== "" &&
    (!/^(?:\/[\w.~-]+)+$/.test(basePath) || new URL(basePath, publicUrl).pathname !== basePath)
  ) {
    return yield* refuse("basePath", "Set a path such as /api, or leave it out.")
  }

  const entries = options.allowedRedirectUrls
  const prefixes = yield* Effect.forEach(entries.filter(isPrefix), (entry) =>
    checkPrefix(entry, options)
  )
  const redirects = yield* Effect.forEach(
    entries.filter(
      (entry): entry is Exclude<typeof entry, UnsafeRedirectPrefix> => !isPrefix(entry)
    ),
    (entry) => checkRedirect(entry, options, publicUrl)
  )
  const ends = [...redirects, ...prefixes.map(({ binding, url }) => ({ binding, text: url.href }))]
  if (ends.length === 0) {
    return yield* refuse(setting, "Set at least one URL of your application where a flow may end.")
  }
  // A tenant may run the pages that are bound by confirm.
  const first = ends.find(({ binding }) => binding !== "confirm")?.text ?? publicUrl.href
  const appOrigins =
    options.appOrigins === undefined || typeof options.appOrigins === "function"
      ? defaultOrigins(publicUrl, [...redirects, ...prefixes])
      : splitOrigins(yield* Effect.forEach(options.appOrigins, checkOrigin))
  const appUrl =
    options.appUrl === undefined ? first : (yield* hostUrl("appUrl", options.appUrl)).href
  const installUrl =
    options.installUrl === undefined
      ? undefined
      : (yield* hostUrl("installUrl", options.installUrl)).href
  const flowLifetime = yield* durationWithin("flowLifetime", options.flowLifetime ?? "10 minutes", [
    "1 minute",
    "60 minutes"
  ])
  const rateLimit: number | false =
    options.rateLimit === false
      ? false
      : yield* wholeNumber("rateLimit", options.rateLimit ?? 2000, 1, 1_000_000)

  const route = `${prefix}/v1/integrations`
  const callbackPaths = yield* checkCallbackPaths(options.providers, {
    publicUrl,
    prefix,
    basePath
  })
  const connect: ConnectSettings["Service"] = {
    redirectUri: (provider, context) =>
      publicUrl.origin +
      (callbackPaths.ofProvider.get(provider) ?? `${route}/${provider}/callback`) +
      (context === undefined ? "" : `/${context}`),
    connectUrl: (provider) => `${route}/${provider}/connect`,
    bindingAt: bindingAt(
      new Map(redirects.map(({ binding, text }) => [text, binding])),
      prefixes,
      options
    ),
    confirmPage: {
      url: (provider) => `${publicUrl.origin}${route}/${provider}/confirm`,
      lifetime: confirmLifetime,
      tenantName: askTenantName(options)
    },
    flowLifetime,
    parkedLifetime,
    pendingFlowLimits
  }
  return {
    connect,
    http: {
      basePath,
      callbackPaths: callbackPaths.toProvider,
      appOrigins: {
        ...appOrigins,
        ofRedirects: options.allowRedirect !== undefined,
        ...(typeof options.appOrigins === "function" && { admits: options.appOrigins })
      },
      publicOrigin: publicUrl.origin,
      appUrl,
      ...(installUrl !== undefined && { installUrl }),
      secureCookies: publicUrl.protocol === "https:",
      rateLimit,
      ...(options.reference === true && {
        reference: { publicUrl: `${publicUrl.origin}${prefix}` }
      }),
      ...(options.resolveSession !== undefined && { resolveSession: options.resolveSession })
    },
    ...(yield* checkProcessSettings(options))
  }
})
