import { ConfigurationError } from "@hawser/core"
import {
  auth0,
  clerk,
  createHawser,
  createHawserJobs,
  datadog,
  discoverProvider,
  github,
  type Hawser,
  type HawserOptions,
  jwt,
  memory,
  migrationSql,
  nodeHandler,
  pglite,
  postgres,
  session,
  supabase
} from "hawser"
import { createClient } from "hawser/client"
import { inspect } from "node:util"
import { describe, expect, it, onTestFinished } from "vitest"

const url = "https://app.example.com/integrations"
const valid: HawserOptions = {
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: [url],
  authenticate: async () => null,
  providers: [],
  store: memory(),
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
}

const caught = async (act: () => unknown): Promise<unknown> => {
  try {
    return await act()
  } catch (error) {
    return error
  }
}

/** What a host without types sees of its mistake: no value that it wrote stands in it. */
const sentenceOf = async (act: () => unknown): Promise<string> => {
  const error = await caught(act)
  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { depth: 9 })).not.toContain("canary")
  return (error as Error).message
}

const start = (change: object) => () => createHawser({ ...valid, ...change })
const issuer = {
  issuer: "https://login.example.com",
  audience: "app",
  jwksUrl: "https://x.example"
}
const client = { clientId: "one", clientSecret: "canary" }
const any = (value: unknown): never => value as never

describe("an option of a wrong type or name stops the start with a sentence that names it", () => {
  it.each<readonly [string, () => unknown]>([
    [
      "providers.0: Expected a provider as its function returns it, such as github({ clientId, clientSecret }).",
      start({ providers: ["github"] })
    ],
    ["providers: Expected a list.", start({ providers: github })],
    [
      "store: Expected a store, such as postgres({ url: process.env.DATABASE_URL }).",
      start({ store: "postgres://ada:canary@db/app" })
    ],
    [
      "store: Set it: a store, such as postgres({ url: process.env.DATABASE_URL }).",
      start({ store: undefined })
    ],
    [
      "allowRedirectUrls: There is no such option. Did you mean allowedRedirectUrls?",
      start({ allowedRedirectUrls: undefined, allowRedirectUrls: [url] })
    ],
    ["allowedRedirectUrls: Expected a list.", start({ allowedRedirectUrls: url })],
    [
      'allowedRedirectUrls.1.binding: Expected "cookie" or "session" or "complete" or "confirm".',
      start({ allowedRedirectUrls: [url, { url, binding: "cookies" }] })
    ],
    [
      "allowedRedirectUrls.0.urll: There is no such option. Did you mean url?",
      start({ allowedRedirectUrls: [{ urll: url, binding: "cookie" }] })
    ],
    ["rateLimit: Expected a number or false.", start({ rateLimit: "2000" })],
    ['workers: Expected "in-process" or "off".', start({ workers: "on" })],
    [
      "egress.prxy: There is no such option. Did you mean proxy?",
      start({ egress: { prxy: "http://canary" } })
    ],
    [
      "onSecurityEvnt: There is no such option. Did you mean onSecurityEvent? appOrigins: Expected a list of origins or a function.",
      start({ onSecurityEvnt: () => 1, appOrigins: "https://canary.example" })
    ],
    ["encryptionKey: Expected text or a list.", start({ encryptionKey: Buffer.from("canary") })],
    [
      "logger: Expected a logger with info, warn and error, or such a one as messageFirst or detailsFirst.",
      start({ logger: { log: () => 1 } })
    ],
    [
      "authenticate: Expected jwt({ … }), session({ … }) or a function.",
      start({ authenticate: issuer })
    ],
    ["createHawserJobs: Expected an object.", () => createHawserJobs(any("canary"))],
    [
      "provider: There is no such option. Did you mean providers?",
      () => createHawserJobs(any({ ...valid, providers: undefined, provider: [] }))
    ],
    ["createHawser: Expected an object.", () => createHawser(any(undefined))],
    ["createHawser: Expected an object.", () => createHawser(any([valid]))]
  ])("%s", async (sentence, act) => {
    expect(await sentenceOf(act)).toBe(sentence)
  })

  it.each<readonly [string, () => unknown]>([
    [
      "authenticate.jwkUrl: There is no such option. Did you mean jwksUrl?",
      start({ authenticate: jwt(any({ ...issuer, jwkUrl: "canary" })) })
    ],
    [
      "authenticate.claims.tenant: There is no such option. Did you mean tenantId?",
      start({ authenticate: jwt(any({ ...issuer, claims: { tenant: "canary" } })) })
    ],
    [
      "authenticate.issuers: Expected a list.",
      start({ authenticate: jwt(any({ issuers: "canary" })) })
    ],
    ["authenticate: Expected an object.", start({ authenticate: jwt(any("canary")) })],
    [
      "authenticate.userOf: Expected a function.",
      start({ authenticate: jwt(any({ ...issuer, userOf: "canary" })) })
    ],
    [
      "authenticate.issuers[1].audience: Expected text or a list.",
      start({
        authenticate: jwt(
          any({
            issuers: [issuer, { ...issuer, issuer: "https://b.example", audience: 7 }],
            tenantOf: () => null
          })
        )
      })
    ],
    [
      "authenticate.tenantof: There is no such option. Did you mean tenantOf?",
      start({ authenticate: jwt(any({ issuers: [issuer], tenantof: () => null })) })
    ],
    [
      "authenticate.csrf: Expected a function. authenticate.resolve: Set it: a function.",
      start({ authenticate: session(any({ csrf: true })) })
    ],
    [
      "authenticate.domian: There is no such option. Did you mean domain?",
      () => auth0(any({ domian: "canary", audience: "a", roles: "r" }))
    ],
    ["authenticate.frontendApiUrl: Set it.", () => clerk(any({ authorizedParties: [] }))],
    [
      "authenticate.projectUrl: Expected text.",
      () =>
        supabase(any({ projectUrl: new URL("https://canary.example"), tenantId: "t", roles: "r" }))
    ],
    [
      "providers[github].clientID: There is no such option. Did you mean clientId?",
      start({ providers: [github(any({ clientID: "canary", clientSecret: "canary" }))] })
    ],
    [
      "providers[github].scopes: Expected a list.",
      start({ providers: [github(any({ ...client, scopes: "canary" }))] })
    ],
    [
      "providers[datadog].availabilty: There is no such option. Did you mean availability?",
      start({ providers: [datadog(any({ availabilty: "public" }))] })
    ],
    ["postgres: Expected an object.", () => postgres(any("postgres://ada:canary@db/app"))],
    [
      "postgres.connectionString: There is no such option.",
      () => postgres(any({ connectionString: "postgres://ada:canary@db/app" }))
    ],
    [
      "postgres.maxConnections: Expected a number.",
      () => postgres(any({ url: "postgres://db/app", maxConnections: "10" }))
    ],
    [
      "pglite.datadir: There is no such option. Did you mean dataDir?",
      () => pglite(any({ datadir: "canary" }))
    ],
    [
      "migrationSql.schem: There is no such option. Did you mean schema?",
      () => migrationSql(any({ schem: "canary" }))
    ],
    [
      "nodeHandler: Give it hawser.handler, a function.",
      () => nodeHandler(any({ handler: () => 1 }))
    ],
    [
      "nodeHandler.trustproxy: There is no such option. Did you mean trustProxy?",
      () => nodeHandler(async () => new Response(), any({ trustproxy: true }))
    ],
    [
      "discoverProvider.unsafelyAllowLoopback: Expected true or false.",
      () =>
        discoverProvider(
          any({ issuer: "https://x.example" }),
          client,
          any({ unsafelyAllowLoopback: "canary" })
        )
    ],
    [
      "createClient: There is no option baseURL; there are baseUrl, token, fetch.",
      () => createClient(any({ baseURL: "canary" }))
    ],
    [
      "createClient: The option baseUrl must not be of the type undefined.",
      () => createClient(any({}))
    ],
    ["createClient: Give it an object with baseUrl.", () => createClient(any("canary"))]
  ])("%s", async (sentence, act) => {
    expect(await sentenceOf(act)).toBe(sentence)
  })

  const all: { readonly [Name in keyof Required<HawserOptions>]: unknown } = {
    publicUrl: 0,
    basePath: 0,
    allowedRedirectUrls: 0,
    allowRedirect: 0,
    resolveSession: 0,
    tenantName: 0,
    appOrigins: 0,
    appUrl: 0,
    installUrl: 0,
    authenticate: 0,
    providers: 0,
    authKinds: 0,
    endpointLock: 0,
    store: 0,
    rateLimit: "0",
    flowLifetime: "0",
    workers: 0,
    reference: 0,
    eventRetention: "0",
    unusedCredentialRetention: "0",
    logger: 0,
    onSecurityEvent: 0,
    hookTimeout: "0",
    egress: 0,
    unsafelyAllowLoopback: 0,
    encryptionKey: 0,
    keyManagement: 0
  }

  const wrongOf = async (options: HawserOptions) => {
    const error = await caught(() => createHawser(options))
    return error instanceof ConfigurationError ? error : undefined
  }

  it.each(Object.keys(all))("%s of another type, and under another name", async (name) => {
    const value: unknown = all[name as keyof HawserOptions]
    const wrong = await wrongOf({ ...valid, [name]: value })
    expect(wrong).toBeDefined()
    expect(wrong?.setting).toBe(name)
    const misspelt = await wrongOf({ ...valid, [`${name}s`]: value })
    expect([misspelt?.setting, misspelt?.problem]).toEqual([
      `${name}s`,
      `There is no such option. Did you mean ${name}?`
    ])
  })

  it("what is undefined counts as left out", async () => {
    const nothing = Object.fromEntries(Object.keys(all).map((name) => [name, undefined]))
    await (await createHawser({ ...nothing, ...valid })).close()
  })
})

describe("a subscriber that cannot be", () => {
  const running = async (): Promise<Hawser> => {
    const hawser = await createHawser(valid)
    onTestFinished(() => hawser.close())
    return hawser
  }

  it.each<readonly [string, (hawser: Hawser) => unknown]>([
    [
      'on("integration.created"): There is no such event. Did you mean integration.connected?',
      (hawser) => hawser.on(any("integration.created"), { as: "x" }, () => {})
    ],
    [
      'on("canary"): There is no such event.',
      (hawser) => hawser.on(any("canary"), { as: "x" }, () => {})
    ],
    [
      'on("integration.connected").handler: Set it: a function.',
      (hawser) => hawser.on("integration.connected", { as: "x" }, any(undefined))
    ],
    [
      'on("integration.connected").frm: There is no such option. Did you mean from?',
      (hawser) => hawser.on("integration.connected", any({ as: "x", frm: "now" }), () => {})
    ],
    [
      'on("integration.connected").as: Set it: a name of its own, such as "mailer".',
      (hawser) => hawser.on("integration.connected", any(undefined), () => {})
    ],
    [
      'on("integration.connected").as: Expected a name of its own, such as "mailer".',
      (hawser) => hawser.on("integration.connected", { as: "mailer\0" }, () => {})
    ],
    [
      'on("integration.connected").from: Expected "now" or "beginning".',
      (hawser) => hawser.on("integration.connected", any({ as: "x", from: "start" }), () => {})
    ]
  ])("%s", async (sentence, act) => {
    const hawser = await running()
    const error = await caught(() => act(hawser))
    expect(error).toMatchObject({ code: "configuration_error", message: sentence })
  })
})
