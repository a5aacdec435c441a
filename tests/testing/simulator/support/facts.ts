import { ApiKeyFacts, OAuth2Facts, type ProviderFacts } from "@hawser/testing/facts"
import { Schema } from "effect"

const about = (provider: string) => ({
  provider,
  presentation: {
    displayName: `The ${provider}`,
    category: "other",
    description: "Made up for tests.",
    docsUrl: `https://docs.${provider}.example/`
  },
  sources: [`https://docs.${provider}.example/`],
  unverified: []
})

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Members in place of others, at any depth; undefined leaves one out. */
const changed = (base: Members, changes: Members): Members =>
  Object.fromEntries(
    Object.entries({ ...base, ...changes })
      .map(([name, value]) => {
        const before = base[name]
        return [
          name,
          isMembers(before) && isMembers(value) ? changed(before, value) : value
        ] as const
      })
      .filter(([, value]) => value !== undefined)
  )

const answer = {
  access_token: "{access_token}",
  refresh_token: "{refresh_token}",
  token_type: "bearer",
  scope: "{scope}",
  expires_in: "{expires_in}"
}

const forge = {
  ...about("forge"),
  authType: "oauth2",
  issuer: "https://forge.example",
  fields: { site: { label: "Site", secret: false, sample: "acme" } },
  scopes: ["read", "write", "admin"],
  defaultScopes: ["read", "write"],
  authorize: {
    url: "https://{site}.forge.example/authorize",
    parameters: { audience: "api.{site}" },
    refuses: ["prompt"],
    pkce: "required",
    callback: { realm: "r-{site}" }
  },
  token: {
    url: "https://{site}.forge.example/token",
    clientAuthentication: ["client_secret_basic"],
    headers: { accept: "application/json" },
    parameters: { audience: "api.{site}" },
    refuses: ["scope"],
    answer: { ...answer, account: { id: 7, name: "Ann" }, url: "https://{site}.forge.example/" },
    lifetime: 3600,
    refused: { status: 400, body: { error: "invalid_grant", error_description: "No." } }
  },
  refresh: {
    url: "https://{site}.forge.example/token",
    clientAuthentication: ["client_secret_basic"],
    answer,
    lifetime: 1800,
    refused: { status: 400, body: { error: "dead_token" } },
    rotates: "always"
  },
  introspection: { url: "https://{site}.forge.example/introspect" },
  credential: { headers: { authorization: "Bearer {access_token}" } },
  api: {
    baseUrl: "https://api.forge.example/v1",
    hosts: ["files.forge.example"],
    headers: { accept: "application/vnd.forge+json" }
  },
  check: {
    url: "https://api.forge.example/v1/ping?deep=1",
    headers: { "x-probe": "yes" },
    accepted: { status: 200, body: { ok: true } },
    rejected: { status: 403, body: { ok: false } }
  },
  account: {
    id: "7",
    label: "Ann",
    request: {
      url: "https://api.forge.example/v1/me",
      answer: { id: 7, name: "Ann", at: "{site}" }
    }
  },
  revocation: {
    url: "https://{site}.forge.example/revoke",
    ends: "token",
    authentication: "client"
  }
}

const gauge = {
  ...about("gauge"),
  authType: "api_key",
  fields: {
    key: { label: "Key", sample: "k-123" },
    secret: { label: "Secret", sample: "s:456" },
    region: { label: "Region", secret: false, sample: "eu" }
  },
  credential: {
    headers: { "x-key": "Key {key}" },
    basic: { username: "{key}", password: "{secret}" },
    query: { region: "{region}" }
  },
  api: { baseUrl: "https://api.{region}.gauge.example" },
  check: {
    url: "https://api.{region}.gauge.example/graphql",
    method: "POST",
    body: '{"query":"{me{id}}","variables":{}}',
    accepted: { status: 200, body: { data: { me: { id: "1" } } } },
    rejected: { status: 200, body: { errors: [{ message: "no such key" }] } }
  }
}

const decodeOAuth2 = Schema.decodeUnknownSync(OAuth2Facts, { onExcessProperty: "error" })
const decodeApiKey = Schema.decodeUnknownSync(ApiKeyFacts, { onExcessProperty: "error" })

/** An OAuth2 vendor that is strict in every respect, with changes. */
export const forgeFacts = (changes: Members = {}): ProviderFacts =>
  decodeOAuth2(changed(forge, changes))

/** A vendor whose key is carried in three places at once, with changes. */
export const gaugeFacts = (changes: Members = {}): ProviderFacts =>
  decodeApiKey(changed(gauge, changes))
