// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * ActiveCampaign, by an API key of each tenant's.
 * See https://developers.activecampaign.com/reference/authentication
 */
export const activecampaignDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "activecampaign",
  "displayName": "ActiveCampaign",
  "category": "marketing",
  "description": "Contacts, lists, campaigns and deals.",
  "docsUrl": "https://developers.activecampaign.com/reference/authentication",
  "brandColor": "#004cff",
  "authType": "api_key",
  "fields": [
    {
      "name": "account",
      "label": "Account",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where the URL under Settings, Developer is https://acme.api-us1.com"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Developer"
    }
  ],
  "headers": {
    "Api-Token": "{api_key}"
  },
  "api": {
    "baseUrl": "https://{account}.api-us1.com/api/3"
  },
  "check": {
    "url": "https://{account}.api-us1.com/api/3/users/me"
  }
})

/** ActiveCampaign: Contacts, lists, campaigns and deals. Each tenant brings its own key. */
export const activecampaign = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: activecampaignDefinition
})

/**
 * Braze, by an API key of each tenant's.
 * See https://www.braze.com/docs/api/basics/
 */
export const brazeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "braze",
  "displayName": "Braze",
  "category": "marketing",
  "description": "Users, campaigns, Canvases and messages.",
  "docsUrl": "https://www.braze.com/docs/api/basics/",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "REST API key",
      "help": "Settings, APIs and Identifiers, API Keys"
    },
    {
      "name": "rest_endpoint",
      "label": "REST endpoint",
      "secret": false,
      "choices": [
        "rest.iad-01.braze.com",
        "rest.iad-02.braze.com",
        "rest.iad-03.braze.com",
        "rest.iad-04.braze.com",
        "rest.iad-05.braze.com",
        "rest.iad-06.braze.com",
        "rest.iad-07.braze.com",
        "rest.iad-08.braze.com",
        "rest.us-10.braze.com",
        "rest.fra-01.braze.eu",
        "rest.fra-02.braze.eu",
        "rest.au-01.braze.com"
      ],
      "help": "Settings, APIs and Identifiers; it belongs to your instance"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://{rest_endpoint}"
  },
  "check": {
    "url": "https://{rest_endpoint}/campaigns/list?page=0"
  }
})

/** Braze: Users, campaigns, Canvases and messages. Each tenant brings its own key. */
export const braze = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: brazeDefinition
})

/**
 * Brevo, by an API key of each tenant's.
 * See https://developers.brevo.com/docs/api-key-authentication
 */
export const brevoDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "brevo",
  "displayName": "Brevo",
  "category": "marketing",
  "description": "Contacts, campaigns and transactional email.",
  "docsUrl": "https://developers.brevo.com/docs/api-key-authentication",
  "brandColor": "#0b996e",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "SMTP & API, API keys"
    }
  ],
  "headers": {
    "api-key": "{api_key}"
  },
  "api": {
    "baseUrl": "https://api.brevo.com/v3"
  },
  "check": {
    "url": "https://api.brevo.com/v3/account"
  }
})

/** Brevo: Contacts, campaigns and transactional email. Each tenant brings its own key. */
export const brevo = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: brevoDefinition
})

/**
 * Customer.io, by an API key of each tenant's.
 * See https://docs.customer.io/accounts-and-workspaces/managing-credentials
 */
export const customerIoDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "customer-io",
  "displayName": "Customer.io",
  "category": "marketing",
  "description": "Messages, campaigns and people of a workspace.",
  "docsUrl": "https://docs.customer.io/accounts-and-workspaces/managing-credentials",
  "authType": "api_key",
  "fields": [
    {
      "name": "app_api_key",
      "label": "App API key",
      "help": "Account Settings, API Credentials, App API Keys"
    },
    {
      "name": "host",
      "label": "API host",
      "secret": false,
      "required": false,
      "choices": [
        "api.customer.io",
        "api-eu.customer.io"
      ],
      "default": "api.customer.io",
      "help": "api-eu.customer.io for workspaces in the EU"
    }
  ],
  "headers": {
    "Authorization": "Bearer {app_api_key}"
  },
  "api": {
    "baseUrl": "https://{host}/v1"
  },
  "check": {
    "url": "https://{host}/v1/workspaces"
  }
})

/** Customer.io: Messages, campaigns and people of a workspace. Each tenant brings its own key. */
export const customerIo = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: customerIoDefinition
})

/** Scopes that Eventbrite documents; others are taken as well. */
export type EventbriteScope = string

/**
 * Eventbrite, by an app of the host's.
 * See https://www.eventbrite.com/platform/docs/authentication
 */
export const eventbriteDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "eventbrite",
  "displayName": "Eventbrite",
  "category": "marketing",
  "description": "Events, orders and attendees.",
  "docsUrl": "https://www.eventbrite.com/platform/docs/authentication",
  "brandColor": "#f05537",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.eventbrite.com/oauth/authorize",
  "tokenEndpoint": "https://www.eventbrite.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://www.eventbriteapi.com/v3/users/me/",
    "id": [
      "id"
    ],
    "label": [
      "name"
    ]
  },
  "check": {
    "url": "https://www.eventbriteapi.com/v3/users/me/"
  },
  "api": {
    "baseUrl": "https://www.eventbriteapi.com/v3"
  }
})

/** Eventbrite: Events, orders and attendees. Register your app's redirect URI at Eventbrite, and give its client here. */
export const eventbrite = (client: OAuthClient<EventbriteScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: eventbriteDefinition
})

/**
 * Jotform, by an API key of each tenant's.
 * See https://api.jotform.com/docs/
 */
export const jotformDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "jotform",
  "displayName": "Jotform",
  "category": "marketing",
  "description": "Forms and what was sent in with them.",
  "docsUrl": "https://api.jotform.com/docs/",
  "brandColor": "#ff6100",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, API"
    },
    {
      "name": "api_host",
      "label": "API host",
      "help": "Of the account's region",
      "secret": false,
      "required": false,
      "choices": [
        "api.jotform.com",
        "eu-api.jotform.com",
        "hipaa-api.jotform.com"
      ],
      "default": "api.jotform.com"
    }
  ],
  "headers": {
    "APIKEY": "{api_key}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/user"
  }
})

/** Jotform: Forms and what was sent in with them. Each tenant brings its own key. */
export const jotform = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: jotformDefinition
})

/** Scopes that Klaviyo documents; others are taken as well. */
export type KlaviyoScope =
  | "accounts:read"
  | "campaigns:read"
  | "campaigns:write"
  | "catalogs:read"
  | "catalogs:write"
  | "coupons:read"
  | "coupons:write"
  | "coupon-codes:read"
  | "coupon-codes:write"
  | "data-privacy:write"
  | "events:read"
  | "events:write"
  | "flows:read"
  | "flows:write"
  | "forms:read"
  | "images:read"
  | "images:write"
  | "lists:read"
  | "lists:write"
  | "metrics:read"
  | "metrics:write"
  | "profiles:read"
  | "profiles:write"
  | "push-tokens:read"
  | "push-tokens:write"
  | "reviews:read"
  | "segments:read"
  | "segments:write"
  | "subscriptions:read"
  | "subscriptions:write"
  | "tags:read"
  | "tags:write"
  | "templates:read"
  | "templates:write"
  | "webhooks:read"
  | "webhooks:write"

/**
 * Klaviyo, by an app of the host's.
 * See https://developers.klaviyo.com/en/docs/set_up_oauth
 */
export const klaviyoDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "klaviyo",
  "displayName": "Klaviyo",
  "category": "marketing",
  "description": "Profiles, lists, campaigns and events of a store's marketing.",
  "docsUrl": "https://developers.klaviyo.com/en/docs/set_up_oauth",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.klaviyo.com/oauth/authorize",
  "tokenEndpoint": "https://a.klaviyo.com/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "terminalErrors": [
    "invalid_grant_type"
  ],
  "defaultScopes": [
    "accounts:read"
  ],
  "account": {
    "from": "request",
    "url": "https://a.klaviyo.com/api/accounts",
    "id": [
      "data",
      {
        "only": true
      },
      "id"
    ],
    "label": [
      "data",
      {
        "only": true
      },
      "attributes",
      "contact_information",
      "organization_name"
    ]
  },
  "check": {
    "url": "https://a.klaviyo.com/api/accounts"
  },
  "revocation": {
    "endpoint": "https://a.klaviyo.com/oauth/revoke",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://a.klaviyo.com"
  },
  "apiHeaders": {
    "revision": "2026-10-15"
  }
})

/** Klaviyo: Profiles, lists, campaigns and events of a store's marketing. Register your app's redirect URI at Klaviyo, and give its client here. */
export const klaviyo = (client: OAuthClient<KlaviyoScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: klaviyoDefinition
})

/**
 * Klaviyo, by an API key of each tenant's.
 * See https://developers.klaviyo.com/en/v2024-05-15/docs/authenticate
 */
export const klaviyoApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "klaviyo-api-key",
  "displayName": "Klaviyo",
  "category": "marketing",
  "description": "Profiles, lists, campaigns and events of a store's marketing.",
  "docsUrl": "https://developers.klaviyo.com/en/v2024-05-15/docs/authenticate",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Private API key",
      "help": "Settings, API keys"
    }
  ],
  "headers": {
    "Authorization": "Klaviyo-API-Key {api_key}"
  },
  "api": {
    "baseUrl": "https://a.klaviyo.com"
  },
  "apiHeaders": {
    "revision": "2026-10-15"
  },
  "check": {
    "url": "https://a.klaviyo.com/api/accounts",
    "rejectedStatus": [
      401
    ]
  }
})

/** Klaviyo: Profiles, lists, campaigns and events of a store's marketing. Each tenant brings its own key. */
export const klaviyoApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: klaviyoApiKeyDefinition
})

/** Scopes that Mailchimp documents; others are taken as well. */
export type MailchimpScope = string

/**
 * Mailchimp, by an app of the host's.
 * See https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
 */
export const mailchimpDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "mailchimp",
  "displayName": "Mailchimp",
  "category": "marketing",
  "description": "Audiences, campaigns and reports.",
  "docsUrl": "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
  "brandColor": "#ffe01b",
  "authType": "oauth2",
  "authorizationEndpoint": "https://login.mailchimp.com/oauth2/authorize",
  "tokenEndpoint": "https://login.mailchimp.com/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "tokenResponse": {
    "ignoresTokenType": true
  },
  "defaultScopes": [],
  "discovery": {
    "url": "https://login.mailchimp.com/oauth2/metadata"
  },
  "captures": {
    "api_host": {
      "from": "request",
      "path": [
        "api_endpoint"
      ],
      "hostBelow": [
        ".api.mailchimp.com"
      ]
    }
  },
  "account": {
    "from": "request",
    "url": "https://login.mailchimp.com/oauth2/metadata",
    "id": [
      "user_id"
    ],
    "label": [
      "accountname"
    ]
  },
  "check": {
    "url": "https://{api_host}/3.0/ping"
  },
  "api": {
    "baseUrl": "https://{api_host}/3.0"
  }
})

/** Mailchimp: Audiences, campaigns and reports. Register your app's redirect URI at Mailchimp, and give its client here. */
export const mailchimp = (client: OAuthClient<MailchimpScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: mailchimpDefinition
})

/**
 * Mailchimp (API key), by an API key of each tenant's.
 * See https://mailchimp.com/developer/marketing/guides/quick-start/
 */
export const mailchimpApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "mailchimp-api-key",
  "displayName": "Mailchimp (API key)",
  "category": "marketing",
  "description": "Audiences, campaigns and reports, by an API key.",
  "docsUrl": "https://mailchimp.com/developer/marketing/guides/quick-start/",
  "brandColor": "#ffe01b",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Account & billing, Extras, API keys"
    },
    {
      "name": "server",
      "label": "Server prefix",
      "secret": false,
      "format": "subdomain",
      "pattern": "[a-z]{2}\\d{1,3}",
      "help": "us6, where the address of your account begins with us6.admin.mailchimp.com; it also ends the API key"
    }
  ],
  "basic": {
    "username": "hawser",
    "password": "{api_key}"
  },
  "api": {
    "baseUrl": "https://{server}.api.mailchimp.com/3.0"
  },
  "check": {
    "url": "https://{server}.api.mailchimp.com/3.0/ping"
  }
})

/** Mailchimp (API key): Audiences, campaigns and reports, by an API key. Each tenant brings its own key. */
export const mailchimpApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: mailchimpApiKeyDefinition
})

/**
 * SendGrid, by an API key of each tenant's.
 * See https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication
 */
export const sendgridDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "sendgrid",
  "displayName": "SendGrid",
  "category": "marketing",
  "description": "Mail that is sent, contacts and suppressions.",
  "docsUrl": "https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/authentication",
  "brandColor": "#1a82e2",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, API Keys; it begins with SG."
    },
    {
      "name": "api_host",
      "label": "Region",
      "secret": false,
      "required": false,
      "choices": [
        "api.sendgrid.com",
        "api.eu.sendgrid.com"
      ],
      "default": "api.sendgrid.com",
      "help": "api.eu.sendgrid.com for a subuser in the EU region"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://{api_host}/v3"
  },
  "check": {
    "url": "https://{api_host}/v3/scopes",
    "rejectedStatus": [
      401
    ]
  }
})

/** SendGrid: Mail that is sent, contacts and suppressions. Each tenant brings its own key. */
export const sendgrid = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: sendgridDefinition
})

/** Scopes that SurveyMonkey documents; others are taken as well. */
export type SurveymonkeyScope = string

/**
 * SurveyMonkey, by an app of the host's.
 * See https://api.surveymonkey.com/v3/docs
 */
export const surveymonkeyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "surveymonkey",
  "displayName": "SurveyMonkey",
  "category": "marketing",
  "description": "Surveys and their responses.",
  "docsUrl": "https://api.surveymonkey.com/v3/docs",
  "brandColor": "#00bf6f",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.surveymonkey.com/oauth/authorize",
  "tokenEndpoint": "https://api.surveymonkey.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "captures": {
    "api_host": {
      "from": "token_response",
      "path": [
        "access_url"
      ],
      "hostBelow": [
        ".surveymonkey.com",
        ".surveymonkey.ca"
      ]
    }
  },
  "account": {
    "from": "request",
    "url": "https://{api_host}/v3/users/me",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://{api_host}/v3/users/me"
  },
  "api": {
    "baseUrl": "https://{api_host}/v3"
  }
})

/** SurveyMonkey: Surveys and their responses. Register your app's redirect URI at SurveyMonkey, and give its client here. */
export const surveymonkey = (client: OAuthClient<SurveymonkeyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: surveymonkeyDefinition
})

/** Scopes that Typeform documents; others are taken as well. */
export type TypeformScope =
  | "accounts:read"
  | "forms:read"
  | "forms:write"
  | "images:read"
  | "images:write"
  | "responses:read"
  | "responses:write"
  | "themes:read"
  | "themes:write"
  | "webhooks:read"
  | "webhooks:write"
  | "workspaces:read"
  | "workspaces:write"
  | "offline"

/**
 * Typeform, by an app of the host's.
 * See https://www.typeform.com/developers/get-started/applications/
 */
export const typeformDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "typeform",
  "displayName": "Typeform",
  "category": "marketing",
  "description": "Forms and the responses to them.",
  "docsUrl": "https://www.typeform.com/developers/get-started/applications/",
  "brandColor": "#262627",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.typeform.com/oauth/authorize",
  "tokenEndpoint": "https://api.typeform.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "accounts:read",
    "forms:read",
    "offline"
  ],
  "account": {
    "from": "request",
    "url": "https://api.typeform.com/me",
    "id": [
      "email"
    ],
    "label": [
      "alias"
    ]
  },
  "check": {
    "url": "https://api.typeform.com/me"
  },
  "api": {
    "baseUrl": "https://api.typeform.com",
    "hosts": [
      "api.eu.typeform.com"
    ]
  }
})

/** Typeform: Forms and the responses to them. Register your app's redirect URI at Typeform, and give its client here. */
export const typeform = (client: OAuthClient<TypeformScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: typeformDefinition
})

/** Scopes that Typeform (EU) documents; others are taken as well. */
export type TypeformEuScope =
  | "accounts:read"
  | "forms:read"
  | "forms:write"
  | "images:read"
  | "images:write"
  | "responses:read"
  | "responses:write"
  | "themes:read"
  | "themes:write"
  | "webhooks:read"
  | "webhooks:write"
  | "workspaces:read"
  | "workspaces:write"
  | "offline"

/**
 * Typeform (EU), by an app of the host's.
 * See https://www.typeform.com/developers/get-started/applications/
 */
export const typeformEuDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "typeform-eu",
  "displayName": "Typeform (EU)",
  "category": "marketing",
  "description": "Forms and the responses to them, of accounts at api.typeform.eu.",
  "docsUrl": "https://www.typeform.com/developers/get-started/applications/",
  "brandColor": "#262627",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.typeform.eu/oauth/authorize",
  "tokenEndpoint": "https://api.typeform.eu/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "accounts:read",
    "forms:read",
    "offline"
  ],
  "account": {
    "from": "request",
    "url": "https://api.typeform.eu/me",
    "id": [
      "email"
    ],
    "label": [
      "alias"
    ]
  },
  "check": {
    "url": "https://api.typeform.eu/me"
  },
  "api": {
    "baseUrl": "https://api.typeform.eu"
  }
})

/** Typeform (EU): Forms and the responses to them, of accounts at api.typeform.eu. Register your app's redirect URI at Typeform (EU), and give its client here. */
export const typeformEu = (client: OAuthClient<TypeformEuScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: typeformEuDefinition
})

/** Scopes that Webflow documents; others are taken as well. */
export type WebflowScope =
  | "app_subscriptions:read"
  | "assets:read"
  | "assets:write"
  | "authorized_user:read"
  | "cms:read"
  | "cms:write"
  | "comments:read"
  | "comments:write"
  | "components:read"
  | "components:write"
  | "custom_code:read"
  | "custom_code:write"
  | "ecommerce:read"
  | "ecommerce:write"
  | "forms:read"
  | "forms:write"
  | "pages:read"
  | "pages:write"
  | "site_activity:read"
  | "site_config:read"
  | "site_config:write"
  | "sites:read"
  | "sites:write"
  | "users:read"
  | "users:write"
  | "workspace:read"
  | "workspace:write"

/**
 * Webflow, by an app of the host's.
 * See https://developers.webflow.com/data/reference/oauth-app
 */
export const webflowDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "webflow",
  "displayName": "Webflow",
  "category": "marketing",
  "description": "Sites, pages and collections that a user picks.",
  "docsUrl": "https://developers.webflow.com/data/reference/oauth-app",
  "brandColor": "#146ef5",
  "authType": "oauth2",
  "authorizationEndpoint": "https://webflow.com/oauth/authorize",
  "tokenEndpoint": "https://api.webflow.com/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "authorized_user:read",
    "sites:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.webflow.com/v2/token/authorized_by",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.webflow.com/v2/token/introspect"
  },
  "revocation": {
    "endpoint": "https://webflow.com/oauth/revoke_authorization",
    "ends": "grant",
    "tokenParameter": "access_token"
  },
  "api": {
    "baseUrl": "https://api.webflow.com"
  }
})

/** Webflow: Sites, pages and collections that a user picks. Register your app's redirect URI at Webflow, and give its client here. */
export const webflow = (client: OAuthClient<WebflowScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: webflowDefinition
})

/** Scopes that Webflow (EU) documents; others are taken as well. */
export type WebflowEuScope =
  | "app_subscriptions:read"
  | "assets:read"
  | "assets:write"
  | "authorized_user:read"
  | "cms:read"
  | "cms:write"
  | "comments:read"
  | "comments:write"
  | "components:read"
  | "components:write"
  | "custom_code:read"
  | "custom_code:write"
  | "ecommerce:read"
  | "ecommerce:write"
  | "forms:read"
  | "forms:write"
  | "pages:read"
  | "pages:write"
  | "site_activity:read"
  | "site_config:read"
  | "site_config:write"
  | "sites:read"
  | "sites:write"
  | "users:read"
  | "users:write"
  | "workspace:read"
  | "workspace:write"

/**
 * Webflow (EU), by an app of the host's.
 * See https://developers.webflow.com/data/reference/eu-hosting
 */
export const webflowEuDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "webflow-eu",
  "displayName": "Webflow (EU)",
  "category": "marketing",
  "description": "Sites, pages and collections that a user picks, of workspaces that are hosted in the EU.",
  "docsUrl": "https://developers.webflow.com/data/reference/eu-hosting",
  "brandColor": "#146ef5",
  "authType": "oauth2",
  "authorizationEndpoint": "https://eu.webflow.com/oauth/authorize",
  "tokenEndpoint": "https://api.eu.webflow.com/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "authorized_user:read",
    "sites:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.eu.webflow.com/v2/token/authorized_by",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.eu.webflow.com/v2/token/introspect"
  },
  "revocation": {
    "endpoint": "https://eu.webflow.com/oauth/revoke_authorization",
    "ends": "grant",
    "tokenParameter": "access_token"
  },
  "api": {
    "baseUrl": "https://api.eu.webflow.com"
  }
})

/** Webflow (EU): Sites, pages and collections that a user picks, of workspaces that are hosted in the EU. Register your app's redirect URI at Webflow (EU), and give its client here. */
export const webflowEu = (client: OAuthClient<WebflowEuScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: webflowEuDefinition
})
