import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { defineProvider } from "hawser"

/** The key that Beacon accepts. It opens nothing but this demo. */
export const acceptedKey = "beacon-demo-key"

/** Starts a monitoring service that accepts one API key and answers 401 to every other, and defines it as a provider. */
export const startBeacon = async () => {
  const server = createServer((request, response) => {
    const accepted = request.headers["x-api-key"] === acceptedKey
    response.writeHead(accepted ? 200 : 401, { "content-type": "application/json" })
    response.end(JSON.stringify(accepted ? { account: "acme" } : { error: "unknown key" }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = defineProvider({
    id: "beacon",
    displayName: "Beacon Monitoring",
    category: "monitoring",
    description: "Alerts and uptime, by a key that is checked first.",
    brandColor: "#c2410c",
    authType: "api_key",
    fields: [
      {
        name: "api_key",
        label: "API key",
        help: `This demo accepts ${acceptedKey} and nothing else.`
      }
    ],
    headers: { "x-api-key": "{api_key}" },
    check: { url: `${origin}/check` }
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return { provider, close }
}
