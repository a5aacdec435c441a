import { defineProvider } from "hawser"
import { startAuthorizationServer } from "./authorization-server.ts"

const id = "acme-projects"
const clientId = "hawser-demo"

/** Starts the authorization server, and defines it as a provider that the catalogue does not have. */
export const startAcmeProjects = async (publicUrl: string) => {
  const clientSecret = crypto.randomUUID()
  const { close, issuer, revoke } = await startAuthorizationServer({
    clientId,
    clientSecret,
    clientName: "Hawser demo",
    redirectUri: `${publicUrl}/v1/integrations/${id}/callback`
  })
  const provider = defineProvider(
    {
      id,
      displayName: "Acme Projects",
      category: "ticketing",
      description: "Projects and tasks, with a login and a consent page.",
      brandColor: "#6d28d9",
      authType: "oauth2",
      issuer,
      openid: true,
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      // `login`: another account each time, if wanted. `consent`: without it the server grants `offline_access` to nobody
      // (OpenID Connect Core §11).
      authorizationParameters: { prompt: "login consent" },
      issParameterSupported: true,
      clientAuthentication: "client_secret_basic",
      defaultScopes: ["openid", "projects.read", "projects.write", "offline_access"],
      account: { from: "id_token", id: ["sub"], label: ["sub"] },
      api: { baseUrl: issuer }
    },
    {
      clientId,
      clientSecret,
      requiredScopes: ["projects.read"],
      // The company's accounts, and each person's own.
      ownedBy: ["tenant", "user"],
      connections: "many"
    }
  )
  return { provider, revoke, close }
}
