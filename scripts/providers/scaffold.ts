import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export type AuthType = "oauth2" | "api_key"

const presentation = (id: string, displayName: string) => ({
  displayName,
  category: "other",
  description: "What a tenant gets by connecting it.",
  docsUrl: `https://docs.${id}.example/authentication`
})

const me = (id: string) => `https://api.${id}.example/v1/me`

const oauth2 = (id: string, displayName: string) => {
  const account = { id: "usr_1", email: "ann@acme.example" }
  const client = "client_secret_basic"
  const token = `https://login.${id}.example/oauth/token`
  const answer = {
    access_token: "{access_token}",
    refresh_token: "{refresh_token}",
    token_type: "Bearer",
    scope: "{scope}",
    expires_in: "{expires_in}"
  }
  const refused = { status: 400, body: { error: "invalid_grant" } }
  const tokenFacts = { url: token, clientAuthentication: [client], answer, lifetime: 3600, refused }
  return {
    definition: {
      id,
      ...presentation(id, displayName),
      authType: "oauth2",
      authorizationEndpoint: `https://login.${id}.example/oauth/authorize`,
      tokenEndpoint: token,
      clientAuthentication: client,
      defaultScopes: ["read"],
      account: { from: "request", url: me(id), id: ["id"], label: ["email"] },
      check: { url: me(id) },
      revocation: { endpoint: `https://login.${id}.example/oauth/revoke`, ends: "token" },
      api: { baseUrl: `https://api.${id}.example` }
    },
    facts: {
      provider: id,
      authType: "oauth2",
      presentation: presentation(id, displayName),
      sources: [`https://docs.${id}.example/authentication`],
      unverified: ["refresh.rotates", "revocation"],
      scopes: ["read", "write"],
      defaultScopes: ["read"],
      authorize: { url: `https://login.${id}.example/oauth/authorize`, pkce: "supported" },
      token: tokenFacts,
      refresh: { ...tokenFacts, rotates: "always" },
      credential: { headers: { authorization: "Bearer {access_token}" } },
      api: { baseUrl: `https://api.${id}.example` },
      check: {
        url: me(id),
        accepted: { status: 200, body: account },
        rejected: { status: 401, body: { error: "unauthorized" } }
      },
      account: {
        id: account.id,
        label: account.email,
        request: { url: me(id), answer: account }
      },
      revocation: {
        url: `https://login.${id}.example/oauth/revoke`,
        ends: "token",
        authentication: "client",
        clientAuthentication: [client]
      }
    }
  }
}

const apiKey = (id: string, displayName: string) => {
  const words = { label: "API key", help: "Settings, then API keys" }
  return {
    definition: {
      id,
      ...presentation(id, displayName),
      authType: "api_key",
      fields: [{ name: "api_key", ...words }],
      headers: { authorization: "Bearer {api_key}" },
      api: { baseUrl: `https://api.${id}.example` },
      check: { url: me(id) }
    },
    facts: {
      provider: id,
      authType: "api_key",
      presentation: presentation(id, displayName),
      sources: [`https://docs.${id}.example/authentication`],
      unverified: [],
      fields: { api_key: { ...words, sample: "key_0123456789" } },
      credential: { headers: { authorization: "Bearer {api_key}" } },
      api: { baseUrl: `https://api.${id}.example` },
      check: {
        url: me(id),
        accepted: { status: 200, body: { id: "usr_1" } },
        rejected: { status: 401, body: { error: "unauthorized" } }
      }
    }
  }
}

const titled = (id: string): string =>
  id
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ")

/**
 * Writes a definition and its facts for a vendor that does everything as the standards say: what is then to be done is to
 * read the vendor's pages and to change both files until they say what the pages say. Never overwrites anything.
 */
export const scaffold = (id: string, authType: AuthType, folder: string): ReadonlyArray<string> => {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id))
    throw new Error(`${id} is not a provider id: lower-case letters, digits and hyphens.`)
  const { definition, facts } = (authType === "oauth2" ? oauth2 : apiKey)(id, titled(id))
  const files = [
    [join(folder, `${id}.json`), definition],
    [join(folder, `${id}.facts.json`), facts]
  ] as const
  const existing = files.find(([file]) => existsSync(file))
  if (existing !== undefined) throw new Error(`${existing[0]} is there already.`)
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of files) writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
  return files.map(([file]) => file)
}
