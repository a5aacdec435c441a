import { expressHandler } from "@hawser/express"
import express from "express"
import { createHawser, datadog, github, jwt, postgres } from "hawser"

// A host as the README shows it, and in JavaScript: compiling TypeScript takes Node 20 MB.
const settings = /** @type {import("./settings.ts").Settings} */ (JSON.parse(process.argv[2] ?? ""))
const { audience, databaseUrl, encryptionKey, issuer, jwks, publicUrl, redirectUrl, schema } =
  settings
const hawser = await createHawser({
  publicUrl,
  allowedRedirectUrls: [redirectUrl],
  authenticate: jwt({ issuer, audience, jwks }),
  providers: [github({ clientId: "bench", clientSecret: "bench-client-secret" }), datadog()],
  store: postgres({ url: databaseUrl, schema }),
  encryptionKey
})
const app = express().use("/v1/integrations", expressHandler(hawser.handler))
const server = app.listen(0, "127.0.0.1", () =>
  process.send?.({ port: /** @type {import("node:net").AddressInfo} */ (server.address()).port })
)
process.on("message", () => {
  const { system, user } = process.cpuUsage()
  process.send?.({ rss: process.memoryUsage().rss, cpu: (user + system) / 1_000 })
})
process.on("disconnect", () => process.exit())
