import { createServer, type ServerOptions } from "node:https"
import { once } from "node:events"
import { request } from "node:http"
import type { AddressInfo } from "node:net"
import { createSecureContext } from "node:tls"
import { factsOf } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import { makeAuthority } from "../../test-support/certificates.ts"

/** GitHub on this machine, by its own names and over https: neither a page nor its host knows of it. */
export interface Vendors {
  readonly simulator: RunningSimulator
  readonly port: number
  /** For a host's process, which then reaches it as `github.com`. */
  readonly environment: Readonly<Record<string, string>>
  /** For a browser, which does as well. */
  readonly browserArguments: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

const hosts = ["github.com", "api.github.com"]

export const startVendors = async (): Promise<Vendors> => {
  const simulator = await startSimulator({ providers: [factsOf("github")], consent: "button" })
  const authority = await makeAuthority()
  const issued = await Promise.all(
    hosts.map((host) => authority.issue({ commonName: host, dnsName: host }))
  )
  const contexts = new Map(hosts.map((host, at) => [host, createSecureContext({ ...issued[at] })]))
  const options: ServerOptions = {
    SNICallback: (host, done) => done(null, contexts.get(host))
  }
  const server = createServer(options, (incoming, outgoing) => {
    const { headers, method, url } = incoming
    const passed = request({
      host: "127.0.0.1",
      port: simulator.port,
      method,
      path: url,
      headers: { ...headers, host: `${headers.host}.localhost:${simulator.port}` }
    })
    passed.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on("error", () => outgoing.destroy())
    incoming.pipe(passed)
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  return {
    simulator,
    port,
    environment: {
      NODE_OPTIONS: `--import=${new URL("reachVendors.ts", import.meta.url).href}`,
      NODE_EXTRA_CA_CERTS: authority.certFile,
      STRANGERS_VENDORS: JSON.stringify({ hosts, port })
    },
    browserArguments: [
      `--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1:${port}`).join(",")}`
    ],
    close: async () => {
      server.closeAllConnections()
      server.close()
      await simulator.close()
      authority.remove()
    }
  }
}
