import { type OAuth2Definition, ProviderId } from "@hawser/core"

/**
 * PagerDuty, on behalf of a user: apps with Classic User OAuth (scopes `read` or `write`) and with Scoped OAuth.
 *
 * Its codes live 30 seconds. Every token response has the scope `openid`, and an ID token that nobody asked for.
 */
export const pagerdutyDefinition: OAuth2Definition = {
  id: ProviderId.make("pagerduty"),
  displayName: "PagerDuty",
  category: "monitoring",
  description: "Incidents, schedules and on-call teams, on behalf of a user.",
  docsUrl:
    "https://github.com/PagerDuty/developer-docs/blob/main/docs/app-integration-development/09-User-OAuth-Token-Code-Grant.md",
  authType: "oauth2",
  // From the ID token in docsUrl. Whether it comes as `iss` with authorization responses is not said there.
  issuer: "https://app.pagerduty.com/global/oauth/anonymous",
  // docsUrl has these for both kinds of app; app.pagerduty.com/oauth, which catalogues have, is the older address.
  authorizationEndpoint: "https://identity.pagerduty.com/oauth/authorize",
  tokenEndpoint: "https://identity.pagerduty.com/oauth/token",
  // PKCE is recommended for every app (10-User-OAuth-Token-PKCE.md beside docsUrl), so nothing is switched off.
  clientAuthentication: "client_secret_post",
  defaultScopes: ["read"],
  api: {
    baseUrl: "https://api.pagerduty.com",
    // support.pagerduty.com/docs/service-regions: where accounts of Europe's region are.
    hosts: ["api.eu.pagerduty.com"]
  }
}
