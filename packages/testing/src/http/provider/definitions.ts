import {
  type ApiKeyProviderConfig,
  type OAuth2Definition,
  type OAuth2ProviderConfig,
  ProviderId
} from "@hawser/core"

/** The client that the host is at the kit's authorization server. */
export const client = { clientId: "conformance", clientSecret: "a secret: 100% + of it" }

export const scopes = ["projects.read", "projects.write"] as const
export const requiredScope = "projects.read"
export const realms = ["north", "south"] as const

const about = (id: string, displayName: string) => ({
  id: ProviderId.make(id),
  displayName,
  description: "Of the conformance kit, on loopback."
})

/** What the suites call each provider by. */
export const oauth = "conformance-oauth"
export const formPost = "conformance-form-post"
export const withRealm = "conformance-realm"
export const withSites = "conformance-sites"
export const apiKey = "conformance-key"
export const otherKey = "conformance-other-key"
export const unlisted = "conformance-unlisted"
export const closed = "conformance-closed"
/** Tenants and users may have many of these. */
export const many = "conformance-many"
export const manyKeys = "conformance-many-keys"
/** A user may have one, and a tenant none. */
export const usersOne = "conformance-users-one"
export const usersKey = "conformance-users-key"

/** The providers that the host under test is configured with. `origin` is where the kit's server is. */
export const providersAt = (
  origin: string
): ReadonlyArray<OAuth2ProviderConfig | ApiKeyProviderConfig> => {
  const server = (path: string): Omit<OAuth2Definition, keyof ReturnType<typeof about>> => ({
    category: "ticketing",
    authType: "oauth2",
    issuer: `${origin}${path}`,
    authorizationEndpoint: `${origin}${path}/authorize`,
    tokenEndpoint: `${origin}${path}/token`,
    issParameterSupported: true,
    clientAuthentication: "client_secret_basic",
    defaultScopes: scopes,
    account: { from: "token_response", id: ["account", "id"], label: ["account", "name"] },
    check: { url: `${origin}/me` }
  })
  const keyService = {
    category: "monitoring",
    authType: "api_key",
    fields: [{ name: "api_key", label: "API key" }],
    headers: { "x-api-key": "{api_key}" }
  } as const
  const check = { url: `${origin}/key` }
  const account = { id: ["account", "id"], label: ["account", "name"] } as const
  const registration = { ...client, requiredScopes: [requiredScope] }
  const forAll = {
    ownedBy: ["tenant", "user"],
    connections: "many",
    availability: "unlisted"
  } as const
  const forUsers = { ownedBy: ["user"], availability: "unlisted" } as const

  return [
    { ...registration, definition: { ...about(oauth, "A server"), ...server("") } },
    {
      ...registration,
      definition: { ...about(formPost, "B server"), ...server(""), responseMode: "form_post" }
    },
    {
      ...registration,
      definition: {
        ...about(withRealm, "C server"),
        ...server("/{realm}"),
        fields: [{ name: "realm", label: "Realm", secret: false, choices: realms }]
      }
    },
    {
      definition: {
        ...about(apiKey, "D service"),
        ...keyService,
        fields: [
          ...keyService.fields,
          { name: "note", label: "Note", secret: false, required: false, pattern: "[a-z]+" }
        ],
        check,
        account
      }
    },
    { definition: { ...about(otherKey, "E service"), ...keyService, category: "cloud", check } },
    {
      ...registration,
      definition: {
        ...about(withSites, "H server"),
        ...server(""),
        discovery: { url: `${origin}/sites` },
        captures: {
          site: { from: "request", path: [{ only: true }, "id"], pattern: "[a-z0-9\\-]{1,60}" }
        },
        account: { from: "discovery", id: [{ only: true }, "id"], label: [{ only: true }, "name"] },
        api: { baseUrl: `${origin}/sites/{site}` }
      }
    },
    { definition: { ...about(unlisted, "F service"), ...keyService }, availability: "unlisted" },
    { definition: { ...about(closed, "G service"), ...keyService }, availability: () => false },
    { ...registration, ...forAll, definition: { ...about(many, "H server"), ...server("") } },
    { ...forAll, definition: { ...about(manyKeys, "I service"), ...keyService, check, account } },
    { ...registration, ...forUsers, definition: { ...about(usersOne, "J server"), ...server("") } },
    { ...forUsers, definition: { ...about(usersKey, "K service"), ...keyService, check } }
  ]
}
