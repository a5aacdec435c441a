import { type ApiKeyDefinition, ProviderId } from "@hawser/core"

/** Datadog, by an API key and an application key of one of its sites. */
export const datadogDefinition: ApiKeyDefinition = {
  id: ProviderId.make("datadog"),
  displayName: "Datadog",
  category: "monitoring",
  description: "Metrics, monitors, logs and traces.",
  docsUrl:
    "https://docs.datadoghq.com/api/latest/key-management/validate-api-and-application-keys/",
  authType: "api_key",
  fields: [
    {
      name: "api_key",
      label: "API key",
      help: "Organization Settings, API Keys"
    },
    {
      name: "application_key",
      label: "Application key",
      help: "Organization Settings, Application Keys"
    },
    {
      name: "site",
      label: "Site",
      secret: false,
      required: false,
      // A site is a separate installation: a key of one is unknown on every other.
      choices: [
        "datadoghq.com",
        "us3.datadoghq.com",
        "us5.datadoghq.com",
        "datadoghq.eu",
        "ap1.datadoghq.com",
        "ap2.datadoghq.com",
        "uk1.datadoghq.com",
        "ddog-gov.com",
        "us2.ddog-gov.com"
      ],
      default: "datadoghq.com",
      help: "https://docs.datadoghq.com/getting_started/site/"
    }
  ],
  headers: { "DD-API-KEY": "{api_key}", "DD-APPLICATION-KEY": "{application_key}" },
  api: { baseUrl: "https://api.{site}" },
  check: {
    // Not /api/v1/validate, which looks at the API key alone and accepts any application key.
    url: "https://api.{site}/api/v2/validate_keys",
    acceptedBody: { path: ["status"], equals: "ok" }
  }
}
