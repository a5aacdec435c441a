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

const callerOf = (userId = "") => {
  const has = roles[userId]
  return has === undefined ? null : { tenantId: "acme", userId, roles: has }
}

export interface Host {
  readonly origin: string
  readonly hawser: Hawser
  readonly simulator: RunningSimulator
}

export interface HostOptions {
  /** What stands in the page's body. Default: the element. */
  readonly body?: string
  readonly binding?: "cookie" | "session" | "complete" | "confirm"
  /** Attributes of `<html>`. */
  readonly html?: string
  /** What the strict policy has besides. */
  readonly policy?: string
  /** `standalone`: the file for pages without a bundler, by a tag of its own. */
  readonly script?: Script
}

type Script = Parameters<typeof bundleOf>[0]

const scripts = new Map<Script, Promise<string>>()
const scriptOf = (name: Script): Promise<string> => {
  const known = scripts.get(name) ?? bundleOf(name)
  scripts.set(name, known)
  return known
}

/** What a host writes beside the standalone file. */
const plainScript =
  'document.querySelector("hawser-integrations").token = document.documentElement.dataset.user'

/** Answers for the files of the settings page; false if it is none of them. */
export const settingsPage = async ({
  body = "<hawser-integrations></hawser-integrations>",
  html = 'lang="en"',
  policy = "",
  script = "elements"
}: Pick<HostOptions, "body" | "html" | "policy" | "script">) => {
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/page.js": ["text/javascript", script === "standalone" ? plainScript : await scriptOf(script)],
    ...(script === "standalone" && {
      "/standalone.js": ["text/javascript", await scriptOf(script)] as const
    }),
    "/page.css": ["text/css", ":root{color-scheme:light dark;background:Canvas}"],
    "/logo.svg": ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    "/settings": [
      "text/html",
      `<!doctype html><html ${html}${html.includes("data-user") ? "" : ' data-user="ada"'}>` +
        '<meta charset="utf-8"><title>Settings</title><link rel="stylesheet" href="/page.css">' +
        (script === "standalone" ? '<script type="module" src="/standalone.js"></script>' : "") +
        '<script type="module" src="/page.js"></script>' +
        `<main><h1>Settings</h1>${body}</main></html>`
    ]
  }
  return (pathname: string, response: ServerResponse): boolean => {
    const file = files[pathname]
    if (file === undefined) return false
    // The host's own session, for the binding of that name.
    if (pathname === "/settings")
      response.setHeader("set-cookie", "session=ada; HttpOnly; SameSite=Lax; Path=/")
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
  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) =>
    listener(request, response)
  )
  await once(server.listen(0, "127.0.0.1"), "listening")
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ids = ["datadog", "github", "gmail", "jira", "slack", "zendesk"] as const
  const simulator = await startSimulator({ providers: ids.map(factsOf), consent: "button" })
  const at = { publicUrl: origin }
  const hawser = await createHawser({
    publicUrl: origin,
    allowedRedirectUrls: [{ url: `${origin}/settings`, binding }],
    // The host's own page says who is signed in; a real one looks at its token or session.
    authenticate: (request) =>
      Promise.resolve(callerOf(request.headers.get("authorization")?.replace("Bearer ", ""))),
    tenantName: () => "Acme Inc",
    ...(binding === "session" && {
      resolveSession: (request: Request) =>
        Promise.resolve(callerOf(/session=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1]))
    }),
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
