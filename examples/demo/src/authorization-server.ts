import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { exportJWK, generateKeyPair } from "jose"
import { type InteractionResults, Provider } from "oidc-provider"
import { escapeHtml, providerPage } from "./html.ts"

export interface AuthorizationServer {
  readonly issuer: string
  readonly close: () => Promise<void>
}

/** What the consent page says about each scope. */
const scopes: Readonly<Record<string, string>> = {
  "projects.read": "See your projects and their tasks",
  "projects.write": "Create and change tasks",
  offline_access: "Stay connected when you are away"
}

/**
 * A real OAuth2 authorization server on loopback: `oidc-provider` with a login page and a consent page, PKCE required,
 * redirect URIs compared, refresh tokens rotated, `iss` on every authorization response.
 */
export const startAuthorizationServer = async (options: {
  readonly port?: number
  readonly clientId: string
  readonly clientSecret: string
  readonly clientName: string
  readonly redirectUri: string
}): Promise<AuthorizationServer> => {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve)
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair("RS256", { extractable: true })
  const seconds = (value: number) => () => value

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        client_name: options.clientName,
        redirect_uris: [options.redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic"
      }
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: "RS256", kid: "demo" }] },
    cookies: { keys: [crypto.randomUUID()] },
    scopes: Object.keys(scopes),
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, _client, code) => code.scopes.has("offline_access"),
    ttl: {
      AccessToken: seconds(3600),
      AuthorizationCode: seconds(60),
      Grant: seconds(86_400),
      Interaction: seconds(600),
      RefreshToken: seconds(86_400),
      Session: seconds(3600)
    },
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: async (ctx, out) => {
      ctx.type = "html"
      ctx.body = providerPage(
        "Something went wrong",
        `<h1>This did not work</h1><p>${escapeHtml(out.error)}</p>`
      )
    }
  })

  const callback = provider.callback()
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith("/interaction/") !== true) return void callback(request, response)
    interaction(provider, options, request, response).catch(() => {
      response.statusCode = 400
      response.end(
        providerPage(
          "Expired",
          "<h1>This page has expired</h1><p>Go back to the app and connect again.</p>"
        )
      )
    })
  })

  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}

/** Shows the login or the consent page, or takes its answer. */
const interaction = async (
  provider: Provider,
  client: { readonly clientId: string; readonly clientName: string },
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> => {
  const { grantId, params, prompt, session } = await provider.interactionDetails(request, response)
  const requested = (typeof params["scope"] === "string" ? params["scope"] : "")
    .split(" ")
    .filter((scope) => Object.hasOwn(scopes, scope))

  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html; charset=utf-8")
    response.end(
      prompt.name === "login"
        ? loginPage
        : consentPage(client.clientName, session?.accountId ?? "", requested)
    )
    return
  }

  const finish = (result: InteractionResults) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
  const form = new URLSearchParams(await text(request))
  if (prompt.name === "login") {
    const name = form.get("name")?.trim() ?? ""
    if (name === "") return finish({ error: "access_denied" })
    return finish({ login: { accountId: name.slice(0, 60) } })
  }
  if (form.get("answer") !== "allow") return finish({ error: "access_denied" })
  const grant =
    (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
    new provider.Grant({ accountId: session?.accountId ?? "", clientId: client.clientId })
  grant.addOIDCScope(requested.join(" "))
  return finish({ consent: { grantId: await grant.save() } })
}

const loginPage = providerPage(
  "Sign in",
  `<h1>Sign in to Acme Projects</h1>
<p>Any name will do: this is a demo.</p>
<form method="post">
  <label for="name">User name</label>
  <input id="name" name="name" value="grace@acme.test" autocomplete="off" required maxlength="60" autofocus>
  <div class="actions"><button class="primary">Sign in</button></div>
</form>`
)

const consentPage = (app: string, account: string, requested: ReadonlyArray<string>): string =>
  providerPage(
    "Allow access",
    `<h1>${escapeHtml(app)} asks for access</h1>
<p>You are signed in as ${escapeHtml(account)}.</p>
<ul>${requested
      .map(
        (scope) =>
          `<li>${escapeHtml(scopes[scope] ?? "")}<br><code>${escapeHtml(scope)}</code></li>`
      )
      .join("")}</ul>
<form method="post" class="actions">
  <button name="answer" value="deny">Deny</button>
  <button class="primary" name="answer" value="allow">Allow</button>
</form>`
  )
