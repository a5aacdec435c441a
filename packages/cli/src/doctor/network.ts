import { Egress, EgressError, isObject, SecurityLog, shownUrl } from "@hawser/core"
import { NodeEgress } from "@hawser/egress"
import type { RegisteredRedirect } from "@hawser/effect"
import { askKeySet } from "@hawser/http"
import { Effect, Layer } from "effect"
import type { HawserOptions, ProviderConfig } from "hawser"
import { deepest } from "../Problem.ts"
import { clock } from "./clock.ts"
import { type Finding, ok, problem, warning } from "./Finding.ts"

/** The way out that the host has configured. */
const egressOf = ({ egress, unsafelyAllowLoopback = false }: HawserOptions) =>
  NodeEgress.layer({ ...egress, unsafelyAllowLoopback }).pipe(
    Layer.provide(Layer.succeed(SecurityLog, { report: () => Effect.void }))
  )

const why = ({ cause, reason }: EgressError): string => {
  const said = deepest(cause)
  return said === undefined ? reason : `${reason}: ${said}`
}

/** A page of the host itself, wherever its own network has it. */
const askHost = Effect.fnUntraced(function* (url: URL) {
  const egress = yield* Egress
  return yield* egress.request({
    method: "GET",
    url,
    headers: { accept: "application/json" },
    hosts: [url.host],
    privateNetwork: "unsafe_http",
    maxBodyBytes: 4 * 1024 * 1024
  })
})

const isCatalog = (body: unknown): boolean => isObject(body) && Array.isArray(body["items"])

const publicUrlFindings = (publicUrl: string) =>
  Effect.gen(function* () {
    const url = new URL(`${publicUrl.replace(/\/$/, "")}/v1/integrations/catalog`)
    const response = yield* askHost(url)
    const body = yield* Effect.tryPromise(() => response.json() as Promise<unknown>).pipe(
      Effect.orElseSucceed(() => undefined)
    )
    const date = response.headers.get("date")
    return [
      response.status === 200 && isCatalog(body)
        ? ok("public URL", `${url.href} answers.`)
        : problem(
            "public URL",
            `${url.href} answers ${response.status}, and not as Hawser does.`,
            "Mount the handler below the path of publicUrl. If a proxy takes a prefix away, set basePath to what the process sees."
          ),
      ...(date === null
        ? []
        : [
            clock(
              "clock of the public URL",
              // Whole seconds, and the middle of the one that it may be.
              new Date(Date.parse(date) + 500),
              "Let the machine that answers keep its time by NTP."
            )
          ])
    ]
  }).pipe(
    Effect.catch((error: EgressError) =>
      Effect.succeed([
        problem(
          "public URL",
          `${publicUrl} cannot be reached from here (${why(error)}).`,
          "Start your app. For vendors that call back to it, give publicUrl an address that their users' browsers reach, such as a tunnel's."
        )
      ])
    )
  )

/** An answer of the callback route to a request without parameters is Hawser's own, and none is a 404. */
const isAnswered = (status: number): boolean => status < 500 && status !== 404 && status !== 405

const redirectFindings = Effect.fnUntraced(function* (
  redirects: ReadonlyArray<RegisteredRedirect>,
  isReachable: boolean
) {
  return yield* Effect.forEach(
    redirects,
    ({ provider, redirectUri }) => {
      const check = `redirect URI of ${provider}`
      if (redirectUri === undefined) {
        return Effect.succeed(
          ok(
            check,
            "Each tenant has its own.",
            "hawser.admin.callbackUrl({ tenantId, provider }) names it."
          )
        )
      }
      const register = `Register exactly ${redirectUri} at ${provider}.`
      if (!isReachable) return Effect.succeed(ok(check, register))
      return askHost(new URL(redirectUri)).pipe(
        Effect.map(({ status }) =>
          isAnswered(status)
            ? ok(check, register)
            : problem(
                check,
                `${redirectUri} answers ${status}: people who consent would come back to nothing.`,
                "Deploy this configuration to the app that answers there, and mount callbackPath, or the path of publicUrl, to its handler."
              )
        ),
        Effect.catch((error: EgressError) =>
          Effect.succeed(
            problem(
              check,
              `${redirectUri} cannot be reached (${why(error)}).`,
              "Compare callbackPath and publicUrl with what your proxy passes on."
            )
          )
        )
      )
    },
    { concurrency: 4 }
  )
})

const keySetFindings = Effect.fnUntraced(function* ({ authenticate }: HawserOptions) {
  if (typeof authenticate === "function" || authenticate._tag !== "Jwt") {
    return [
      ok("key set", "Callers are known by a function or a session of yours: there is none to load.")
    ]
  }
  return yield* Effect.forEach(authenticate.issuers, (issuer) => {
    const check = `key set of ${issuer.issuer}`
    return askKeySet(issuer).pipe(
      Effect.as(
        ok(
          check,
          issuer.jwks === undefined
            ? `${shownUrl(issuer.jwksUrl ?? "")} has keys.`
            : "It stands in the options."
        )
      ),
      Effect.catch((error) =>
        Effect.succeed(
          problem(
            check,
            `${shownUrl(issuer.jwksUrl ?? "")} cannot be used (${error instanceof EgressError ? why(error) : error.message}). Until it can, callers get 503.`,
            "Compare jwksUrl with the issuer's own metadata, and let this machine reach it."
          )
        )
      )
    )
  })
})

/** The hosts of a definition that are the same for each tenant. */
const hostsOf = ({ definition }: ProviderConfig): ReadonlyArray<string> => {
  const urls =
    "tokenEndpoint" in definition ? [definition.tokenEndpoint] : [definition.api?.baseUrl]
  return urls.flatMap((text) => {
    const url = text === undefined || text.includes("{") ? null : URL.parse(text)
    return url === null ? [] : [url.origin]
  })
}

const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"]

const proxyFinding = ({ egress }: HawserOptions): Finding => {
  if (egress?.proxy !== undefined || egress?.unsafelyResolvingProxy !== undefined) {
    return ok("proxy", "Requests to providers go through the one of your options.")
  }
  const set = proxyVariables.find((name) => (process.env[name] ?? "") !== "")
  return set === undefined
    ? ok("proxy", "None: requests to providers are sent directly.")
    : warning(
        "proxy",
        `${set} is set here, and Hawser reads no variable: its requests go past that proxy.`,
        "Set egress: { proxy } if providers are to be reached through it."
      )
}

/** Any answer will do: what is looked for is the way there. */
const wayOut = Effect.fnUntraced(function* (providers: ReadonlyArray<ProviderConfig>) {
  const egress = yield* Egress
  const origins = [...new Set(providers.flatMap(hostsOf))]
  const failed = yield* Effect.forEach(
    origins,
    (origin) => {
      const url = new URL(origin)
      return egress.open({ method: "GET", url, headers: {}, hosts: [url.host] }).pipe(
        Effect.tap((response) => Effect.promise(async () => response.body?.cancel())),
        Effect.as([]),
        Effect.catch((error) => Effect.succeed([`${url.host} (${why(error)})`]))
      )
    },
    { concurrency: 4 }
  )
  const unreachable = failed.flat()
  if (origins.length === 0)
    return ok("egress", "No provider has a host that is the same for all tenants.")
  return unreachable.length === 0
    ? ok("egress", `The hosts of the providers answer: ${origins.length}.`)
    : problem(
        "egress",
        `These hosts of providers cannot be reached: ${unreachable.join(", ")}.`,
        "Open the firewall for them, or set egress: { proxy }. docs/egress.md says what is refused and why."
      )
})

/** The world of the configuration: its own addresses, its issuer's, and those of its providers. */
export const networkFindings = (
  options: HawserOptions,
  redirects: ReadonlyArray<RegisteredRedirect>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.gen(function* () {
    const ofUrl = yield* publicUrlFindings(options.publicUrl ?? "")
    const isReachable = ofUrl.every(({ level }) => level !== "problem")
    return [
      ...ofUrl,
      ...(yield* redirectFindings(redirects, isReachable)),
      ...(yield* keySetFindings(options)),
      proxyFinding(options),
      yield* wayOut(options.providers)
    ]
  }).pipe(
    Effect.provide(egressOf(options)),
    Effect.catch((error) =>
      Effect.succeed([problem("proxy", error.message, "Correct egress in your options.")])
    )
  )
