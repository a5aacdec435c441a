// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that Cal.com documents; others are taken as well. */
export type CalComScope =
  | "EVENT_TYPE_READ"
  | "EVENT_TYPE_WRITE"
  | "BOOKING_READ"
  | "BOOKING_WRITE"
  | "SCHEDULE_READ"
  | "SCHEDULE_WRITE"
  | "APPS_READ"
  | "APPS_WRITE"
  | "PROFILE_READ"
  | "PROFILE_WRITE"
  | "TEAM_EVENT_TYPE_READ"
  | "TEAM_EVENT_TYPE_WRITE"
  | "TEAM_BOOKING_READ"
  | "TEAM_BOOKING_WRITE"
  | "TEAM_SCHEDULE_READ"
  | "TEAM_SCHEDULE_WRITE"
  | "TEAM_PROFILE_READ"
  | "TEAM_PROFILE_WRITE"
  | "TEAM_MEMBERSHIP_READ"
  | "TEAM_MEMBERSHIP_WRITE"
  | "ORG_EVENT_TYPE_READ"
  | "ORG_EVENT_TYPE_WRITE"
  | "ORG_BOOKING_READ"
  | "ORG_BOOKING_WRITE"
  | "ORG_SCHEDULE_READ"
  | "ORG_SCHEDULE_WRITE"
  | "ORG_PROFILE_READ"
  | "ORG_PROFILE_WRITE"

/**
 * Cal.com, by an app of the host's.
 * See https://cal.com/docs/api-reference/v2/oauth
 */
export const calComDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "cal-com",
  "displayName": "Cal.com",
  "category": "scheduling",
  "description": "Event types, bookings and schedules.",
  "docsUrl": "https://cal.com/docs/api-reference/v2/oauth",
  "brandColor": "#111827",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.cal.com/auth/oauth2/authorize",
  "tokenEndpoint": "https://api.cal.com/v2/auth/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "PROFILE_READ",
    "BOOKING_READ"
  ],
  "account": {
    "from": "request",
    "url": "https://api.cal.com/v2/me",
    "id": [
      "data",
      "id"
    ],
    "label": [
      "data",
      "email"
    ]
  },
  "check": {
    "url": "https://api.cal.com/v2/me"
  },
  "api": {
    "baseUrl": "https://api.cal.com/v2"
  }
})

/** Cal.com: Event types, bookings and schedules. Register your app's redirect URI at Cal.com, and give its client here. */
export const calCom = (client: OAuthClient<CalComScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: calComDefinition
})

/**
 * Cal.com, by an API key of each tenant's.
 * See https://cal.com/docs/api-reference/v2/introduction
 */
export const calComApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "cal-com-api-key",
  "displayName": "Cal.com",
  "category": "scheduling",
  "description": "Event types, bookings and schedules.",
  "docsUrl": "https://cal.com/docs/api-reference/v2/introduction",
  "brandColor": "#111827",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Developer, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.cal.com/v2"
  },
  "check": {
    "url": "https://api.cal.com/v2/me"
  }
})

/** Cal.com: Event types, bookings and schedules. Each tenant brings its own key. */
export const calComApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: calComApiKeyDefinition
})

/** Scopes that Calendly documents; others are taken as well. */
export type CalendlyScope =
  | "activity_log:read"
  | "availability:read"
  | "availability:write"
  | "contacts:read"
  | "contacts:write"
  | "data_compliance:write"
  | "event_types:read"
  | "event_types:write"
  | "groups:read"
  | "locations:read"
  | "meeting_recaps:read"
  | "meeting_recaps:write"
  | "organizations:read"
  | "organizations:write"
  | "outgoing_communications:read"
  | "routing_forms:read"
  | "scheduled_events:read"
  | "scheduled_events:write"
  | "scheduling_links:write"
  | "shares:write"
  | "users:read"
  | "webhooks:read"
  | "webhooks:write"

/**
 * Calendly, by an app of the host's.
 * See https://developer.calendly.com/creating-an-oauth-app
 */
export const calendlyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "calendly",
  "displayName": "Calendly",
  "category": "scheduling",
  "description": "Events, event types and invitees of a user.",
  "docsUrl": "https://developer.calendly.com/creating-an-oauth-app",
  "brandColor": "#006bff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://auth.calendly.com/oauth/authorize",
  "tokenEndpoint": "https://auth.calendly.com/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "users:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.calendly.com/users/me",
    "id": [
      "resource",
      "uri"
    ],
    "label": [
      "resource",
      "email"
    ]
  },
  "check": {
    "url": "https://api.calendly.com/users/me"
  },
  "revocation": {
    "endpoint": "https://auth.calendly.com/oauth/revoke",
    "ends": "token",
    "clientAuthentication": "client_secret_post"
  },
  "api": {
    "baseUrl": "https://api.calendly.com"
  }
})

/** Calendly: Events, event types and invitees of a user. Register your app's redirect URI at Calendly, and give its client here. */
export const calendly = (client: OAuthClient<CalendlyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: calendlyDefinition
})

/** Scopes that Google Calendar documents; others are taken as well. */
export type GoogleCalendarScope =
  | "openid"
  | "email"
  | "profile"
  | "https://www.googleapis.com/auth/userinfo.email"
  | "https://www.googleapis.com/auth/userinfo.profile"
  | "https://www.googleapis.com/auth/calendar"
  | "https://www.googleapis.com/auth/calendar.readonly"
  | "https://www.googleapis.com/auth/calendar.events"
  | "https://www.googleapis.com/auth/calendar.events.readonly"
  | "https://www.googleapis.com/auth/calendar.events.owned"
  | "https://www.googleapis.com/auth/calendar.events.owned.readonly"
  | "https://www.googleapis.com/auth/calendar.freebusy"
  | "https://www.googleapis.com/auth/calendar.settings.readonly"
  | "https://www.googleapis.com/auth/calendar.calendarlist"
  | "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
  | "https://www.googleapis.com/auth/calendar.calendars"
  | "https://www.googleapis.com/auth/calendar.calendars.readonly"
  | "https://www.googleapis.com/auth/calendar.acls"
  | "https://www.googleapis.com/auth/calendar.acls.readonly"
  | "https://www.googleapis.com/auth/calendar.app.created"

/**
 * Google Calendar, by an app of the host's.
 * See https://developers.google.com/workspace/calendar/api/auth
 */
export const googleCalendarDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "google-calendar",
  "displayName": "Google Calendar",
  "category": "scheduling",
  "description": "Calendars and their events.",
  "docsUrl": "https://developers.google.com/workspace/calendar/api/auth",
  "brandColor": "#4285f4",
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
    "https://www.googleapis.com/auth/calendar.readonly"
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
    "baseUrl": "https://www.googleapis.com/calendar/v3"
  }
})

/** Google Calendar: Calendars and their events. Register your app's redirect URI at Google Calendar, and give its client here. */
export const googleCalendar = (client: OAuthClient<GoogleCalendarScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: googleCalendarDefinition
})
