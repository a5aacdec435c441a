import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { exportJWK, generateKeyPair } from "jose"
import { type InteractionResults, Provider } from "oidc-provider"
import { acmePage, consentPage, escapeHtml, loginPage, scopes } from "./acme-pages.ts"

export interface AuthorizationServer {
  readonly issuer: string
  /** Ends everything that was allowed here, as people may in their settings. */
  readonly revoke: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * A real OAuth2 authorization server on loopback: `oidc-provider` with a login page and a consent page, PKCE required,
 * redirect URIs compared, refresh tokens rotated, `iss` on every authorization response. Its API is `/me`.
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
    scopes: [...scopes.keys()],
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, _client, code) => code.scopes.has("offline_access"),
    ttl: {
      AccessToken: seconds(3600),
      AuthorizationCode: seconds(60),
      Grant: seconds(86_400),
      IdToken: seconds(3600),
      Interaction: seconds(600),
      RefreshToken: seconds(86_400),
      Session: seconds(3600)
    },
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: async (ctx, out) => {
      ctx.type = "html"
      ctx.body = acmePage(
        "Something went wrong",
        `<h1>This did not work</h1><p>${escapeHtml(out.error)}</p>`
      )
    }
  })

  /** Ids of what was allowed. */
  const allowed = new Set<string>()
  const callback = provider.callback()
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith("/interaction/") !== true) return void callback(request, response)
    interaction(provider, options, allowed, request, response).catch(() => {
      response.statusCode = 400
      response.end(
        acmePage(
          "Expired",
          "<h1>This page has expired</h1><p>Go back to the app and connect again.</p>"
        )
      )
    })
  })

  return {
    issuer,
    revoke: async () => {
      for (const id of allowed) await (await provider.Grant.find(id))?.destroy()
      allowed.clear()
    },
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
  allowed: Set<string>,
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> => {
  const { params, prompt, session } = await provider.interactionDetails(request, response)
  const requested = (typeof params["scope"] === "string" ? params["scope"] : "")
    .split(" ")
    .filter((scope) => scopes.has(scope))

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
  const grant = new provider.Grant({
    accountId: session?.accountId ?? "",
    clientId: client.clientId
  })
  const isGranted = (scope: string) => scopes.get(scope)?.isOptional !== true || form.has(scope)
  grant.addOIDCScope(requested.filter(isGranted).join(" "))
  grant.rejectOIDCScope(requested.filter((scope) => !isGranted(scope)).join(" "))
  const id = await grant.save()
  allowed.add(id)
  return finish({ consent: { grantId: id } })
}
