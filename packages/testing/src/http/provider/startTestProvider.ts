import type { Binding, ProviderConfig } from "@hawser/core"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { authorizationServer } from "./authorizationServer.ts"
import { providersAt } from "./definitions.ts"
import { type Session, sessionOf } from "./session.ts"

/** How the API-key service answers a key. */
export type KeyAnswer = "accepted" | "rejected" | "teapot" | "unreachable"

const statusOf = { accepted: 200, rejected: 401, teapot: 418 } as const

const app = "https://app.conformance.example"

/** Where flows of the suite end, by how they are bound. */
export const redirectUrls = {
  cookie: `${app}/cookie?kept=1`,
  complete: `${app}/complete`,
  session: `${app}/session`,
  confirm: "https://pages.conformance.example/confirmed"
} as const satisfies Record<Binding, string>

export const appUrl = `${app}/start?a=1&b=2`
export const appOrigin = app

/** What the host calls a tenant: nothing of it is markup. */
export const tenantNameOf = (tenantId: string): string => `<b>"Acme" & 'Sons'</b> ${tenantId}`

/** An authorization server and an API-key service on loopback, and what a host needs to know of them. */
export interface TestProvider {
  /**
   * Options for the host under test, to be spread into those of `createHawser`. They allow loopback, which is for tests
   * alone.
   */
  readonly options: {
    readonly providers: ReadonlyArray<ProviderConfig>
    readonly allowedRedirectUrls: ReadonlyArray<{ readonly url: string; readonly binding: Binding }>
    readonly appUrl: string
    readonly tenantName: (tenantId: string) => string
    readonly resolveSession: (request: Request) => Promise<Session | null>
    readonly rateLimit: number
    readonly unsafelyAllowLoopback: true
  }
  /** Says how a key is answered from now on, and whose it is if that is told. One of which nothing was said is rejected. */
  readonly answerKey: (key: string, answer: KeyAnswer, account?: string) => void
  /** How many codes were brought to the token endpoint. Refreshes do not count. */
  readonly tokenRequests: () => number
  readonly close: () => Promise<void>
}

/**
 * Starts the services that the HTTP suite connects its tenants to.
 *
 * @example
 * import { startTestProvider } from "@hawser/testing"
 *
 * const provider = await startTestProvider()
 * // createHawser({ ...provider.options, publicUrl, authenticate, store, encryptionKey })
 * await provider.close()
 */
export const startTestProvider = async (): Promise<TestProvider> => {
  let origin = ""
  const oauth = authorizationServer(() => origin)
  const keys = new Map<
    string,
    { readonly answer: KeyAnswer; readonly account?: string | undefined }
  >()

  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const url = URL.parse(`${origin}${request.url ?? "/"}`)
    if (url === null) return void response.writeHead(400).end()
    if (oauth.answer(request, url, response)) return
    if (url.pathname === "/me") {
      const token = request.headers.authorization?.replace("Bearer ", "") ?? ""
      return void response.writeHead(oauth.accepts(token) ? 200 : 401).end("{}")
    }
    const { account, answer } = keys.get(String(request.headers["x-api-key"])) ?? {
      answer: "rejected"
    }
    if (answer === "unreachable") return void request.socket.destroy()
    // Of what it says besides, nothing may reach the tenant.
    const body = {
      echo: bodyCanary,
      ...(account !== undefined && { account: { id: account, name: `Name of ${account}` } })
    }
    response.writeHead(statusOf[answer]).end(JSON.stringify(body))
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    options: {
      providers: providersAt(origin),
      allowedRedirectUrls: Object.entries(redirectUrls).map(([binding, url]) => ({
        url,
        binding: binding as Binding
      })),
      appUrl,
      tenantName: tenantNameOf,
      resolveSession: async (request) => sessionOf(request.headers.get("cookie")),
      // Few enough to be used up by a test; and all callbacks of a minute come from one address.
      rateLimit: 600,
      unsafelyAllowLoopback: true
    },
    answerKey: (key, answer, account) => void keys.set(key, { answer, account }),
    tokenRequests: oauth.tokenRequests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}

/** Stands in the body of each answer of the API-key service. */
export const bodyCanary = "canary-of-the-body"
