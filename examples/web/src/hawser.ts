import { randomBytes } from "node:crypto"
import { createHawser, datadog, jwt, memory } from "hawser"

/** What the example mounts. A real host takes all of it from its configuration, and keeps it in a database. */
export const hawser = await createHawser({
  publicUrl: process.env["PUBLIC_URL"] ?? "http://127.0.0.1:3000",
  allowedRedirectUrls: [`${process.env["PUBLIC_URL"] ?? "http://127.0.0.1:3000"}/integrations`],
  authenticate: jwt({
    issuer: "https://login.example.com/",
    audience: "https://app.example.com",
    jwksUrl: process.env["JWKS_URL"] ?? "https://login.example.com/.well-known/jwks.json"
  }),
  providers: [datadog()],
  store: memory(),
  encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"] ?? randomBytes(32).toString("base64"),
  unsafelyAllowLoopback: true
})
