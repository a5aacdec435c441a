import { createHmac, randomUUID } from "node:crypto"
import { betterAuth } from "better-auth"
import { getMigrations } from "better-auth/db/migration"
import { toNodeHandler } from "better-auth/node"
import { genericOAuth } from "better-auth/plugins"
import express from "express"
import { Pool } from "pg"
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

const optionsOf = (settings: Settings, database: Pool) => ({
  database,
  baseURL: settings.publicUrl,
  secret: settings.encryptionKey,
  account: {
    encryptOAuthTokens: true,
    accountLinking: { enabled: true, allowDifferentEmails: true, trustedProviders: ["acme"] }
  },
  rateLimit: { enabled: true, window: 60, max: rateLimit },
  logger: { level: "error" as const },
  plugins: [
    genericOAuth({
      config: [
        {
          providerId: "acme",
          authorizationUrl: authorizationEndpoint,
          tokenUrl: settings.tokenEndpoint,
          clientId,
          clientSecret,
          authentication: "basic" as const,
          scopes: [...scopes],
          pkce: true,
          // The account is told without another request: each token is another account.
          getUserInfo: async ({ accessToken }) => ({
            id: accessToken ?? "",
            email: "somebody@example.com",
            emailVerified: true,
            name: "Somebody"
          })
        }
      ]
    })
  ]
})

const poolOf = ({ databaseUrl, schema }: Settings): Pool =>
  new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    options: `-c search_path=${schema}`
  })

/** Makes its tables, and so many users with a session each; the cookies that prove them. */
export const prepareBetterAuth = async (
  settings: Settings,
  count: number
): Promise<ReadonlyArray<string>> => {
  const database = poolOf(settings)
  await database.query(`CREATE SCHEMA ${settings.schema}`)
  const { runMigrations } = await getMigrations(optionsOf(settings, database))
  await runMigrations()
  const tokens = Array.from({ length: count }, () => randomUUID())
  await database.query(
    `INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
     SELECT 'user_' || i, 'User', 'user_' || i || '@example.com', true, now(), now()
     FROM generate_series(0, $1::int - 1) AS i`,
    [count]
  )
  await database.query(
    `INSERT INTO session (id, token, "userId", "expiresAt", "createdAt", "updatedAt")
     SELECT 'session_' || i, ($2::text[])[i + 1], 'user_' || i, now() + interval '7 days', now(), now()
     FROM generate_series(0, $1::int - 1) AS i`,
    [count, tokens]
  )
  await database.end()
  return tokens.map((token) => {
    const signature = createHmac("sha256", settings.encryptionKey).update(token).digest("base64")
    return `__Secure-better-auth.session_token=${encodeURIComponent(`${token}.${signature}`)}`
  })
}

/** better-auth as its documentation shows it for PostgreSQL, with tokens encrypted. */
export const startBetterAuth = (settings: Settings): Contender => {
  const database = poolOf(settings)
  const handler = toNodeHandler(betterAuth(optionsOf(settings, database)))
  const close = () => database.end()
  if (settings.mount === "node") {
    return { listener: (request, response) => void handler(request, response), close }
  }
  const app = express()
  app.all("/api/auth/*splat", handler)
  return { listener: app, close }
}
