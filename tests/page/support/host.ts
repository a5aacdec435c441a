import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { factsOf } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import { createHawser, type Hawser, memory, nodeHandler } from "hawser"
import { datadog, github, gmail, jira, slack, zendesk } from "hawser/providers"
import { onTestFinished } from "vitest"
import { bundleOf } from "./bundles.ts"

/** Refuses everything that is not a file of the host's: no script, style or font in the page. */
const strictPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"

const roles: Readonly<Record<string, ReadonlyArray<"admin" | "member">>> = {
  ada: ["admin"],
  bob: ["member"]
}

export interface Host {
  readonly origin: string
  readonly hawser: Hawser
  readonly simulator: RunningSimulator
}

export interface HostOptions {
  /** What stands in the page's body. Default: the element. */
  readonly body?: string
  readonly binding?: "cookie" | "complete"
  /** Attributes of `<html>`. */
  readonly html?: string
  /** What the strict policy has besides. */
  readonly policy?: string
  readonly script?: "elements" | "react"
}

const scripts = new Map<string, Promise<string>>()
const scriptOf = (name: "elements" | "react"): Promise<string> => {
  const known = scripts.get(name) ?? bundleOf(name)
  scripts.set(name, known)
  return known
}

/** Answers for the files of the settings page; false if it is none of them. */
export const settingsPage = async ({
  body = "<hawser-integrations></hawser-integrations>",
  html = 'lang="en"',
  policy = "",
  script = "elements"
}: Pick<HostOptions, "body" | "html" | "policy" | "script">) => {
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/page.js": ["text/javascript", await scriptOf(script)],
    "/page.css": ["text/css", ":root{color-scheme:light dark;background:Canvas}"],
    "/logo.svg": ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    "/settings": [
      "text/html",
      `<!doctype html><html ${html}${html.includes("data-user") ? "" : ' data-user="ada"'}>` +
        '<meta charset="utf-8"><title>Settings</title><link rel="stylesheet" href="/page.css">' +
        '<script type="module" src="/page.js"></script>' +
        `<main><h1>Settings</h1>${body}</main></html>`
    ]
  }
  return (pathname: string, response: ServerResponse): boolean => {
    const file = files[pathname]
    if (file === undefined) return false
    response.setHeader("content-security-policy", strictPolicy + policy)
    response.setHeader("content-type", `${file[0]}; charset=utf-8`)
    response.end(file[1])
    return true
  }
}

/** A host with a settings page, and vendors that are simulated. It ends with the test. */
export const startHost = async ({
  binding = "cookie",
  ...shown
}: HostOptions = {}): Promise<Host> => {
  const answerPage = await settingsPage(shown)
  let listener: RequestListener = () => {}
  const server = createServer((request, response) => listener(request, response))
  await once(server.listen(0, "127.0.0.1"), "listening")
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ids = ["datadog", "github", "gmail", "jira", "slack", "zendesk"] as const
  const simulator = await startSimulator({ providers: ids.map(factsOf), consent: "button" })
  const at = { publicUrl: origin }
  const hawser = await createHawser({
    publicUrl: origin,
    allowedRedirectUrls: [{ url: `${origin}/settings`, binding }],
    // The host's own page says who is signed in; a real one looks at its token or session.
    authenticate: (request) => {
      const user = request.headers.get("authorization")?.replace("Bearer ", "") ?? ""
      const has = roles[user]
      return Promise.resolve(has ? { tenantId: "acme", userId: user, roles: has } : null)
    },
    providers: [
      simulator.simulate(datadog, at),
      { ...simulator.simulate(github, at), requiredScopes: [] },
      { ...simulator.simulate(gmail, at), ownedBy: ["tenant", "user"] },
      simulator.simulate(jira, at),
      { ...simulator.simulate(slack, at), connections: "many" },
      simulator.simulate(zendesk, at)
    ],
    store: memory(),
    encryptionKey: randomBytes(32).toString("base64"),
    unsafelyAllowLoopback: true
  })
  const integrations = nodeHandler(hawser.handler)
  listener = (request, response) => {
    const { pathname } = new URL(request.url ?? "/", origin)
    if (pathname.startsWith("/v1/integrations")) integrations(request, response)
    else if (!answerPage(pathname, response)) response.writeHead(404).end()
  }
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await hawser.close()
    await simulator.close()
  })
  return { origin, hawser, simulator }
}
