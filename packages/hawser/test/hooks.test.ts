import {
  createHawser,
  defineProvider,
  type Hawser,
  type HawserOptions,
  jwt,
  memory,
  nodeHandler,
  session
} from "hawser"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { withinAMinute } from "../../../test-support/within-a-minute.ts"
import { issued, token } from "./support/caller.ts"
import { eventually } from "./support/flow.ts"
import { listen } from "./support/host.ts"

const done = "https://app.example.com/done"
const ada = { tenantId: "acme", userId: "ada" }
const admin = { ...ada, roles: ["admin"] as const }

const oauth2 = {
  displayName: "A provider",
  category: "other",
  description: "Never asked.",
  authType: "oauth2",
  authorizationEndpoint: "https://provider.example/authorize",
  tokenEndpoint: "https://provider.example/token",
  clientAuthentication: "client_secret_basic",
  defaultScopes: []
} as const
const client = { clientId: "client", clientSecret: "secret" }

const keyed = defineProvider({
  id: "keyed",
  displayName: "Keyed",
  category: "other",
  description: "Takes an API key.",
  authType: "api_key",
  fields: [{ name: "api_key", label: "API key" }],
  headers: { "x-api-key": "{api_key}" }
})

/** An ordinary function of the host's, of which a test knows nothing but how it ends. */
type Hook = (...given: ReadonlyArray<unknown>) => unknown

interface Row {
  /** As the log calls it. */
  readonly hook: string
  readonly options: (hook: Hook) => Partial<HawserOptions> | Promise<Partial<HawserOptions>>
  /** Does what calls the hook, and says how it went. */
  readonly use: (hawser: Hawser, hook: Hook) => Promise<unknown>
  /** How it goes when the hook gives no answer. */
  readonly safe: unknown
  /** An answer that would have let it pass. */
  readonly answer: unknown
}

const ask = (hawser: Hawser, path: string, headers: Record<string, string> = {}) =>
  hawser.handler(new Request(`http://hawser.invalid/v1/integrations${path}`, { headers }))
const statusOf = async (response: Promise<Response>) => (await response).status
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: { readonly code?: string }) => error.code
  )
const bearer = { authorization: "Bearer token" }

const callback = async (hawser: Hawser) => {
  const started = await hawser
    .tenant(ada.tenantId, { user: ada.userId })
    .connect("forge", { redirectUrl: done })
  const state = "state" in started ? started.state : ""
  return statusOf(ask(hawser, `/forge/callback?code=c&state=${state}`))
}

/** Asks over `node:http`, from 127.0.0.1. */
const overHttp = async (hawser: Hawser, trustProxy: Hook, path: string) => {
  const server = await listen(
    nodeHandler(hawser.handler, { trustProxy: trustProxy as () => string | undefined })
  )
  const statuses: Array<number> = []
  for (let i = 0; i < 2; i++)
    statuses.push(await statusOf(fetch(`${server.origin}/v1/integrations${path}`)))
  await server.close()
  return statuses
}

const rows: ReadonlyArray<Row> = [
  {
    hook: "onSecurityEvent",
    options: (hook) => ({ onSecurityEvent: hook }),
    use: (hawser) => statusOf(ask(hawser, "/forge/callback?code=c&state=unknown")),
    safe: 400,
    answer: undefined
  },
  {
    hook: "resolveSession",
    options: (hook) => ({
      allowedRedirectUrls: [{ url: done, binding: "session" }],
      resolveSession: hook as () => Promise<null>
    }),
    use: callback,
    safe: 400,
    answer: admin
  },
  {
    hook: "tenantName",
    options: (hook) => ({
      allowedRedirectUrls: [{ url: done, binding: "confirm" }],
      tenantName: hook as () => string
    }),
    use: async (hawser) => {
      const started = await hawser
        .tenant(ada.tenantId, { user: ada.userId })
        .connect("forge", { redirectUrl: done })
      const state = "state" in started ? started.state : ""
      const { headers } = await ask(hawser, `/forge/callback?code=c&state=${state}`)
      const { pathname, search } = new URL(headers.get("location") ?? "")
      const [cookie = ""] = headers.getSetCookie()
      const page = await ask(hawser, pathname.replace("/v1/integrations", "") + search, { cookie })
      return [page.status, (await page.text()).includes("<dd><bdi>acme</bdi></dd>")]
    },
    // By its id alone.
    safe: [200, true],
    answer: "Acme Inc."
  },
  {
    hook: "allowRedirect",
    options: (hook) => ({
      allowRedirect: hook as () => null,
      resolveSession: () => Promise.resolve(null)
    }),
    use: (hawser) =>
      codeOf(
        hawser
          .tenant(ada.tenantId, { user: ada.userId })
          .connect("forge", { redirectUrl: "https://tenant.example/page" })
      ),
    safe: "validation_error",
    answer: "session"
  },
  {
    hook: "authenticate",
    options: (hook) => ({ authenticate: hook as () => Promise<null> }),
    use: (hawser) => statusOf(ask(hawser, "", bearer)),
    safe: 503,
    answer: admin
  },
  {
    hook: "session.csrf",
    options: (hook) => ({
      authenticate: session({ csrf: hook as () => boolean, resolve: () => null })
    }),
    use: (hawser) => statusOf(ask(hawser, "")),
    safe: 503,
    answer: true
  },
  {
    hook: "session.resolve",
    options: (hook) => ({
      authenticate: session({ csrf: () => true, resolve: hook as () => null })
    }),
    use: (hawser) => statusOf(ask(hawser, "")),
    safe: 503,
    answer: admin
  },
  {
    hook: "tenantOf",
    options: (hook) => ({
      authenticate: jwt({ issuers: [issued], tenantOf: hook as () => string })
    }),
    use: (hawser) => statusOf(ask(hawser, "", { authorization: `Bearer ${token}` })),
    safe: 503,
    answer: "acme"
  },
  {
    hook: "userOf",
    options: (hook) => ({ authenticate: jwt({ ...issued, userOf: hook as () => string }) }),
    use: (hawser) => statusOf(ask(hawser, "", { authorization: `Bearer ${token}` })),
    safe: 503,
    answer: "ada"
  },
  {
    hook: "appOrigins",
    options: (hook) => ({ appOrigins: hook as () => boolean }),
    use: (hawser) =>
      statusOf(
        hawser.handler(
          new Request("http://hawser.invalid/v1/integrations/forge/connect", {
            method: "POST",
            headers: {
              ...bearer,
              origin: "https://page.example",
              "content-type": "application/json"
            },
            body: JSON.stringify({ redirectUrl: done })
          })
        )
      ),
    safe: 403,
    answer: true
  },
  {
    hook: "availability",
    options: (hook) => ({
      providers: [
        defineProvider(
          { ...oauth2, id: "forge" },
          { ...client, availability: hook as () => boolean }
        )
      ]
    }),
    use: async (hawser) => {
      const response = await ask(hawser, "/forge", bearer)
      return ((await response.json()) as { readonly error: string }).error
    },
    safe: "provider_not_found",
    answer: true
  },
  {
    hook: "clientOf",
    options: (hook) => ({
      providers: [
        defineProvider({ ...oauth2, id: "forge" }, { clientOf: hook as () => typeof client })
      ]
    }),
    use: (hawser) =>
      codeOf(
        hawser.tenant(ada.tenantId, { user: ada.userId }).connect("forge", { redirectUrl: done })
      ),
    safe: "storage_unavailable",
    answer: client
  },
  {
    hook: "keyManagement.wrap",
    options: (hook) => ({
      encryptionKey: undefined,
      keyManagement: {
        primaryKeyId: "kms",
        wrap: hook as () => Promise<Uint8Array>,
        unwrap: () => Promise.resolve(undefined)
      }
    }),
    use: (hawser) =>
      codeOf(
        hawser
          .tenant(ada.tenantId, { user: ada.userId })
          .credentials("keyed")
          .store({ credentials: { api_key: "k" } })
      ),
    safe: "storage_unavailable",
    answer: new Uint8Array([1])
  },
  {
    hook: "keyManagement.unwrap",
    options: (hook) => ({
      encryptionKey: undefined,
      keyManagement: {
        primaryKeyId: "kms",
        wrap: (dataKey) => Promise.resolve(dataKey),
        unwrap: hook as () => Promise<Uint8Array>
      }
    }),
    use: async (hawser) => {
      const stored = { ...ada, provider: "keyed" }
      const { credentialId } = await hawser
        .tenant(stored.tenantId, { user: stored.userId })
        .credentials(stored.provider)
        .store({ credentials: { api_key: "k" } })
      await hawser
        .tenant(stored.tenantId, { user: stored.userId })
        .connect(stored.provider, { credentialId })
      return codeOf(hawser.tenant(stored.tenantId).connection(stored.provider).apiKey())
    },
    safe: "storage_unavailable",
    answer: new Uint8Array(32)
  },
  {
    hook: "trustProxy",
    options: () => {
      onTestFinished(withinAMinute())
      return { rateLimit: 1 }
    },
    // The second is one too many of the other end's, whatever either has sent.
    use: async (hawser, hook) => {
      const [first, second] = await overHttp(hawser, hook, "/catalog")
      return [first, second]
    },
    safe: [200, 429],
    answer: "192.0.2.1"
  },
  {
    hook: "onProgress",
    options: () => ({}),
    use: async (hawser, hook) => {
      const item = {
        tenantId: "acme",
        provider: "keyed",
        connectedBy: "ada",
        credentials: { api_key: "k" }
      }
      const items = [item, { ...item, tenantId: "globex" }, { ...item, tenantId: "initech" }]
      return (await hawser.admin.import(items, { onProgress: hook })).imported
    },
    safe: 3,
    answer: undefined
  },
  {
    hook: "onProgress",
    options: () => ({}),
    use: async (hawser, hook) => {
      const before = await hawser
        .tenant(ada.tenantId, { user: ada.userId })
        .credentials("keyed")
        .store({ credentials: { api_key: "k" } })
      expect(before.status).toBe("unverified")
      return (await hawser.admin.rotateKeys({ onProgress: hook })).remaining
    },
    safe: 0,
    answer: undefined
  }
]

const hookTimeout = 100

const start = async (row: Row, hook: Hook) => {
  const lines: Array<{ readonly message: string; readonly details: Record<string, unknown> }> = []
  const line = (message: string, details: object) =>
    void lines.push({ message, details: { ...details } })
  const hawser = await createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: [done],
    authenticate: () => Promise.resolve({ ...admin, roles: [...admin.roles] }),
    providers: [defineProvider({ ...oauth2, id: "forge" }, client), keyed],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    rateLimit: false,
    workers: "off",
    logger: { messageFirst: { info: line, warn: line, error: line } },
    hookTimeout,
    ...(await row.options(hook))
  })
  onTestFinished(() => hawser.close())
  return {
    hawser,
    /** What the log has under the hook's name. */
    linesOf: (name: string) => lines.filter(({ details }) => details["hook"] === name)
  }
}

const never = (): Promise<never> => new Promise(() => {})
const fail = (): never => {
  throw new Error("the host's own failure")
}

/** How a function may end, and what the log says of it. */
const ends: ReadonlyArray<readonly [string, () => unknown, RegExp]> = [
  ["throws", fail, /threw\.$/],
  ["rejects", () => Promise.reject(new Error("the host's own failure")), /rejected\.$/],
  ["hangs", never, /did not answer within 100ms\.$/],
  [
    "answers with what throws when it is looked at",
    // What is looked at is `then`, as of every answer.
    // oxlint-disable-next-line no-thenable -- That is what it is about.
    () => Object.defineProperty({}, "then", { get: fail }),
    /rejected\.$/
  ]
]

describe.each(rows.map((row) => [row.hook, row] as const))(
  "S-71 a function of the host's: %s",
  (name, row) => {
    it.each(ends)("%s: safe, and logged once", async (_, end, sentence) => {
      const { hawser, linesOf } = await start(row, end)
      // Two requests, or one call of an import that would tell of three items.
      const calls = name === "trustProxy" ? 2 : 1
      expect(await row.use(hawser, end)).toEqual(row.safe)
      await eventually("a line of each call", () => linesOf(name).length >= calls)
      expect(linesOf(name)).toHaveLength(calls)
      for (const { details, message } of linesOf(name)) {
        expect(message).toMatch(sentence)
        expect(message.startsWith(`${name} `)).toBe(true)
        // What the host wrote in its error says where to look; a function that hangs has said nothing.
        const said = details["cause"] ?? "nothing"
        expect(said).toContain(end === never ? "nothing" : "the host's own failure")
      }
    })

    it.each([
      ["yes", (late: PromiseWithResolvers<unknown>) => late.resolve(row.answer)],
      ["with a rejection", (late: PromiseWithResolvers<unknown>) => late.reject(new Error("late"))]
    ])("answers %s, late: nothing changes", async (_, answer) => {
      const late: Array<PromiseWithResolvers<unknown>> = []
      const hook = () => {
        const one = Promise.withResolvers<unknown>()
        late.push(one)
        return one.promise
      }
      const { hawser, linesOf } = await start(row, hook)
      const outcome = await row.use(hawser, hook)
      expect(outcome).toEqual(row.safe)
      await eventually("a line", () => linesOf(name).length > 0)
      const said = linesOf(name).length
      for (const one of late) answer(one)
      // A turn of the event loop, in which an unheard rejection would end the process.
      await new Promise(setImmediate)
      expect(linesOf(name)).toHaveLength(said)
    })
  }
)

describe("S-71 logger of the host's", () => {
  it.each([
    ["throws", fail, 1],
    ["rejects", () => Promise.reject(new Error("the log is full")), 1],
    ["hangs", never, 0]
  ])("%s: what was to be logged goes on, and the console has it once", async (_, log, times) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {})
    onTestFinished(() => said.mockRestore())
    const hawser = await createHawser({
      publicUrl: "https://app.example.com",
      allowedRedirectUrls: [done],
      authenticate: fail,
      providers: [keyed],
      store: memory(),
      encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
      workers: "off",
      logger: { info: log, warn: log, error: log }
    })
    onTestFinished(() => hawser.close())
    for (let i = 0; i < 3; i++) expect(await statusOf(ask(hawser, "", bearer))).toBe(503)
    await new Promise(setImmediate)
    expect(said).toHaveBeenCalledTimes(times)
  })
})
