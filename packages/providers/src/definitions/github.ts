import { type OAuth2Definition, ProviderId } from "@hawser/core"

/**
 * GitHub, as an OAuth App. Its tokens do not expire and there is no refresh token.
 *
 * Answers 200 with `error` for a code that is wrong or old; core's reading of token responses knows that.
 */
export const githubDefinition: OAuth2Definition = {
  id: ProviderId.make("github"),
  displayName: "GitHub",
  category: "code",
  description: "Repositories, issues and pull requests.",
  docsUrl: "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
  authType: "oauth2",
  // Sent as `iss` with each authorization response since 2026 (github.com/orgs/community/discussions/192143), which no
  // page of the vendor's promises yet, so its absence is no error.
  issuer: "https://github.com/login/oauth",
  authorizationEndpoint: "https://github.com/login/oauth/authorize",
  tokenEndpoint: "https://github.com/login/oauth/access_token",
  // PKCE by S256 is supported since 14 July 2025 (github.blog, changelog), so nothing is switched off.
  // docsUrl has client_id and client_secret among the parameters of the body. That Basic works too is unverified.
  clientAuthentication: "client_secret_post",
  // The request's scopes are separated by spaces, the answer's by commas ("scope":"repo,gist" in docsUrl).
  grantedScopeSeparator: ",",
  defaultScopes: ["read:user"],
  // docs.github.com/en/rest/users/users, "Get the authenticated user": any valid token may ask it.
  account: { from: "request", url: "https://api.github.com/user", id: ["id"], label: ["login"] },
  check: { url: "https://api.github.com/user" },
  api: {
    baseUrl: "https://api.github.com",
    // docs.github.com/en/rest/releases/assets, "Upload a release asset".
    hosts: ["uploads.github.com"]
  },
  // docs.github.com, "Getting started with the REST API": the media type and the version that it recommends to send.
  apiHeaders: { Accept: "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28" }
}
