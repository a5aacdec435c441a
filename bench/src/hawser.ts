import { expressHandler } from "@hawser/express"
import express from "express"
import { createHawser, defineProvider, type Hawser, jwt, nodeHandler, postgres } from "hawser"
import {
  authorizationEndpoint,
  clientId,
  clientSecret,
  type Contender,
  poolSize,
  rateLimit,
  scopes,
  type Settings
} from "./settings.ts"

/** Hawser as its README shows it. */
export const makeHawser = (
  settings: Settings,
  workers: "in-process" | "off" = "in-process"
): Promise<Hawser> => {
  const allowed =
    settings.connections === "many"
      ? ({ connections: "many", ownedBy: ["tenant", "user"] } as const)
      : {}
  return createHawser({
    publicUrl: settings.publicUrl,
    allowedRedirectUrls: [settings.redirectUrl],
    authenticate: jwt({
      issuer: settings.issuer,
      audience: settings.audience,
      jwks: settings.jwks
    }),
    providers: [
      defineProvider(
        {
          id: "acme",
          displayName: "Acme",
          category: "ticketing",
          description: "Projects and tasks.",
          authType: "oauth2",
          authorizationEndpoint,
          tokenEndpoint: settings.tokenEndpoint,
          clientAuthentication: "client_secret_basic",
          defaultScopes: scopes
        },
        { clientId, clientSecret, ...allowed }
      ),
      {
        ...defineProvider({
          id: "beacon",
          displayName: "Beacon",
          category: "monitoring",
          description: "Alerts and uptime.",
          authType: "api_key",
          fields: [{ name: "api_key", label: "API key" }],
          headers: { "x-api-key": "{api_key}" }
        }),
        ...allowed
      }
    ],
    store: postgres({
      url: settings.databaseUrl,
      schema: settings.schema,
      maxConnections: poolSize
    }),
    encryptionKey: settings.encryptionKey,
    rateLimit,
    workers,
    unsafelyAllowLoopback: true
  })
}

/** The same, on a server. */
export const startHawser = async (settings: Settings): Promise<Contender> => {
  const hawser = await makeHawser(settings)
  if (settings.mount === "node")
    return { listener: nodeHandler(hawser.handler), close: hawser.close }
  const app = express()
  app.use("/v1/integrations", expressHandler(hawser.handler))
  return { listener: app, close: hawser.close }
}
