import { HawserLive } from "@hawser/effect"
import { MemoryStores } from "@hawser/memory"
import { Effect } from "effect"
import { type HawserOptions, nodeHandler, type ProviderConfig, type SecurityEvent } from "hawser"
import { randomBytes } from "node:crypto"
import type { AddressInfo } from "node:net"
import { createServer, type RequestListener, type ServerResponse } from "node:http"
import { Problem } from "../Problem.ts"

/** A host of one provider for one person, with nothing stored anywhere. */

const endPath = "/done"

export const endOf = (publicUrl: string): string => `${publicUrl}${endPath}`

interface HostOptions {
  readonly config: ProviderConfig
  readonly publicUrl: string
  readonly onSecurityEvent: (event: SecurityEvent) => void
  readonly host: Pick<HawserOptions, "authKinds" | "egress" | "unsafelyAllowLoopback">
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

/** All of Hawser, by which nobody calls: of its routes only the callback answers. */
export const verificationLayer = ({ config, host, onSecurityEvent, publicUrl }: HostOptions) =>
  HawserLive({
    ...host,
    publicUrl,
    allowedRedirectUrls: [endOf(publicUrl)],
    authenticate: async () => null,
    providers: [config],
    store: { layer: MemoryStores.layer },
    encryptionKey: randomBytes(32).toString("base64"),
    workers: "off",
    onSecurityEvent,
    // A vendor's text may hold what only its user may read, so nothing is logged: the record has Hawser's own words.
    logger: quiet
  })

type Handle = Parameters<typeof nodeHandler>[0]

interface PersonRoutes {
  readonly handle: Handle
  /** The headers of the answer that sends the browser to the vendor. */
  readonly begin: () => Promise<Readonly<Record<string, string>>>
  /** The flow has ended, at a page with these parameters. */
  readonly ended: (parameters: URLSearchParams) => void
}

const page = (response: ServerResponse, text: string): void => {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store"
  })
  response.end(`<!doctype html><html lang="en"><title>Hawser</title><p>${text}</p></html>`)
}

const listenerOf = ({ begin, ended, handle }: PersonRoutes): RequestListener => {
  const integrations = nodeHandler(handle)
  return (request, response) => {
    const url = URL.parse(`http://localhost${request.url ?? "/"}`)
    if (url === null) return void response.writeHead(400).end()
    const { pathname, searchParams } = url
    if (pathname.startsWith("/v1/integrations")) return integrations(request, response)
    if (pathname === endPath) {
      page(response, "You can close this page: the rest is told where you began.")
      return ended(searchParams)
    }
    if (pathname !== "/" || request.method !== "GET") return void response.writeHead(404).end()
    void begin().then(
      (headers) => response.writeHead(303, headers).end(),
      () => page(response, "This cannot begin. The command line says why.")
    )
  }
}

/** A server on this machine that the person's browser comes to. */
export interface PersonServer {
  readonly port: number
  readonly answerBy: (routes: PersonRoutes) => void
}

/** Listens for as long as the scope lives; at port 0, at one that is free. */
export const listenForPerson = (port: number) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        // The address is needed before there is anything to answer.
        let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
        const server = createServer((request, response) => listener(request, response))
        await new Promise<void>((resolve, reject) => {
          server.once("error", reject)
          server.listen(port, "127.0.0.1", resolve)
        })
        const person: PersonServer = {
          port: (server.address() as AddressInfo).port,
          answerBy: (routes) => (listener = listenerOf(routes))
        }
        return { person, server }
      },
      catch: () =>
        new Problem({
          code: "port_taken",
          problem: `Port ${port} of this machine is taken.`,
          next: "Give another one by --port, and register the redirect URI with it."
        })
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map(({ person }) => person))
