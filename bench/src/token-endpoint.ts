import { randomBytes } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

/** The provider's token endpoint, in a process of its own: answers each code with new tokens, at once. */
const server = createServer((request, response) => {
  request.resume().on("end", () => {
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
  })
})
// Else a connection could be closed just when a request is written to it.
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () =>
  process.send?.({ port: (server.address() as AddressInfo).port })
)
process.on("disconnect", () => process.exit())
