import { datadog, jwt, lazyHawser, postgres } from "hawser"

export const hawser = lazyHawser(
  "app",
  () => ({
    publicUrl: process.env["PUBLIC_URL"],
    allowedRedirectUrls: [`${process.env["PUBLIC_URL"]}/integrations`],
    authenticate: jwt({
      issuer: "https://login.example.com/",
      audience: "https://app.example.com",
      jwksUrl: "https://login.example.com/.well-known/jwks.json"
    }),
    providers: [datadog()],
    store: postgres({ url: process.env["DATABASE_URL"], maxConnections: 2 }),
    encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"],
    workers: "off"
  }),
  async ({ on }) => {
    await on("integration.connected", { as: "log" }, ({ event }) =>
      console.log(`${event.tenantId} has connected ${event.data.provider}.`)
    )
  }
)
