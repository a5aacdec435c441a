// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Amplitude, by an API key of each tenant's.
 * See https://amplitude.com/docs/apis/analytics/dashboard-rest
 */
export const amplitudeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "amplitude",
  "displayName": "Amplitude",
  "category": "analytics",
  "description": "Events, charts and cohorts of a project.",
  "docsUrl": "https://amplitude.com/docs/apis/analytics/dashboard-rest",
  "brandColor": "#1e61f0",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "secret": false,
      "help": "Settings, Projects, your project"
    },
    {
      "name": "secret_key",
      "label": "Secret key",
      "help": "Settings, Projects, your project"
    },
    {
      "name": "host",
      "label": "Host",
      "secret": false,
      "required": false,
      "choices": [
        "amplitude.com",
        "analytics.eu.amplitude.com"
      ],
      "default": "amplitude.com",
      "help": "analytics.eu.amplitude.com for data in the EU"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "{secret_key}"
  },
  "api": {
    "baseUrl": "https://{host}/api"
  },
  "check": {
    "url": "https://{host}/api/2/events/list"
  }
})

/** Amplitude: Events, charts and cohorts of a project. Each tenant brings its own key. */
export const amplitude = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: amplitudeDefinition
})

/** Scopes that Google Analytics documents; others are taken as well. */
export type GoogleAnalyticsScope =
  | "openid"
  | "email"
  | "profile"
  | "https://www.googleapis.com/auth/userinfo.email"
  | "https://www.googleapis.com/auth/userinfo.profile"
  | "https://www.googleapis.com/auth/analytics"
  | "https://www.googleapis.com/auth/analytics.readonly"
  | "https://www.googleapis.com/auth/analytics.edit"
  | "https://www.googleapis.com/auth/analytics.manage.users"
  | "https://www.googleapis.com/auth/analytics.manage.users.readonly"

/**
 * Google Analytics, by an app of the host's.
 * See https://developers.google.com/analytics/devguides/reporting/data/v1
 */
export const googleAnalyticsDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "google-analytics",
  "displayName": "Google Analytics",
  "category": "analytics",
  "description": "Properties and reports of Analytics 4.",
  "docsUrl": "https://developers.google.com/analytics/devguides/reporting/data/v1",
  "brandColor": "#e37400",
  "authType": "oauth2",
  "issuer": "https://accounts.google.com",
  "authorizationEndpoint": "https://accounts.google.com/o/oauth2/v2/auth",
  "tokenEndpoint": "https://oauth2.googleapis.com/token",
  "clientAuthentication": "client_secret_post",
  "temporaryErrors": [
    "internal_failure"
  ],
  "leavesOutScopes": true,
  "authorizationParameters": {
    "access_type": "offline",
    "prompt": "consent"
  },
  "scopeAliases": {
    "email": [
      "https://www.googleapis.com/auth/userinfo.email"
    ],
    "profile": [
      "https://www.googleapis.com/auth/userinfo.profile"
    ]
  },
  "defaultScopes": [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/analytics.readonly"
  ],
  "account": {
    "from": "request",
    "url": "https://openidconnect.googleapis.com/v1/userinfo",
    "id": [
      "sub"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://openidconnect.googleapis.com/v1/userinfo"
  },
  "revocation": {
    "endpoint": "https://oauth2.googleapis.com/revoke",
    "ends": "grant",
    "clientAuthentication": "none"
  },
  "api": {
    "baseUrl": "https://analyticsdata.googleapis.com",
    "hosts": [
      "analyticsadmin.googleapis.com"
    ]
  }
})

/** Google Analytics: Properties and reports of Analytics 4. Register your app's redirect URI at Google Analytics, and give its client here. */
export const googleAnalytics = (client: OAuthClient<GoogleAnalyticsScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: googleAnalyticsDefinition
})

/**
 * Mixpanel, by an API key of each tenant's.
 * See https://developer.mixpanel.com/reference/service-accounts
 */
export const mixpanelDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "mixpanel",
  "displayName": "Mixpanel",
  "category": "analytics",
  "description": "Events, reports and project data.",
  "docsUrl": "https://developer.mixpanel.com/reference/service-accounts",
  "brandColor": "#7856ff",
  "authType": "api_key",
  "fields": [
    {
      "name": "username",
      "label": "Service account username",
      "secret": false,
      "help": "Organization Settings, Service Accounts"
    },
    {
      "name": "secret",
      "label": "Service account secret",
      "help": "Shown once, when the account is made"
    },
    {
      "name": "host",
      "label": "Host",
      "secret": false,
      "required": false,
      "choices": [
        "mixpanel.com",
        "eu.mixpanel.com",
        "in.mixpanel.com"
      ],
      "default": "mixpanel.com",
      "help": "By the data residency of your project"
    }
  ],
  "basic": {
    "username": "{username}",
    "password": "{secret}"
  },
  "api": {
    "baseUrl": "https://{host}/api"
  },
  "check": {
    "url": "https://{host}/api/app/me"
  }
})

/** Mixpanel: Events, reports and project data. Each tenant brings its own key. */
export const mixpanel = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: mixpanelDefinition
})

/**
 * Plausible Analytics, by an API key of each tenant's.
 * See https://plausible.io/docs/stats-api
 */
export const plausibleDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "plausible",
  "displayName": "Plausible Analytics",
  "category": "analytics",
  "description": "Visitors, pages and goals of a website.",
  "docsUrl": "https://plausible.io/docs/stats-api",
  "brandColor": "#5850ec",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Account settings, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://plausible.io/api"
  },
  "check": {
    "url": "https://plausible.io/api/v1/stats/realtime/visitors",
    "acceptedStatus": [
      400
    ]
  }
})

/** Plausible Analytics: Visitors, pages and goals of a website. Each tenant brings its own key. */
export const plausible = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: plausibleDefinition
})

/**
 * PostHog, by an API key of each tenant's.
 * See https://posthog.com/docs/api
 */
export const posthogDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "posthog",
  "displayName": "PostHog",
  "category": "analytics",
  "description": "Events, insights, persons and feature flags.",
  "docsUrl": "https://posthog.com/docs/api",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "personal_api_key",
      "label": "Personal API key",
      "help": "Settings, Personal API keys"
    },
    {
      "name": "host",
      "label": "Host",
      "secret": false,
      "required": false,
      "choices": [
        "us.posthog.com",
        "eu.posthog.com"
      ],
      "default": "us.posthog.com",
      "help": "eu.posthog.com for EU Cloud"
    }
  ],
  "headers": {
    "Authorization": "Bearer {personal_api_key}"
  },
  "api": {
    "baseUrl": "https://{host}/api"
  },
  "check": {
    "url": "https://{host}/api/users/@me/",
    "rejectedStatus": [
      401
    ]
  }
})

/** PostHog: Events, insights, persons and feature flags. Each tenant brings its own key. */
export const posthog = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: posthogDefinition
})

/**
 * Segment, by an API key of each tenant's.
 * See https://docs.segmentapis.com/
 */
export const segmentDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "segment",
  "displayName": "Segment",
  "category": "analytics",
  "description": "Sources, destinations and tracking plans of a workspace.",
  "docsUrl": "https://docs.segmentapis.com/",
  "brandColor": "#52bd94",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Public API token",
      "help": "Settings, Access management, Tokens"
    },
    {
      "name": "api_host",
      "label": "API host",
      "help": "Of the region that the workspace is in",
      "secret": false,
      "required": false,
      "choices": [
        "api.segmentapis.com",
        "eu1.api.segmentapis.com"
      ],
      "default": "api.segmentapis.com"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/"
  }
})

/** Segment: Sources, destinations and tracking plans of a workspace. Each tenant brings its own key. */
export const segment = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: segmentDefinition
})
