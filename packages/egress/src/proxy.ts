import { ConfigurationError, nestedOptions } from "@hawser/core"
import { Schema } from "effect"
import { isIPv6, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { dial, firstReached, ready } from "./dial.ts"
import { http } from "./nodeHttp.ts"
import type { Resolve } from "./resolver.ts"

/** The way out where all connections leave by a proxy. */
export interface EgressProxyOptions {
  /**
   * An HTTP proxy, `http://proxy.internal:3128`, or `https://…`; a user name and a password may stand in the URL. Names are
   * resolved and checked here as without it, and the proxy is asked for the address that was checked (CONNECT, RFC 9110
   * §9.3.6). What is on this machine is connected to directly. No environment variable is read.
   */
  readonly proxy?: string | undefined
  /**
   * A proxy that takes names only, in place of `proxy`. Unsafe, because the addresses that it connects to are checked by
   * nobody here: what it may reach is its own affair. A provider whose host tenants choose does not start with it.
   */
  readonly unsafelyResolvingProxy?: string | undefined
}

const textOrNothing = Schema.UndefinedOr(Schema.String)

/** Their names and types, for the checks of what has them among its own. */
export const egressProxyOptions = nestedOptions<EgressProxyOptions>({
  proxy: textOrNothing,
  unsafelyResolvingProxy: textOrNothing
})

/** A proxy of the host's, checked. */
export interface Proxy {
  readonly url: URL
  /** Whether the proxy is told names, and looks up their addresses itself. */
  readonly resolves: boolean
}

const proxyAt = (setting: string, text: string): Proxy => {
  const refuse = (problem: string) =>
    new ConfigurationError({ setting: `egress.${setting}`, problem })
  const url = URL.parse(text)
  // Not repeated: a password may stand in it.
  if (url === null || url.hostname === "")
    throw refuse("Set the URL of the proxy, such as http://proxy.internal:3128, or leave it out.")
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw refuse("Only proxies over http and https can be used.")
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    throw refuse("The URL of a proxy has no path, query or fragment.")
  try {
    proxyAuthorization(url)
  } catch {
    throw refuse("Its user name or password has a % that is not an escape. Write %25.")
  }
  return { url, resolves: setting === "unsafelyResolvingProxy" }
}

/** The proxy of the options. Throws `ConfigurationError`, which repeats nothing of the URL. */
export const checkProxy = ({
  proxy,
  unsafelyResolvingProxy
}: EgressProxyOptions): Proxy | undefined => {
  if (proxy !== undefined && unsafelyResolvingProxy !== undefined) {
    throw new ConfigurationError({
      setting: "egress",
      problem: "Set either proxy or unsafelyResolvingProxy, not both."
    })
  }
  if (proxy !== undefined) return proxyAt("proxy", proxy)
  if (unsafelyResolvingProxy === undefined) return undefined
  return proxyAt("unsafelyResolvingProxy", unsafelyResolvingProxy)
}

/** RFC 7617 §2. */
const proxyAuthorization = ({ password, username }: URL): Record<string, string> => {
  if (username === "" && password === "") return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` }
}

/** The proxy has answered, and opened nothing. */
class ProxyRefused extends Error {
  readonly code: string

  constructor(status: number) {
    super("The proxy opened no connection.")
    this.code = `proxy_answered_${status}`
  }
}

const connectToProxy = async (
  { protocol, hostname, port }: URL,
  resolve: Resolve,
  signal: AbortSignal
): Promise<Socket> => {
  const host = hostname.replace(/^\[|\]$/g, "")
  const isSecure = protocol === "https:"
  const number = port === "" ? (isSecure ? 443 : 80) : Number(port)
  const socket = await firstReached(
    await resolve(host, signal),
    (address, either) => dial(address, number, either),
    signal
  )
  if (!isSecure) return socket
  const secure = connectTls({
    socket,
    host,
    servername: host,
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"]
  })
  return ready(secure, "secureConnect", signal)
}

/** A connection through the proxy to an address, or, if it resolves, a name. */
export const tunnel = async (
  { url }: Proxy,
  target: string,
  port: number,
  limits: {
    readonly resolve: Resolve
    readonly maxHeaderBytes: number
    readonly signal: AbortSignal
  }
): Promise<Socket> => {
  const { maxHeaderBytes, resolve, signal } = limits
  const toProxy = await connectToProxy(url, resolve, signal)
  const authority = `${isIPv6(target) ? `[${target}]` : target}:${port}`
  return new Promise((opened, reject) => {
    const asking = http.request({
      method: "CONNECT",
      path: authority,
      headers: { host: authority, ...proxyAuthorization(url) },
      createConnection: () => toProxy,
      maxHeaderSize: maxHeaderBytes,
      insecureHTTPParser: false
    })
    const abort = () => toProxy.destroy()
    signal.addEventListener("abort", abort, { once: true })
    if (signal.aborted) abort()
    asking.once("connect", ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      signal.removeEventListener("abort", abort)
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head)
        return opened(socket)
      }
      socket.destroy()
      return reject(new ProxyRefused(statusCode))
    })
    // A request that is refused gets the event above too.
    asking.on("error", (error) => {
      toProxy.destroy()
      reject(error)
    })
    asking.end()
  })
}
