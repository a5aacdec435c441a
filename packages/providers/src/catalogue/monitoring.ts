// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Better Stack, by an API key of each tenant's.
 * See https://betterstack.com/docs/uptime/api/getting-started-with-uptime-api/
 */
export const betterStackDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "better-stack",
  "displayName": "Better Stack",
  "category": "monitoring",
  "description": "Monitors, heartbeats, incidents and status pages.",
  "docsUrl": "https://betterstack.com/docs/uptime/api/getting-started-with-uptime-api/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Settings, API tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://uptime.betterstack.com/api/v2/monitors"
  },
  "api": {
    "baseUrl": "https://uptime.betterstack.com"
  }
})

/** Better Stack: Monitors, heartbeats, incidents and status pages. Each tenant brings its own key. */
export const betterStack = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: betterStackDefinition
})

/**
 * BugSnag, by an API key of each tenant's.
 * See https://docs.bugsnag.com/api/data-access/
 */
export const bugsnagDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "bugsnag",
  "displayName": "BugSnag",
  "category": "monitoring",
  "description": "Projects, errors and releases of an organization.",
  "docsUrl": "https://docs.bugsnag.com/api/data-access/",
  "brandColor": "#4949e4",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Personal auth token",
      "help": "Settings, My account, Personal auth tokens"
    },
    {
      "name": "region",
      "label": "API host",
      "secret": false,
      "required": false,
      "choices": [
        "api.bugsnag.com",
        "api.bugsnag.smartbear.com"
      ],
      "default": "api.bugsnag.com",
      "help": "api.bugsnag.smartbear.com where you sign in at app.bugsnag.smartbear.com"
    }
  ],
  "headers": {
    "Authorization": "token {api_token}"
  },
  "check": {
    "url": "https://{region}/user/organizations"
  },
  "api": {
    "baseUrl": "https://{region}"
  },
  "apiHeaders": {
    "X-Version": "2"
  }
})

/** BugSnag: Projects, errors and releases of an organization. Each tenant brings its own key. */
export const bugsnag = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: bugsnagDefinition
})

/**
 * Checkly, by an API key of each tenant's.
 * See https://www.checklyhq.com/docs/api-reference/overview
 */
export const checklyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "checkly",
  "displayName": "Checkly",
  "category": "monitoring",
  "description": "Checks, alerts and check results.",
  "docsUrl": "https://www.checklyhq.com/docs/api-reference/overview",
  "brandColor": "#0075ff",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "User settings, API keys"
    },
    {
      "name": "account_id",
      "label": "Account ID",
      "secret": false,
      "pattern": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
      "help": "Account settings, General"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}",
    "X-Checkly-Account": "{account_id}"
  },
  "check": {
    "url": "https://api.checklyhq.com/v1/accounts/me"
  },
  "api": {
    "baseUrl": "https://api.checklyhq.com"
  }
})

/** Checkly: Checks, alerts and check results. Each tenant brings its own key. */
export const checkly = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: checklyDefinition
})

/**
 * Datadog, by an API key of each tenant's.
 * See https://docs.datadoghq.com/api/latest/key-management/validate-api-and-application-keys/
 */
export const datadogDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "datadog",
  "displayName": "Datadog",
  "category": "monitoring",
  "description": "Metrics, monitors, logs and traces.",
  "docsUrl": "https://docs.datadoghq.com/api/latest/key-management/validate-api-and-application-keys/",
  "brandColor": "#632ca6",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Organization Settings, API Keys"
    },
    {
      "name": "application_key",
      "label": "Application key",
      "help": "Organization Settings, Application Keys"
    },
    {
      "name": "site",
      "label": "Site",
      "secret": false,
      "required": false,
      "choices": [
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
      "default": "datadoghq.com",
      "help": "https://docs.datadoghq.com/getting_started/site/"
    }
  ],
  "headers": {
    "DD-API-KEY": "{api_key}",
    "DD-APPLICATION-KEY": "{application_key}"
  },
  "api": {
    "baseUrl": "https://api.{site}"
  },
  "check": {
    "url": "https://api.{site}/api/v2/validate_keys"
  }
})

/** Datadog: Metrics, monitors, logs and traces. Each tenant brings its own key. */
export const datadog = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: datadogDefinition
})

/**
 * Dynatrace, by an API key of each tenant's.
 * See https://docs.dynatrace.com/docs/shortlink/api-authentication
 */
export const dynatraceDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "dynatrace",
  "displayName": "Dynatrace",
  "category": "monitoring",
  "description": "Metrics, problems and entities of an environment.",
  "docsUrl": "https://docs.dynatrace.com/docs/shortlink/api-authentication",
  "brandColor": "#1496ff",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Access token",
      "help": "Access tokens, Generate new token"
    },
    {
      "name": "environment",
      "label": "Environment ID",
      "secret": false,
      "format": "subdomain",
      "help": "abc12345, where your environment is at abc12345.live.dynatrace.com"
    }
  ],
  "headers": {
    "Authorization": "Api-Token {api_token}"
  },
  "check": {
    "url": "https://{environment}.live.dynatrace.com/api/v2/metrics?pageSize=1",
    "acceptedStatus": [
      200,
      403
    ],
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://{environment}.live.dynatrace.com"
  }
})

/** Dynatrace: Metrics, problems and entities of an environment. Each tenant brings its own key. */
export const dynatrace = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: dynatraceDefinition
})

/**
 * FireHydrant, by an API key of each tenant's.
 * See https://docs.firehydrant.com/
 */
export const firehydrantDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "firehydrant",
  "displayName": "FireHydrant",
  "category": "monitoring",
  "description": "Incidents, services and runbooks.",
  "docsUrl": "https://docs.firehydrant.com/",
  "authType": "api_key",
  "fields": [
    {
      "name": "bot_token",
      "label": "Bot token",
      "help": "Settings, Bot users"
    },
    {
      "name": "region",
      "label": "Region",
      "secret": false,
      "required": false,
      "choices": [
        "api.firehydrant.io",
        "api.eu.firehydrant.io"
      ],
      "default": "api.firehydrant.io",
      "help": "The host of your organization's API"
    }
  ],
  "headers": {
    "Authorization": "Bearer {bot_token}"
  },
  "check": {
    "url": "https://{region}/v1/ping"
  },
  "api": {
    "baseUrl": "https://{region}"
  }
})

/** FireHydrant: Incidents, services and runbooks. Each tenant brings its own key. */
export const firehydrant = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: firehydrantDefinition
})

/**
 * Grafana, by an API key of each tenant's.
 * See https://grafana.com/docs/grafana/latest/developers/http_api/authentication/
 */
export const grafanaDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "grafana",
  "displayName": "Grafana",
  "category": "monitoring",
  "description": "Dashboards, data sources and alerts of a Grafana.",
  "docsUrl": "https://grafana.com/docs/grafana/latest/developers/http_api/authentication/",
  "brandColor": "#f46800",
  "authType": "api_key",
  "fields": [
    {
      "name": "host",
      "label": "Host",
      "help": "acme.grafana.net, or where your own Grafana is",
      "secret": false,
      "format": "host"
    },
    {
      "name": "token",
      "label": "Service account token",
      "help": "Administration, Users and access, Service accounts"
    }
  ],
  "headers": {
    "Authorization": "Bearer {token}"
  },
  "api": {
    "baseUrl": "https://{host}/api"
  },
  "check": {
    "url": "https://{host}/api/access-control/user/permissions"
  }
})

/** Grafana: Dashboards, data sources and alerts of a Grafana. Each tenant brings its own key. */
export const grafana = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: grafanaDefinition
})

/**
 * Honeycomb, by an API key of each tenant's.
 * See https://docs.honeycomb.io/api/authentication
 */
export const honeycombDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "honeycomb",
  "displayName": "Honeycomb",
  "category": "monitoring",
  "description": "Datasets, queries, triggers and SLOs of an environment.",
  "docsUrl": "https://docs.honeycomb.io/api/authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Configuration key",
      "help": "Environment settings, API keys"
    },
    {
      "name": "region",
      "label": "Region",
      "secret": false,
      "required": false,
      "choices": [
        "api.honeycomb.io",
        "api.eu1.honeycomb.io"
      ],
      "default": "api.honeycomb.io",
      "help": "https://docs.honeycomb.io/api/introduction"
    }
  ],
  "headers": {
    "X-Honeycomb-Team": "{api_key}"
  },
  "check": {
    "url": "https://{region}/1/auth"
  },
  "api": {
    "baseUrl": "https://{region}"
  }
})

/** Honeycomb: Datasets, queries, triggers and SLOs of an environment. Each tenant brings its own key. */
export const honeycomb = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: honeycombDefinition
})

/**
 * incident.io, by an API key of each tenant's.
 * See https://api-docs.incident.io/
 */
export const incidentIoDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "incident-io",
  "displayName": "incident.io",
  "category": "monitoring",
  "description": "Incidents, schedules, alerts and the catalog.",
  "docsUrl": "https://api-docs.incident.io/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.incident.io/v1/identity"
  },
  "api": {
    "baseUrl": "https://api.incident.io"
  }
})

/** incident.io: Incidents, schedules, alerts and the catalog. Each tenant brings its own key. */
export const incidentIo = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: incidentIoDefinition
})

/**
 * New Relic, by an API key of each tenant's.
 * See https://docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph/
 */
export const newRelicDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "new-relic",
  "displayName": "New Relic",
  "category": "monitoring",
  "description": "Entities, alerts and queries, by NerdGraph.",
  "docsUrl": "https://docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph/",
  "brandColor": "#1ce783",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "User key",
      "help": "API keys in the menu of your user; it begins with NRAK"
    },
    {
      "name": "api_host",
      "label": "Data center",
      "secret": false,
      "required": false,
      "choices": [
        "api.newrelic.com",
        "api.eu.newrelic.com"
      ],
      "default": "api.newrelic.com",
      "help": "api.eu.newrelic.com for an account in the EU data center"
    }
  ],
  "headers": {
    "API-Key": "{api_key}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/graphql",
    "method": "POST",
    "body": "{\"query\":\"{ actor { user { id } } }\"}",
    "acceptedBody": {
      "path": [
        "data",
        "actor",
        "user",
        "id"
      ],
      "exists": true
    }
  }
})

/** New Relic: Entities, alerts and queries, by NerdGraph. Each tenant brings its own key. */
export const newRelic = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: newRelicDefinition
})

/**
 * Opsgenie, by an API key of each tenant's.
 * See https://docs.opsgenie.com/docs/account-api
 */
export const opsgenieDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "opsgenie",
  "displayName": "Opsgenie",
  "category": "monitoring",
  "description": "Alerts, schedules and on-call teams.",
  "docsUrl": "https://docs.opsgenie.com/docs/account-api",
  "brandColor": "#2684ff",
  "notices": [
    {
      "date": "2027-04-05",
      "text": "Atlassian ends Opsgenie."
    }
  ],
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Integrations, an API integration with read and configuration access"
    },
    {
      "name": "api_host",
      "label": "Region",
      "secret": false,
      "required": false,
      "choices": [
        "api.opsgenie.com",
        "api.eu.opsgenie.com"
      ],
      "default": "api.opsgenie.com",
      "help": "api.eu.opsgenie.com for an account in the EU"
    }
  ],
  "headers": {
    "Authorization": "GenieKey {api_key}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/v2/account",
    "rejectedStatus": [
      401
    ]
  }
})

/** Opsgenie: Alerts, schedules and on-call teams. Each tenant brings its own key. */
export const opsgenie = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: opsgenieDefinition
})

/** Scopes that PagerDuty documents; others are taken as well. */
export type PagerdutyScope =
  | "read"
  | "write"
  | "openid"
  | "abilities.read"
  | "addons.read"
  | "analytics.read"
  | "audit_records.read"
  | "change_events.read"
  | "change_events.write"
  | "custom_fields.read"
  | "escalation_policies.read"
  | "escalation_policies.write"
  | "event_orchestrations.read"
  | "extensions.read"
  | "incident_workflows.read"
  | "incidents.read"
  | "incidents.write"
  | "licenses.read"
  | "notifications.read"
  | "oncalls.read"
  | "priorities.read"
  | "response_plays.read"
  | "schedules.read"
  | "schedules.write"
  | "services.read"
  | "services.write"
  | "standards.read"
  | "status_dashboards.read"
  | "status_pages.read"
  | "subscribers.read"
  | "tags.read"
  | "teams.read"
  | "templates.read"
  | "users.read"
  | "users.write"
  | "vendors.read"
  | "webhook_subscriptions.read"
  | "webhook_subscriptions.write"

/**
 * PagerDuty, by an app of the host's.
 * See https://github.com/PagerDuty/developer-docs/blob/main/docs/app-integration-development/09-User-OAuth-Token-Code-Grant.md
 */
export const pagerdutyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "pagerduty",
  "displayName": "PagerDuty",
  "category": "monitoring",
  "description": "Incidents, schedules and on-call teams, on behalf of a user.",
  "docsUrl": "https://github.com/PagerDuty/developer-docs/blob/main/docs/app-integration-development/09-User-OAuth-Token-Code-Grant.md",
  "brandColor": "#06ac38",
  "authType": "oauth2",
  "authorizationEndpoint": "https://identity.pagerduty.com/oauth/authorize",
  "tokenEndpoint": "https://identity.pagerduty.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "leavesOutScopes": true,
  "defaultScopes": [
    "read"
  ],
  "api": {
    "baseUrl": "https://api.pagerduty.com",
    "hosts": [
      "api.eu.pagerduty.com"
    ]
  }
})

/** PagerDuty: Incidents, schedules and on-call teams, on behalf of a user. Register your app's redirect URI at PagerDuty, and give its client here. */
export const pagerduty = (client: OAuthClient<PagerdutyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: pagerdutyDefinition
})

/**
 * PagerDuty (API key), by an API key of each tenant's.
 * See https://github.com/PagerDuty/developer-docs/blob/main/docs/REST-API/02-Authentication.md
 */
export const pagerdutyApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "pagerduty-api-key",
  "displayName": "PagerDuty (API key)",
  "category": "monitoring",
  "description": "Incidents, schedules and on-call teams, by a REST API key.",
  "docsUrl": "https://github.com/PagerDuty/developer-docs/blob/main/docs/REST-API/02-Authentication.md",
  "brandColor": "#06ac38",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "REST API key",
      "help": "Integrations, API Access Keys"
    },
    {
      "name": "api_host",
      "label": "Service region",
      "secret": false,
      "required": false,
      "choices": [
        "api.pagerduty.com",
        "api.eu.pagerduty.com"
      ],
      "default": "api.pagerduty.com",
      "help": "api.eu.pagerduty.com for an account in the EU service region"
    }
  ],
  "headers": {
    "Authorization": "Token token={api_key}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/abilities"
  }
})

/** PagerDuty (API key): Incidents, schedules and on-call teams, by a REST API key. Each tenant brings its own key. */
export const pagerdutyApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: pagerdutyApiKeyDefinition
})

/**
 * Rollbar, by an API key of each tenant's.
 * See https://docs.rollbar.com/reference
 */
export const rollbarDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "rollbar",
  "displayName": "Rollbar",
  "category": "monitoring",
  "description": "Items, occurrences and deploys of a project.",
  "docsUrl": "https://docs.rollbar.com/reference",
  "authType": "api_key",
  "fields": [
    {
      "name": "access_key",
      "label": "Project access token",
      "help": "Project settings, Project Access Tokens: one with read scope"
    }
  ],
  "headers": {
    "X-Rollbar-Access-Token": "{access_key}"
  },
  "check": {
    "url": "https://api.rollbar.com/api/1/items",
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://api.rollbar.com/api/1"
  }
})

/** Rollbar: Items, occurrences and deploys of a project. Each tenant brings its own key. */
export const rollbar = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: rollbarDefinition
})

/**
 * Rootly, by an API key of each tenant's.
 * See https://docs.rootly.com/api-reference/overview
 */
export const rootlyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "rootly",
  "displayName": "Rootly",
  "category": "monitoring",
  "description": "Incidents, services, schedules and workflows.",
  "docsUrl": "https://docs.rootly.com/api-reference/overview",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Organization Settings, API Keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.rootly.com/v1/users/me",
    "acceptedStatus": [
      200,
      403
    ],
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://api.rootly.com"
  }
})

/** Rootly: Incidents, services, schedules and workflows. Each tenant brings its own key. */
export const rootly = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: rootlyDefinition
})

/**
 * Sentry, by an API key of each tenant's.
 * See https://docs.sentry.io/api/auth/
 */
export const sentryDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "sentry",
  "displayName": "Sentry",
  "category": "monitoring",
  "description": "Issues, events and releases of an organization.",
  "docsUrl": "https://docs.sentry.io/api/auth/",
  "brandColor": "#362d59",
  "authType": "api_key",
  "fields": [
    {
      "name": "token",
      "label": "Auth token",
      "help": "User settings, User Auth Tokens, with the scope org:read"
    },
    {
      "name": "host",
      "label": "Data region",
      "secret": false,
      "required": false,
      "choices": [
        "sentry.io",
        "us.sentry.io",
        "us2.sentry.io",
        "de.sentry.io"
      ],
      "default": "sentry.io",
      "help": "de.sentry.io for an organization in the European region"
    }
  ],
  "headers": {
    "Authorization": "Bearer {token}"
  },
  "api": {
    "baseUrl": "https://{host}/api/0"
  },
  "check": {
    "url": "https://{host}/api/0/organizations/",
    "rejectedStatus": [
      401
    ]
  }
})

/** Sentry: Issues, events and releases of an organization. Each tenant brings its own key. */
export const sentry = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: sentryDefinition
})

/**
 * Splunk Observability Cloud, by an API key of each tenant's.
 * See https://help.splunk.com/splunk-observability-cloud/administer/org-reference-info/view-your-realm-api-endpoints-and-organization
 */
export const splunkObservabilityDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "splunk-observability",
  "displayName": "Splunk Observability Cloud",
  "category": "monitoring",
  "description": "Metrics, detectors, dashboards and incidents.",
  "docsUrl": "https://help.splunk.com/splunk-observability-cloud/administer/org-reference-info/view-your-realm-api-endpoints-and-organization",
  "authType": "api_key",
  "fields": [
    {
      "name": "access_key",
      "label": "Access token",
      "help": "Settings, Access tokens: one with API scope"
    },
    {
      "name": "realm",
      "label": "Realm",
      "secret": false,
      "choices": [
        "us0",
        "us1",
        "us2",
        "eu0",
        "eu1",
        "eu2",
        "au0",
        "jp0",
        "sg0"
      ],
      "help": "Settings, your user name, Organizations"
    }
  ],
  "headers": {
    "X-SF-TOKEN": "{access_key}"
  },
  "check": {
    "url": "https://api.{realm}.observability.splunkcloud.com/v2/metric?limit=1"
  },
  "api": {
    "baseUrl": "https://api.{realm}.observability.splunkcloud.com"
  }
})

/** Splunk Observability Cloud: Metrics, detectors, dashboards and incidents. Each tenant brings its own key. */
export const splunkObservability = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: splunkObservabilityDefinition
})

/**
 * Statuspage, by an API key of each tenant's.
 * See https://developer.statuspage.io/
 */
export const statuspageDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "statuspage",
  "displayName": "Statuspage",
  "category": "monitoring",
  "description": "Status pages, components and incidents.",
  "docsUrl": "https://developer.statuspage.io/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Your profile, API info"
    }
  ],
  "headers": {
    "Authorization": "OAuth {api_key}"
  },
  "check": {
    "url": "https://api.statuspage.io/v1/pages"
  },
  "api": {
    "baseUrl": "https://api.statuspage.io/v1"
  }
})

/** Statuspage: Status pages, components and incidents. Each tenant brings its own key. */
export const statuspage = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: statuspageDefinition
})

/**
 * UptimeRobot, by an API key of each tenant's.
 * See https://uptimerobot.com/api/v3
 */
export const uptimerobotDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "uptimerobot",
  "displayName": "UptimeRobot",
  "category": "monitoring",
  "description": "Monitors, incidents and status pages.",
  "docsUrl": "https://uptimerobot.com/api/v3",
  "brandColor": "#3bd671",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Integrations, API: a main or a read-only key"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.uptimerobot.com/v3/user/me"
  },
  "api": {
    "baseUrl": "https://api.uptimerobot.com/v3"
  }
})

/** UptimeRobot: Monitors, incidents and status pages. Each tenant brings its own key. */
export const uptimerobot = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: uptimerobotDefinition
})
