import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

export interface ApiKeyService {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** A monitoring service on loopback that accepts one API key and answers 401 to every other. */
export const startApiKeyService = async (options: {
  readonly port?: number
  readonly acceptedKey: string
}): Promise<ApiKeyService> => {
  const server = createServer((request, response) => {
    const accepted = request.headers["x-api-key"] === options.acceptedKey
    response.writeHead(accepted ? 200 : 401, { "content-type": "application/json" })
    response.end(JSON.stringify(accepted ? { account: "acme" } : { error: "unknown key" }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve)
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
