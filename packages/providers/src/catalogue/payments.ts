// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Chargebee, by an API key of each tenant's.
 * See https://apidocs.chargebee.com/docs/api/auth
 */
export const chargebeeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "chargebee",
  "displayName": "Chargebee",
  "category": "payments",
  "description": "Subscriptions, customers and invoices.",
  "docsUrl": "https://apidocs.chargebee.com/docs/api/auth",
  "brandColor": "#ff3300",
  "authType": "api_key",
  "fields": [
    {
      "name": "site",
      "label": "Site",
      "help": "acme, where your site is at acme.chargebee.com",
      "secret": false,
      "format": "subdomain"
    },
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, Configure Chargebee, API keys and webhooks"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://{site}.chargebee.com/api/v2"
  },
  "check": {
    "url": "https://{site}.chargebee.com/api/v2/customers",
    "rejectedStatus": [
      401
    ]
  }
})

/** Chargebee: Subscriptions, customers and invoices. Each tenant brings its own key. */
export const chargebee = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: chargebeeDefinition
})

/** Scopes that GoCardless documents; others are taken as well. */
export type GocardlessScope =
  | "read_only"
  | "read_write"

/**
 * GoCardless, by an app of the host's.
 * See https://developer.gocardless.com/partners/connecting-your-users
 */
export const gocardlessDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "gocardless",
  "displayName": "GoCardless",
  "category": "payments",
  "description": "Mandates, payments and payouts.",
  "docsUrl": "https://developer.gocardless.com/partners/connecting-your-users",
  "brandColor": "#1c1b18",
  "authType": "oauth2",
  "authorizationEndpoint": "https://connect.gocardless.com/oauth/authorize",
  "tokenEndpoint": "https://connect.gocardless.com/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "read_only"
  ],
  "account": {
    "from": "token_response",
    "id": [
      "organisation_id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.gocardless.com/creditors"
  },
  "api": {
    "baseUrl": "https://api.gocardless.com"
  },
  "apiHeaders": {
    "GoCardless-Version": "2015-07-06"
  }
})

/** GoCardless: Mandates, payments and payouts. Register your app's redirect URI at GoCardless, and give its client here. */
export const gocardless = (client: OAuthClient<GocardlessScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: gocardlessDefinition
})

/**
 * Lemon Squeezy, by an API key of each tenant's.
 * See https://docs.lemonsqueezy.com/api/getting-started/requests
 */
export const lemonSqueezyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "lemon-squeezy",
  "displayName": "Lemon Squeezy",
  "category": "payments",
  "description": "Products, orders and subscriptions of a store.",
  "docsUrl": "https://docs.lemonsqueezy.com/api/getting-started/requests",
  "brandColor": "#7047eb",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, API"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.lemonsqueezy.com/v1"
  },
  "apiHeaders": {
    "Accept": "application/vnd.api+json"
  },
  "check": {
    "url": "https://api.lemonsqueezy.com/v1/users/me"
  }
})

/** Lemon Squeezy: Products, orders and subscriptions of a store. Each tenant brings its own key. */
export const lemonSqueezy = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: lemonSqueezyDefinition
})

/** Scopes that Mollie documents; others are taken as well. */
export type MollieScope =
  | "payments.read"
  | "payments.write"
  | "refunds.read"
  | "refunds.write"
  | "customers.read"
  | "customers.write"
  | "mandates.read"
  | "mandates.write"
  | "subscriptions.read"
  | "subscriptions.write"
  | "profiles.read"
  | "profiles.write"
  | "invoices.read"
  | "settlements.read"
  | "orders.read"
  | "orders.write"
  | "shipments.read"
  | "shipments.write"
  | "organizations.read"
  | "organizations.write"
  | "onboarding.read"
  | "onboarding.write"
  | "payment-links.read"
  | "payment-links.write"
  | "balances.read"
  | "terminals.read"
  | "terminals.write"
  | "persons.read"

/**
 * Mollie, by an app of the host's.
 * See https://docs.mollie.com/docs/connect-getting-started
 */
export const mollieDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "mollie",
  "displayName": "Mollie",
  "category": "payments",
  "description": "Payments, customers and settlements.",
  "docsUrl": "https://docs.mollie.com/docs/connect-getting-started",
  "brandColor": "#0077ff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://my.mollie.com/oauth2/authorize",
  "tokenEndpoint": "https://api.mollie.com/oauth2/tokens",
  "clientAuthentication": "client_secret_basic",
  "defaultScopes": [
    "organizations.read"
  ],
  "account": {
    "from": "request",
    "url": "https://api.mollie.com/v2/organizations/me",
    "id": [
      "id"
    ],
    "label": [
      "name"
    ]
  },
  "check": {
    "url": "https://api.mollie.com/v2/organizations/me"
  },
  "revocation": {
    "endpoint": "https://api.mollie.com/oauth2/tokens",
    "ends": "token",
    "method": "DELETE"
  },
  "api": {
    "baseUrl": "https://api.mollie.com/v2"
  }
})

/** Mollie: Payments, customers and settlements. Register your app's redirect URI at Mollie, and give its client here. */
export const mollie = (client: OAuthClient<MollieScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: mollieDefinition
})

/**
 * Paddle, by an API key of each tenant's.
 * See https://developer.paddle.com/api-reference/about/
 */
export const paddleDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "paddle",
  "displayName": "Paddle",
  "category": "payments",
  "description": "Products, subscriptions and transactions.",
  "docsUrl": "https://developer.paddle.com/api-reference/about/",
  "brandColor": "#fddd35",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Developer tools, Authentication"
    },
    {
      "name": "api_host",
      "label": "Environment",
      "help": "Live, or the sandbox",
      "secret": false,
      "required": false,
      "choices": [
        "api.paddle.com",
        "sandbox-api.paddle.com"
      ],
      "default": "api.paddle.com"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "apiHeaders": {
    "Paddle-Version": "1"
  },
  "check": {
    "url": "https://{api_host}/event-types"
  }
})

/** Paddle: Products, subscriptions and transactions. Each tenant brings its own key. */
export const paddle = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: paddleDefinition
})

/**
 * PayPal, by an API key of each tenant's.
 * See https://developer.paypal.com/api/rest/authentication/
 */
export const paypalDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "paypal",
  "displayName": "PayPal",
  "category": "payments",
  "description": "Orders, payments, invoices and transactions.",
  "docsUrl": "https://developer.paypal.com/api/rest/authentication/",
  "brandColor": "#003087",
  "authType": "api_key",
  "fields": [
    {
      "name": "client_id",
      "label": "Client ID",
      "help": "Developer dashboard, Apps and credentials",
      "secret": false
    },
    {
      "name": "client_secret",
      "label": "Secret",
      "help": "Developer dashboard, Apps and credentials"
    },
    {
      "name": "api_host",
      "label": "Environment",
      "help": "Live, or the sandbox",
      "secret": false,
      "required": false,
      "choices": [
        "api-m.paypal.com",
        "api-m.sandbox.paypal.com"
      ],
      "default": "api-m.paypal.com"
    }
  ],
  "clientCredentials": {
    "tokenEndpoint": "https://{api_host}/v1/oauth2/token",
    "clientId": "{client_id}",
    "clientSecret": "{client_secret}",
    "clientAuthentication": "client_secret_basic"
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "check": {
    "url": "https://{api_host}/v1/notifications/webhooks-event-types",
    "rejectedStatus": [
      401
    ]
  }
})

/** PayPal: Orders, payments, invoices and transactions. Each tenant brings its own key. */
export const paypal = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: paypalDefinition
})

/**
 * Recurly, by an API key of each tenant's.
 * See https://recurly.com/developers/api/
 */
export const recurlyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "recurly",
  "displayName": "Recurly",
  "category": "payments",
  "description": "Subscriptions, accounts and invoices.",
  "docsUrl": "https://recurly.com/developers/api/",
  "brandColor": "#40008c",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Private API key",
      "help": "Integrations, API credentials"
    },
    {
      "name": "api_host",
      "label": "API host",
      "help": "Of the region that your site is in",
      "secret": false,
      "required": false,
      "choices": [
        "v3.recurly.com",
        "v3.eu.recurly.com"
      ],
      "default": "v3.recurly.com"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://{api_host}"
  },
  "apiHeaders": {
    "Accept": "application/vnd.recurly.v2021-02-25"
  },
  "check": {
    "url": "https://{api_host}/sites"
  }
})

/** Recurly: Subscriptions, accounts and invoices. Each tenant brings its own key. */
export const recurly = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: recurlyDefinition
})

/** Scopes that Square documents; others are taken as well. */
export type SquareScope =
  | "MERCHANT_PROFILE_READ"
  | "MERCHANT_PROFILE_WRITE"
  | "PAYMENTS_READ"
  | "PAYMENTS_WRITE"
  | "PAYMENTS_WRITE_ADDITIONAL_RECIPIENTS"
  | "PAYMENTS_WRITE_IN_PERSON"
  | "ORDERS_READ"
  | "ORDERS_WRITE"
  | "CUSTOMERS_READ"
  | "CUSTOMERS_WRITE"
  | "ITEMS_READ"
  | "ITEMS_WRITE"
  | "INVENTORY_READ"
  | "INVENTORY_WRITE"
  | "INVOICES_READ"
  | "INVOICES_WRITE"
  | "EMPLOYEES_READ"
  | "EMPLOYEES_WRITE"
  | "TIMECARDS_READ"
  | "TIMECARDS_WRITE"
  | "APPOINTMENTS_READ"
  | "APPOINTMENTS_WRITE"
  | "BANK_ACCOUNTS_READ"
  | "CASH_DRAWER_READ"
  | "DISPUTES_READ"
  | "DISPUTES_WRITE"
  | "GIFTCARDS_READ"
  | "GIFTCARDS_WRITE"
  | "LOYALTY_READ"
  | "LOYALTY_WRITE"
  | "PAYOUTS_READ"
  | "SETTLEMENTS_READ"
  | "SUBSCRIPTIONS_READ"
  | "SUBSCRIPTIONS_WRITE"
  | "VENDOR_READ"
  | "VENDOR_WRITE"

/**
 * Square, by an app of the host's.
 * See https://developer.squareup.com/docs/oauth-api/overview
 */
export const squareDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "square",
  "displayName": "Square",
  "category": "payments",
  "description": "Payments, orders, customers and items of a seller.",
  "docsUrl": "https://developer.squareup.com/docs/oauth-api/overview",
  "brandColor": "#006aff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://connect.squareup.com/oauth2/authorize",
  "tokenEndpoint": "https://connect.squareup.com/oauth2/token",
  "clientAuthentication": "client_secret_post",
  "authorizationParameters": {
    "session": "false"
  },
  "tokenRequest": {
    "encoding": "json"
  },
  "refreshRequest": {
    "encoding": "json"
  },
  "tokenResponse": {
    "members": {
      "expires_in": [
        "expires_at"
      ]
    },
    "lifetimeIn": "iso_date",
    "error": [
      [
        "errors",
        "0",
        "code"
      ],
      [
        "type"
      ]
    ],
    "errorDescription": [
      "message"
    ]
  },
  "refreshMargin": 1987200,
  "terminalErrors": [
    "UNAUTHORIZED",
    {
      "error": "service.not_authorized",
      "description": "Invalid refresh token"
    }
  ],
  "defaultScopes": [
    "MERCHANT_PROFILE_READ"
  ],
  "account": {
    "from": "request",
    "url": "https://connect.squareup.com/v2/merchants/me",
    "id": [
      "merchant",
      "id"
    ],
    "label": [
      "merchant",
      "business_name"
    ]
  },
  "check": {
    "url": "https://connect.squareup.com/v2/merchants/me"
  },
  "revocation": {
    "endpoint": "https://connect.squareup.com/oauth2/revoke",
    "ends": "token",
    "encoding": "json",
    "clientAuthentication": "secret_client",
    "tokenParameter": "access_token",
    "sendsHint": false,
    "parameters": {
      "revoke_only_access_token": true
    },
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://connect.squareup.com"
  }
})

/** Square: Payments, orders, customers and items of a seller. Register your app's redirect URI at Square, and give its client here. */
export const square = (client: OAuthClient<SquareScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: squareDefinition
})

/** Scopes that Stripe documents; others are taken as well. */
export type StripeScope =
  | "read_write"
  | "read_only"

/**
 * Stripe, by an app of the host's.
 * See https://docs.stripe.com/connect/oauth-reference
 */
export const stripeDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "stripe",
  "displayName": "Stripe",
  "category": "payments",
  "description": "Payments, customers and payouts of a Stripe account, through a Connect platform.",
  "docsUrl": "https://docs.stripe.com/connect/oauth-reference",
  "brandColor": "#635bff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://connect.stripe.com/oauth/authorize",
  "tokenEndpoint": "https://connect.stripe.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "read_write"
  ],
  "captures": {
    "account_id": {
      "from": "token_response",
      "path": [
        "stripe_user_id"
      ],
      "pattern": "acct_[A-Za-z0-9]{1,60}"
    }
  },
  "account": {
    "from": "token_response",
    "id": [
      "stripe_user_id"
    ]
  },
  "check": {
    "url": "https://api.stripe.com/v1/account"
  },
  "revocation": {
    "endpoint": "https://connect.stripe.com/oauth/deauthorize",
    "ends": "grant",
    "clientAuthentication": "secret_basic",
    "tokenParameter": "none",
    "parameters": {
      "client_id": "{client_id}",
      "stripe_user_id": "{account_id}"
    }
  },
  "api": {
    "baseUrl": "https://api.stripe.com",
    "hosts": [
      "files.stripe.com"
    ]
  }
})

/** Stripe: Payments, customers and payouts of a Stripe account, through a Connect platform. Register your app's redirect URI at Stripe, and give its client here. */
export const stripe = (client: OAuthClient<StripeScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: stripeDefinition
})

/**
 * Stripe (API key), by an API key of each tenant's.
 * See https://docs.stripe.com/keys
 */
export const stripeApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "stripe-api-key",
  "displayName": "Stripe (API key)",
  "category": "payments",
  "description": "Payments, customers and payouts of a Stripe account, by an API key.",
  "docsUrl": "https://docs.stripe.com/keys",
  "brandColor": "#635bff",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "Restricted or secret key",
      "help": "Developers, API keys; it begins with rk_live_ or sk_live_"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.stripe.com",
    "hosts": [
      "files.stripe.com"
    ]
  },
  "check": {
    "url": "https://api.stripe.com/v1/account",
    "rejectedStatus": [
      401
    ]
  }
})

/** Stripe (API key): Payments, customers and payouts of a Stripe account, by an API key. Each tenant brings its own key. */
export const stripeApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: stripeApiKeyDefinition
})

/** Scopes that Stripe Apps documents; others are taken as well. */
export type StripeAppsScope = string

/**
 * Stripe Apps, by an app of the host's.
 * See https://docs.stripe.com/stripe-apps/api-authentication/oauth
 */
export const stripeAppsDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "stripe-apps",
  "displayName": "Stripe Apps",
  "category": "payments",
  "description": "Payments, customers and payouts of an account that has installed your Stripe App.",
  "docsUrl": "https://docs.stripe.com/stripe-apps/api-authentication/oauth",
  "brandColor": "#635bff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://marketplace.stripe.com/oauth/v2/authorize",
  "tokenEndpoint": "https://api.stripe.com/v1/oauth/token",
  "clientAuthentication": "secret_basic",
  "tokenRequest": {
    "omits": [
      "redirect_uri"
    ]
  },
  "pkce": {
    "off": "Stripe's API refuses parameters that it does not know, and its pages know no code_verifier."
  },
  "defaultScopes": [],
  "defaultTokenLifetime": 3600,
  "account": {
    "from": "token_response",
    "id": [
      "stripe_user_id"
    ]
  },
  "check": {
    "url": "https://api.stripe.com/v1/account"
  },
  "api": {
    "baseUrl": "https://api.stripe.com",
    "hosts": [
      "files.stripe.com"
    ]
  }
})

/** Stripe Apps: Payments, customers and payouts of an account that has installed your Stripe App. Register your app's redirect URI at Stripe Apps, and give its client here. */
export const stripeApps = (client: OAuthClient<StripeAppsScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: stripeAppsDefinition
})
