import { type ApiKeyDefinition, ProviderId } from "@hawser/core"

/** PagerDuty, by a REST API key of an account or a user. */
export const pagerdutyApiKeyDefinition: ApiKeyDefinition = {
  id: ProviderId.make("pagerduty-api-key"),
  displayName: "PagerDuty (API key)",
  category: "monitoring",
  description: "Incidents, schedules and on-call teams, by a REST API key.",
  docsUrl:
    "https://github.com/PagerDuty/developer-docs/blob/main/docs/REST-API/02-Authentication.md",
  authType: "api_key",
  fields: [
    {
      name: "api_key",
      label: "REST API key",
      help: "Integrations, API Access Keys"
    },
    {
      name: "api_host",
      label: "Service region",
      secret: false,
      required: false,
      // support.pagerduty.com/docs/service-regions: the second is Europe's.
      choices: ["api.pagerduty.com", "api.eu.pagerduty.com"],
      default: "api.pagerduty.com",
      help: "api.eu.pagerduty.com for an account in the EU service region"
    }
  ],
  // Not Bearer, which is for OAuth tokens: "this format must be followed precisely" (docsUrl).
  headers: { Authorization: "Token token={api_key}" },
  api: { baseUrl: "https://{api_host}" },
  check: {
    // 401 for a wrong key is the vendor's word (docsUrl). That every key may read /abilities is unverified: it is what
    // other integrations use for this.
    url: "https://{api_host}/abilities"
  }
}
