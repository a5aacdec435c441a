import { Effect } from "effect"
import { createServer, type ServerOptions } from "node:https"
import tls from "node:tls"
import { generate } from "selfsigned"
import { listening } from "../../../../test-support/servers.ts"

/** A key and a certificate that names these hosts. */
export const certificateFor = async (...names: ReadonlyArray<string>) => {
  const pems = await generate([{ name: "commonName", value: names[0] ?? "" }], {
    keyType: "ec",
    extensions: [
      { name: "subjectAltName", altNames: names.map((value) => ({ type: 2 as const, value })) }
    ]
  })
  return { key: pems.private, cert: pems.cert }
}

const authorities = tls.getCACertificates("default")

/** For the length of a scope, the certificates that this process trusts. */
export const trusting = (...certificates: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => tls.setDefaultCACertificates(certificates)),
    () => Effect.sync(() => tls.setDefaultCACertificates(authorities))
  )

/** A TLS server on loopback, and the requests that come through its handshake. */
export const secureServer = Effect.fnUntraced(function* (options: ServerOptions) {
  const hosts: Array<string | undefined> = []
  const { promise: isClosed, resolve: closed } = Promise.withResolvers<void>()
  const server = createServer(options, (request, response) => {
    hosts.push(request.headers.host)
    response.end("secure")
  })
  server.on("tlsClientError", () => undefined)
  server.on("secureConnection", (socket) => socket.once("close", () => closed()))
  const { connections, port } = yield* listening(server)
  return { port, connections, hosts, requests: () => hosts.length, isClosed }
})
