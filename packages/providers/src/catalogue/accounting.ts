// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { definitionOf, type OAuthClient } from "../definitionOf.ts"

/** Scopes that FreeAgent documents; others are taken as well. */
export type FreeagentScope = string

/**
 * FreeAgent, by an app of the host's.
 * See https://dev.freeagent.com/docs/oauth
 */
export const freeagentDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "freeagent",
  "displayName": "FreeAgent",
  "category": "accounting",
  "description": "Invoices, bills, contacts and bank accounts.",
  "docsUrl": "https://dev.freeagent.com/docs/oauth",
  "brandColor": "#0d75b9",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.freeagent.com/v2/approve_app",
  "tokenEndpoint": "https://api.freeagent.com/v2/token_endpoint",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.freeagent.com/v2/company",
    "id": [
      "company",
      "id"
    ],
    "label": [
      "company",
      "name"
    ]
  },
  "check": {
    "url": "https://api.freeagent.com/v2/company"
  },
  "api": {
    "baseUrl": "https://api.freeagent.com/v2"
  }
})

/** FreeAgent: Invoices, bills, contacts and bank accounts. Register your app's redirect URI at FreeAgent, and give its client here. */
export const freeagent = (client: OAuthClient<FreeagentScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: freeagentDefinition
})

/** Scopes that FreshBooks documents; others are taken as well. */
export type FreshbooksScope =
  | "user:profile:read"
  | "user:profile:write"
  | "user:bill_payments:read"
  | "user:bill_vendors:read"
  | "user:bills:read"
  | "user:billable_items:read"
  | "user:business:read"
  | "user:clients:read"
  | "user:credit_notes:read"
  | "user:estimates:read"
  | "user:expenses:read"
  | "user:invoices:read"
  | "user:journal_entries:read"
  | "user:online_payments:read"
  | "user:other_income:read"
  | "user:payments:read"
  | "user:projects:read"
  | "user:reports:read"
  | "user:retainers:read"
  | "user:taxes:read"
  | "user:teams:read"
  | "user:time_entries:read"

/**
 * FreshBooks, by an app of the host's.
 * See https://www.freshbooks.com/api/authentication
 */
export const freshbooksDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "freshbooks",
  "displayName": "FreshBooks",
  "category": "accounting",
  "description": "Invoices, expenses, clients and time entries.",
  "docsUrl": "https://www.freshbooks.com/api/authentication",
  "brandColor": "#0075dd",
  "authType": "oauth2",
  "authorizationEndpoint": "https://auth.freshbooks.com/oauth/authorize",
  "tokenEndpoint": "https://api.freshbooks.com/auth/oauth/token",
  "clientAuthentication": "client_secret_post",
  "tokenRequest": {
    "encoding": "json"
  },
  "refreshRequest": {
    "encoding": "json"
  },
  "defaultScopes": [
    "user:profile:read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.freshbooks.com/auth/api/v1/users/me",
    "id": [
      "response",
      "id"
    ],
    "label": [
      "response",
      "email"
    ]
  },
  "check": {
    "url": "https://api.freshbooks.com/auth/api/v1/users/me"
  },
  "revocation": {
    "endpoint": "https://api.freshbooks.com/auth/oauth/revoke",
    "ends": "token",
    "encoding": "json"
  },
  "api": {
    "baseUrl": "https://api.freshbooks.com"
  }
})

/** FreshBooks: Invoices, expenses, clients and time entries. Register your app's redirect URI at FreshBooks, and give its client here. */
export const freshbooks = (client: OAuthClient<FreshbooksScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: freshbooksDefinition
})

/** Scopes that QuickBooks Online documents; others are taken as well. */
export type QuickbooksScope =
  | "com.intuit.quickbooks.accounting"
  | "com.intuit.quickbooks.payment"
  | "com.intuit.quickbooks.payroll"
  | "com.intuit.quickbooks.payroll.timetracking"
  | "com.intuit.quickbooks.payroll.benefits"
  | "openid"
  | "profile"
  | "email"
  | "phone"
  | "address"

/**
 * QuickBooks Online, by an app of the host's.
 * See https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0
 */
export const quickbooksDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "quickbooks",
  "displayName": "QuickBooks Online",
  "category": "accounting",
  "description": "Invoices, customers and payments of a company.",
  "docsUrl": "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
  "brandColor": "#2ca01c",
  "authType": "oauth2",
  "authorizationEndpoint": "https://appcenter.intuit.com/connect/oauth2",
  "tokenEndpoint": "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
  "clientAuthentication": "client_secret_basic",
  "temporaryErrors": [
    {
      "error": "invalid_grant",
      "description": "Incorrect Token type or clientID"
    }
  ],
  "defaultScopes": [
    "com.intuit.quickbooks.accounting"
  ],
  "captures": {
    "realm_id": {
      "from": "callback",
      "parameter": "realmId",
      "pattern": "\\d{1,20}"
    }
  },
  "discovery": {
    "url": "https://quickbooks.api.intuit.com/v3/company/{realm_id}/companyinfo/{realm_id}"
  },
  "account": {
    "from": "capture",
    "name": "realm_id"
  },
  "check": {
    "url": "https://quickbooks.api.intuit.com/v3/company/{realm_id}/companyinfo/{realm_id}"
  },
  "revocation": {
    "endpoint": "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    "ends": "grant",
    "encoding": "json",
    "sendsHint": false
  },
  "api": {
    "baseUrl": "https://quickbooks.api.intuit.com/v3/company/{realm_id}"
  },
  "apiHeaders": {
    "Accept": "application/json"
  },
  "tokenResponse": {
    "members": {
      "refresh_token_expires_in": [
        "x_refresh_token_expires_in"
      ]
    }
  }
})

/** QuickBooks Online: Invoices, customers and payments of a company. Register your app's redirect URI at QuickBooks Online, and give its client here. */
export const quickbooks = (client: OAuthClient<QuickbooksScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: quickbooksDefinition
})

/** Scopes that Sage Accounting documents; others are taken as well. */
export type SageAccountingScope =
  | "readonly"
  | "full_access"

/**
 * Sage Accounting, by an app of the host's.
 * See https://developer.sage.com/accounting/guides/authenticating/authentication
 */
export const sageAccountingDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "sage-accounting",
  "displayName": "Sage Accounting",
  "category": "accounting",
  "description": "Invoices, contacts and ledgers of a business.",
  "docsUrl": "https://developer.sage.com/accounting/guides/authenticating/authentication",
  "brandColor": "#00d639",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.sageone.com/oauth2/auth/central",
  "tokenEndpoint": "https://oauth.accounting.sage.com/token",
  "clientAuthentication": "client_secret_post",
  "authorizationParameters": {
    "filter": "apiv3.1"
  },
  "refreshMargin": 60,
  "defaultScopes": [
    "readonly"
  ],
  "account": {
    "from": "request",
    "url": "https://api.accounting.sage.com/v3.1/user",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.accounting.sage.com/v3.1/user"
  },
  "revocation": {
    "endpoint": "https://oauth.accounting.sage.com/revoke",
    "ends": "token",
    "tokens": "refresh_token"
  },
  "api": {
    "baseUrl": "https://api.accounting.sage.com/v3.1"
  }
})

/** Sage Accounting: Invoices, contacts and ledgers of a business. Register your app's redirect URI at Sage Accounting, and give its client here. */
export const sageAccounting = (client: OAuthClient<SageAccountingScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: sageAccountingDefinition
})

/** Scopes that Wave documents; others are taken as well. */
export type WaveScope =
  | "offline_access"
  | "account:read"
  | "account:write"
  | "account:*"
  | "business:read"
  | "business:write"
  | "business:*"
  | "customer:read"
  | "customer:write"
  | "customer:*"
  | "invoice:read"
  | "invoice:write"
  | "invoice:*"
  | "product:read"
  | "product:write"
  | "product:*"
  | "sales_tax:read"
  | "sales_tax:write"
  | "sales_tax:*"
  | "transaction:read"
  | "transaction:write"
  | "transaction:*"
  | "user:read"
  | "user:write"
  | "user:*"
  | "vendor:read"
  | "vendor:write"
  | "vendor:*"

/**
 * Wave, by an app of the host's.
 * See https://developer.waveapps.com/hc/en-us/articles/360019493652-OAuth-Guide
 */
export const waveDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "wave",
  "displayName": "Wave",
  "category": "accounting",
  "description": "Invoices, customers and transactions of a business.",
  "docsUrl": "https://developer.waveapps.com/hc/en-us/articles/360019493652-OAuth-Guide",
  "brandColor": "#003dd6",
  "authType": "oauth2",
  "authorizationEndpoint": "https://api.waveapps.com/oauth2/authorize/",
  "tokenEndpoint": "https://api.waveapps.com/oauth2/token/",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "offline_access",
    "user:read",
    "business:read"
  ],
  "account": {
    "from": "request",
    "url": "https://gql.waveapps.com/graphql/public",
    "method": "POST",
    "body": "{\"query\":\"{ user { id defaultEmail } }\"}",
    "id": [
      "data",
      "user",
      "id"
    ],
    "label": [
      "data",
      "user",
      "defaultEmail"
    ]
  },
  "check": {
    "url": "https://gql.waveapps.com/graphql/public",
    "method": "POST",
    "body": "{\"query\":\"{ user { id defaultEmail } }\"}",
    "acceptedBody": {
      "path": [
        "data",
        "user"
      ],
      "exists": true
    }
  },
  "api": {
    "baseUrl": "https://gql.waveapps.com",
    "expired": [
      {
        "status": 200,
        "body": {
          "path": [
            "errors",
            "0",
            "extensions",
            "code"
          ],
          "equals": "UNAUTHENTICATED"
        }
      }
    ]
  }
})

/** Wave: Invoices, customers and transactions of a business. Register your app's redirect URI at Wave, and give its client here. */
export const wave = (client: OAuthClient<WaveScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: waveDefinition
})

/** Scopes that Xero documents; others are taken as well. */
export type XeroScope =
  | "openid"
  | "profile"
  | "email"
  | "offline_access"
  | "accounting.transactions"
  | "accounting.transactions.read"
  | "accounting.invoices"
  | "accounting.invoices.read"
  | "accounting.payments"
  | "accounting.payments.read"
  | "accounting.banktransactions"
  | "accounting.banktransactions.read"
  | "accounting.manualjournals"
  | "accounting.manualjournals.read"
  | "accounting.reports.read"
  | "accounting.reports.tenninetynine.read"
  | "accounting.journals.read"
  | "accounting.settings"
  | "accounting.settings.read"
  | "accounting.contacts"
  | "accounting.contacts.read"
  | "accounting.attachments"
  | "accounting.attachments.read"
  | "accounting.budgets.read"
  | "assets"
  | "assets.read"
  | "files"
  | "files.read"
  | "projects"
  | "projects.read"
  | "payroll.employees"
  | "payroll.employees.read"
  | "payroll.payruns"
  | "payroll.payruns.read"
  | "payroll.payslip"
  | "payroll.payslip.read"
  | "payroll.settings"
  | "payroll.settings.read"
  | "payroll.timesheets"
  | "payroll.timesheets.read"
  | "paymentservices"

/**
 * Xero, by an app of the host's.
 * See https://developer.xero.com/documentation/guides/oauth2/auth-flow/
 */
export const xeroDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "xero",
  "displayName": "Xero",
  "category": "accounting",
  "description": "Invoices, contacts and bank transactions of an organisation.",
  "docsUrl": "https://developer.xero.com/documentation/guides/oauth2/auth-flow/",
  "brandColor": "#13b5ea",
  "authType": "oauth2",
  "authorizationEndpoint": "https://login.xero.com/identity/connect/authorize",
  "tokenEndpoint": "https://identity.xero.com/connect/token",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "offline_access",
    "accounting.settings.read"
  ],
  "discovery": {
    "url": "https://api.xero.com/connections"
  },
  "captures": {
    "tenant_id": {
      "from": "request",
      "path": [
        {
          "where": {
            "path": [
              "authEventId"
            ],
            "equalsClaim": [
              "authentication_event_id"
            ]
          }
        },
        "tenantId"
      ],
      "pattern": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    }
  },
  "account": {
    "from": "request",
    "url": "https://api.xero.com/connections",
    "id": [
      {
        "where": {
          "path": [
            "authEventId"
          ],
          "equalsClaim": [
            "authentication_event_id"
          ]
        }
      },
      "tenantId"
    ],
    "label": [
      {
        "where": {
          "path": [
            "authEventId"
          ],
          "equalsClaim": [
            "authentication_event_id"
          ]
        }
      },
      "tenantName"
    ]
  },
  "check": {
    "url": "https://api.xero.com/connections"
  },
  "revocation": {
    "endpoint": "https://identity.xero.com/connect/revocation",
    "ends": "grant",
    "tokens": "refresh_token"
  },
  "api": {
    "baseUrl": "https://api.xero.com/api.xro/2.0"
  },
  "apiHeaders": {
    "Xero-tenant-id": "{tenant_id}",
    "Accept": "application/json"
  }
})

/** Xero: Invoices, contacts and bank transactions of an organisation. Register your app's redirect URI at Xero, and give its client here. */
export const xero = (client: OAuthClient<XeroScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: xeroDefinition
})
