import { randomBytes } from "node:crypto"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

const latency = Number(process.argv[2] ?? 0)

const answer = (response: ServerResponse): void => {
  response.setHeader("content-type", "application/json")
  response.end(
    JSON.stringify({
      access_token: randomBytes(32).toString("base64url"),
      refresh_token: randomBytes(32).toString("base64url"),
      token_type: "Bearer",
      expires_in: 3_600,
      scope: "projects.read projects.write"
    })
  )
}

/** The provider's token endpoint, in a process of its own: answers each request with new tokens, at once or after so long. */
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    if (latency > 0) setTimeout(answer, latency, response)
    else answer(response)
  })
})
// Else a connection could be closed just when a request is written to it.
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () =>
  process.send?.({ port: (server.address() as AddressInfo).port })
)
process.on("disconnect", () => process.exit())
