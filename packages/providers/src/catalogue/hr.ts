// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Ashby, by an API key of each tenant's.
 * See https://developers.ashbyhq.com/docs/authentication
 */
export const ashbyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "ashby",
  "displayName": "Ashby",
  "category": "hr",
  "description": "Candidates, applications, jobs and interviews.",
  "docsUrl": "https://developers.ashbyhq.com/docs/authentication",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Admin, Integrations, API Keys; it needs to read API Keys"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://api.ashbyhq.com"
  },
  "check": {
    "url": "https://api.ashbyhq.com/apiKey.info",
    "method": "POST",
    "body": "{}"
  }
})

/** Ashby: Candidates, applications, jobs and interviews. Each tenant brings its own key. */
export const ashby = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: ashbyDefinition
})

/**
 * BambooHR, by an API key of each tenant's.
 * See https://documentation.bamboohr.com/docs/getting-started
 */
export const bamboohrDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "bamboohr",
  "displayName": "BambooHR",
  "category": "hr",
  "description": "Employees, time off and reports.",
  "docsUrl": "https://documentation.bamboohr.com/docs/getting-started",
  "brandColor": "#73c41d",
  "authType": "api_key",
  "fields": [
    {
      "name": "company_domain",
      "label": "Company domain",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where you use BambooHR at acme.bamboohr.com"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Your name at the bottom left, API Keys"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": "x"
  },
  "api": {
    "baseUrl": "https://{company_domain}.bamboohr.com/api/v1"
  },
  "apiHeaders": {
    "Accept": "application/json"
  },
  "check": {
    "url": "https://{company_domain}.bamboohr.com/api/v1/meta/fields",
    "rejectedStatus": [
      401
    ]
  }
})

/** BambooHR: Employees, time off and reports. Each tenant brings its own key. */
export const bamboohr = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: bamboohrDefinition
})

/** Scopes that Deel documents; others are taken as well. */
export type DeelScope =
  | "contracts:read"
  | "contracts:write"
  | "organizations:read"
  | "people:read"
  | "accounting:read"
  | "timesheets:read"
  | "timesheets:write"

/**
 * Deel, by an app of the host's.
 * See https://developer.deel.com/api/oauth
 */
export const deelDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "deel",
  "displayName": "Deel",
  "category": "hr",
  "description": "Contracts, people, timesheets and invoices of a team.",
  "docsUrl": "https://developer.deel.com/api/oauth",
  "notices": [
    {
      "date": "2027-01-01",
      "text": "Version 2026-01-01 is expected to be deprecated, which calls without X-Version get."
    }
  ],
  "authType": "oauth2",
  "settings": [
    {
      "name": "app_id",
      "label": "Client ID",
      "pattern": "[A-Za-z0-9\\-]{1,64}",
      "help": "The client ID of your app once more: each call of the API names it"
    }
  ],
  "authorizationEndpoint": "https://app.deel.com/oauth2/authorize",
  "tokenEndpoint": "https://app.deel.com/oauth2/tokens",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "organizations:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.letsdeel.com/rest/v2/organizations",
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
      "name"
    ]
  },
  "check": {
    "url": "https://api.letsdeel.com/rest/v2/organizations"
  },
  "api": {
    "baseUrl": "https://api.letsdeel.com/rest/v2"
  },
  "apiHeaders": {
    "x-client-id": "{app_id}"
  }
})

/** Deel: Contracts, people, timesheets and invoices of a team. Register your app's redirect URI at Deel, and give its client here. */
export const deel = (client: OAuthClient<DeelScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: deelDefinition
})

/**
 * Deel, by an API key of each tenant's.
 * See https://developer.deel.com/api/authentication
 */
export const deelApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "deel-api-key",
  "displayName": "Deel",
  "category": "hr",
  "description": "Contracts, people, timesheets and invoices of a team.",
  "docsUrl": "https://developer.deel.com/api/authentication",
  "notices": [
    {
      "date": "2027-01-01",
      "text": "Version 2026-01-01 is expected to be deprecated, which calls without X-Version get."
    }
  ],
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "More, Developer, Access Tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://api.letsdeel.com/rest/v2"
  },
  "check": {
    "url": "https://api.letsdeel.com/rest/v2/organizations",
    "rejectedStatus": [
      401
    ]
  }
})

/** Deel: Contracts, people, timesheets and invoices of a team. Each tenant brings its own key. */
export const deelApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: deelApiKeyDefinition
})

/** Scopes that Factorial documents; others are taken as well. */
export type FactorialScope = string

/**
 * Factorial, by an app of the host's.
 * See https://apidoc.factorialhr.com/docs
 */
export const factorialDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "factorial",
  "displayName": "Factorial",
  "category": "hr",
  "description": "Employees, time off, documents and teams.",
  "docsUrl": "https://apidoc.factorialhr.com/docs",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.factorialhr.com/oauth/authorize",
  "tokenEndpoint": "https://api.factorialhr.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.factorialhr.com/api/2026-07-01/resources/api_public/credentials",
    "id": [
      "data",
      {
        "only": true
      },
      "company_id"
    ],
    "label": [
      "data",
      {
        "only": true
      },
      "full_name"
    ]
  },
  "check": {
    "url": "https://api.factorialhr.com/api/2026-07-01/resources/api_public/credentials"
  },
  "api": {
    "baseUrl": "https://api.factorialhr.com"
  }
})

/** Factorial: Employees, time off, documents and teams. Register your app's redirect URI at Factorial, and give its client here. */
export const factorial = (client: OAuthClient<FactorialScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: factorialDefinition
})

/**
 * Greenhouse, by an API key of each tenant's.
 * See https://harvestdocs.greenhouse.io/docs/authentication
 */
export const greenhouseDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "greenhouse",
  "displayName": "Greenhouse",
  "category": "hr",
  "description": "Candidates, applications, jobs and offers.",
  "docsUrl": "https://harvestdocs.greenhouse.io/docs/authentication",
  "brandColor": "#24a47f",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Configure, Dev Center, API Credential Management, of the type Harvest v3 (OAuth)"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Shown once, when the credentials are made"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://auth.greenhouse.io/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_basic",
    "tokenResponse": {
      "members": {
        "expires_in": [
          "expires_at"
        ]
      },
      "lifetimeIn": "iso_date"
    }
  },
  "api": {
    "baseUrl": "https://harvest.greenhouse.io/v3"
  },
  "check": {
    "url": "https://harvest.greenhouse.io/v3/users?per_page=1",
    "rejectedStatus": [
      401
    ]
  }
})

/** Greenhouse: Candidates, applications, jobs and offers. Each tenant brings its own key. */
export const greenhouse = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: greenhouseDefinition
})

/** Scopes that Gusto documents; others are taken as well. */
export type GustoScope = string

/**
 * Gusto, by an app of the host's.
 * See https://docs.gusto.com/app-integrations/docs/oauth2
 */
export const gustoDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "gusto",
  "displayName": "Gusto",
  "category": "hr",
  "description": "Employees, payrolls and the company's details.",
  "docsUrl": "https://docs.gusto.com/app-integrations/docs/oauth2",
  "brandColor": "#f45d48",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.gusto.com/oauth/authorize",
  "tokenEndpoint": "https://api.gusto.com/oauth/token",
  "tokenRequest": {
    "encoding": "json"
  },
  "refreshRequest": {
    "encoding": "json"
  },
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.gusto.com/v1/token_info",
    "id": [
      "resource",
      "uuid"
    ]
  },
  "check": {
    "url": "https://api.gusto.com/v1/token_info"
  },
  "revocation": {
    "endpoint": "https://api.gusto.com/oauth/revoke",
    "ends": "token",
    "encoding": "json",
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.gusto.com"
  }
})

/** Gusto: Employees, payrolls and the company's details. Register your app's redirect URI at Gusto, and give its client here. */
export const gusto = (client: OAuthClient<GustoScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: gustoDefinition
})

/**
 * HiBob, by an API key of each tenant's.
 * See https://apidocs.hibob.com/reference/authorization
 */
export const hibobDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "hibob",
  "displayName": "HiBob",
  "category": "hr",
  "description": "Employees, time off and company data.",
  "docsUrl": "https://apidocs.hibob.com/reference/authorization",
  "authType": "api_key",
  "fields": [
    {
      "name": "service_user_id",
      "label": "Service user ID",
      "secret": false,
      "help": "System Settings, Integrations, Service users"
    },
    {
      "name": "token",
      "label": "Service user token",
      "help": "Shown once, when the service user is made"
    }
  ],
  "basic": {
    "username": "{service_user_id}",
    "password": "{token}"
  },
  "api": {
    "baseUrl": "https://api.hibob.com/v1"
  },
  "check": {
    "url": "https://api.hibob.com/v1/company/people/fields",
    "rejectedStatus": [
      401
    ]
  }
})

/** HiBob: Employees, time off and company data. Each tenant brings its own key. */
export const hibob = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: hibobDefinition
})

/**
 * Lever, by an API key of each tenant's.
 * See https://hire.lever.co/developer/documentation
 */
export const leverDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "lever",
  "displayName": "Lever",
  "category": "hr",
  "description": "Opportunities, postings and interviews.",
  "docsUrl": "https://hire.lever.co/developer/documentation",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Integrations and API, API Credentials"
    },
    {
      "name": "host",
      "label": "API host",
      "secret": false,
      "required": false,
      "choices": [
        "api.lever.co",
        "api.eu.lever.co"
      ],
      "default": "api.lever.co",
      "help": "api.eu.lever.co for accounts in the EU"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://{host}/v1"
  },
  "check": {
    "url": "https://{host}/v1/users?limit=1",
    "rejectedStatus": [
      401
    ]
  }
})

/** Lever: Opportunities, postings and interviews. Each tenant brings its own key. */
export const lever = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: leverDefinition
})

/**
 * Personio, by an API key of each tenant's.
 * See https://developer.personio.de/reference/auth
 */
export const personioDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "personio",
  "displayName": "Personio",
  "category": "hr",
  "description": "Employees, absences and attendances.",
  "docsUrl": "https://developer.personio.de/reference/auth",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "secret": false,
      "help": "Settings, API credentials"
    },
    {
      "name": "client_secret",
      "label": "Client secret",
      "help": "Shown once, when the credentials are made"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://api.personio.de/v2/auth/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_post"
  },
  "api": {
    "baseUrl": "https://api.personio.de/v2"
  },
  "check": {
    "url": "https://api.personio.de/v2/persons?limit=1",
    "rejectedStatus": [
      401
    ]
  }
})

/** Personio: Employees, absences and attendances. Each tenant brings its own key. */
export const personio = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: personioDefinition
})

/**
 * Recruitee, by an API key of each tenant's.
 * See https://support.recruitee.com/en/articles/8213076-faq-api
 */
export const recruiteeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "recruitee",
  "displayName": "Recruitee",
  "category": "hr",
  "description": "Candidates, jobs and hiring pipelines.",
  "docsUrl": "https://support.recruitee.com/en/articles/8213076-faq-api",
  "authType": "api_key",
  "fields": [
    {
      "name": "company_id",
      "label": "Company ID",
      "secret": false,
      "pattern": "[0-9]{1,12}",
      "help": "In the address of your dashboard, after company="
    },
    {
      "name": "api_token",
      "label": "Personal API token",
      "help": "Settings, Apps and plugins, Personal API tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://api.recruitee.com/c/{company_id}"
  },
  "check": {
    "url": "https://api.recruitee.com/c/{company_id}/offers?limit=1"
  }
})

/** Recruitee: Candidates, jobs and hiring pipelines. Each tenant brings its own key. */
export const recruitee = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: recruiteeDefinition
})

/**
 * Workable, by an API key of each tenant's.
 * See https://workable.readme.io/reference/generate-an-access-token
 */
export const workableDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "workable",
  "displayName": "Workable",
  "category": "hr",
  "description": "Jobs, candidates and hiring stages.",
  "docsUrl": "https://workable.readme.io/reference/generate-an-access-token",
  "authType": "api_key",
  "fields": [
    {
      "name": "subdomain",
      "label": "Subdomain",
      "secret": false,
      "format": "subdomain",
      "help": "Settings, Company profile"
    },
    {
      "name": "api_token",
      "label": "API access token",
      "help": "Settings, Integrations, Apps, API access tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://{subdomain}.workable.com/spi/v3"
  },
  "check": {
    "url": "https://{subdomain}.workable.com/spi/v3/jobs?limit=1",
    "rejectedStatus": [
      401
    ]
  }
})

/** Workable: Jobs, candidates and hiring stages. Each tenant brings its own key. */
export const workable = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: workableDefinition
})
