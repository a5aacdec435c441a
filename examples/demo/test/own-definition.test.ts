import { checkProvider } from "@hawser/testing/catalogue"
import { expect, it } from "vitest"

// What you configure Hawser with. Here it may as well be read from a JSON file.
const definition = {
  id: "desk",
  displayName: "Desk",
  category: "support",
  description: "Tickets and customers.",
  docsUrl: "https://docs.desk.example/oauth",
  authType: "oauth2",
  authorizationEndpoint: "https://login.desk.example/authorize",
  tokenEndpoint: "https://login.desk.example/token",
  clientAuthentication: "client_secret_basic",
  defaultScopes: ["tickets.read"],
  defaultTokenLifetime: 3600,
  account: { from: "request", url: "https://api.desk.example/me", id: ["id"], label: ["email"] },
  api: { baseUrl: "https://api.desk.example" }
}

const answer = {
  access_token: "{access_token}",
  refresh_token: "{refresh_token}",
  token_type: "bearer",
  scope: "{scope}"
}
const tokenRequest = {
  url: "https://login.desk.example/token",
  clientAuthentication: ["client_secret_basic"],
  answer,
  lifetime: 3600,
  refused: { status: 400, body: { error: "invalid_grant" } }
}

// What docs.desk.example says, read there and not copied from above.
const facts = {
  provider: "desk",
  authType: "oauth2",
  presentation: {
    displayName: "Desk",
    category: "support",
    description: "Tickets and customers.",
    docsUrl: "https://docs.desk.example/oauth"
  },
  sources: ["https://docs.desk.example/oauth"],
  unverified: ["refresh.refused"],
  scopes: ["tickets.read", "tickets.write"],
  defaultScopes: ["tickets.read"],
  authorize: { url: "https://login.desk.example/authorize", pkce: "supported" },
  token: tokenRequest,
  refresh: { ...tokenRequest, rotates: "always" },
  credential: { headers: { authorization: "Bearer {access_token}" } },
  account: {
    id: "7",
    label: "ann@acme.example",
    request: { url: "https://api.desk.example/me", answer: { id: 7, email: "ann@acme.example" } }
  },
  revocation: null,
  api: { baseUrl: "https://api.desk.example" }
}

it("Desk's definition does what Desk's pages say", async () => {
  expect(await checkProvider({ definition, facts, source: "desk.json" })).toEqual([])
})
