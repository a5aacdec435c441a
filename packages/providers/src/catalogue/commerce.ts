// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * BigCommerce, by an API key of each tenant's.
 * See https://developer.bigcommerce.com/docs/start/authentication/api-accounts
 */
export const bigcommerceDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "bigcommerce",
  "displayName": "BigCommerce",
  "category": "commerce",
  "description": "Products, orders and customers of a store.",
  "docsUrl": "https://developer.bigcommerce.com/docs/start/authentication/api-accounts",
  "brandColor": "#121118",
  "authType": "api_key",
  "fields": [
    {
      "name": "store_hash",
      "label": "Store hash",
      "help": "abc123, where the API path is api.bigcommerce.com/stores/abc123",
      "secret": false,
      "pattern": "[a-z0-9]{1,32}"
    },
    {
      "name": "api_token",
      "label": "Access token",
      "help": "Settings, Store-level API accounts"
    }
  ],
  "headers": {
    "X-Auth-Token": "{api_token}"
  },
  "api": {
    "baseUrl": "https://api.bigcommerce.com/stores/{store_hash}"
  },
  "check": {
    "url": "https://api.bigcommerce.com/stores/{store_hash}/v2/store",
    "rejectedStatus": [
      401
    ]
  }
})

/** BigCommerce: Products, orders and customers of a store. Each tenant brings its own key. */
export const bigcommerce = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: bigcommerceDefinition
})

/**
 * EasyPost, by an API key of each tenant's.
 * See https://docs.easypost.com/docs/authentication
 */
export const easypostDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "easypost",
  "displayName": "EasyPost",
  "category": "commerce",
  "description": "Shipments, trackers and addresses.",
  "docsUrl": "https://docs.easypost.com/docs/authentication",
  "brandColor": "#0b3d91",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Account settings, API keys"
    }
  ],
  "basic": {
    "username": "{api_key}",
    "password": ""
  },
  "api": {
    "baseUrl": "https://api.easypost.com"
  },
  "check": {
    "url": "https://api.easypost.com/v2/addresses"
  }
})

/** EasyPost: Shipments, trackers and addresses. Each tenant brings its own key. */
export const easypost = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: easypostDefinition
})

/** Scopes that Etsy documents; others are taken as well. */
export type EtsyScope =
  | "address_r"
  | "address_w"
  | "billing_r"
  | "cart_r"
  | "cart_w"
  | "email_r"
  | "favorites_r"
  | "favorites_w"
  | "feedback_r"
  | "listings_d"
  | "listings_r"
  | "listings_w"
  | "profile_r"
  | "profile_w"
  | "recommend_r"
  | "recommend_w"
  | "shops_r"
  | "shops_w"
  | "transactions_r"
  | "transactions_w"

/**
 * Etsy, by an app of the host's.
 * See https://developers.etsy.com/documentation/essentials/authentication/
 */
export const etsyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "etsy",
  "displayName": "Etsy",
  "category": "commerce",
  "description": "Listings, orders and shops.",
  "docsUrl": "https://developers.etsy.com/documentation/essentials/authentication/",
  "brandColor": "#f1641e",
  "authType": "oauth2",
  "authorizationEndpoint": "https://www.etsy.com/oauth/connect",
  "tokenEndpoint": "https://api.etsy.com/v3/public/oauth/token",
  "clientAuthentication": "none",
  "defaultScopes": [
    "shops_r"
  ]
})

/** Etsy: Listings, orders and shops. Register your app's redirect URI at Etsy, and give its client here. */
export const etsy = (client: OAuthClient<EtsyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: etsyDefinition
})

/**
 * Shippo, by an API key of each tenant's.
 * See https://docs.goshippo.com/docs/guides_general/authentication/
 */
export const shippoDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "shippo",
  "displayName": "Shippo",
  "category": "commerce",
  "description": "Shipments, rates and labels.",
  "docsUrl": "https://docs.goshippo.com/docs/guides_general/authentication/",
  "brandColor": "#5dc021",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Settings, API"
    }
  ],
  "headers": {
    "Authorization": "ShippoToken {api_token}"
  },
  "api": {
    "baseUrl": "https://api.goshippo.com"
  },
  "check": {
    "url": "https://api.goshippo.com/addresses/"
  }
})

/** Shippo: Shipments, rates and labels. Each tenant brings its own key. */
export const shippo = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: shippoDefinition
})

/** Scopes that Shopify documents; others are taken as well. */
export type ShopifyScope =
  | "read_products"
  | "write_products"
  | "read_orders"
  | "write_orders"
  | "read_all_orders"
  | "read_customers"
  | "write_customers"
  | "read_inventory"
  | "write_inventory"
  | "read_locations"
  | "read_fulfillments"
  | "write_fulfillments"
  | "read_draft_orders"
  | "write_draft_orders"
  | "read_discounts"
  | "write_discounts"
  | "read_price_rules"
  | "write_price_rules"
  | "read_content"
  | "write_content"
  | "read_themes"
  | "write_themes"
  | "read_shipping"
  | "write_shipping"
  | "read_reports"
  | "read_files"
  | "write_files"
  | "read_publications"
  | "write_publications"
  | "read_gift_cards"
  | "write_gift_cards"
  | "read_marketing_events"
  | "write_marketing_events"
  | "read_metaobjects"
  | "write_metaobjects"
  | "read_returns"
  | "write_returns"
  | "read_order_edits"
  | "write_order_edits"
  | "read_translations"
  | "write_translations"

/**
 * Shopify, by an app of the host's.
 * See https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps
 */
export const shopifyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "shopify",
  "displayName": "Shopify",
  "category": "commerce",
  "description": "Products, orders and customers of a store.",
  "docsUrl": "https://shopify.dev/docs/apps/build/authentication-authorization/authenticate-standalone-apps",
  "brandColor": "#7ab55c",
  "notices": [
    {
      "date": "2027-01-01",
      "text": "All public apps must use tokens that expire; this definition asks for them."
    }
  ],
  "authType": "oauth2",
  "fields": [
    {
      "name": "shop",
      "label": "Store",
      "secret": false,
      "format": "subdomain",
      "help": "acme, where your store's admin is at acme.myshopify.com"
    }
  ],
  "authorizationEndpoint": "https://{shop}.myshopify.com/admin/oauth/authorize",
  "tokenEndpoint": "https://{shop}.myshopify.com/admin/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "tokenRequest": {
    "parameters": {
      "expiring": "1"
    }
  },
  "tokenResponse": {
    "ignoresTokenType": true
  },
  "terminalErrors": [
    {
      "error": "invalid_request",
      "description": "requires an active refresh_token"
    }
  ],
  "scopeSeparator": ",",
  "grantedScopeSeparator": ",",
  "defaultScopes": [
    "read_products"
  ],
  "captures": {
    "shop_host": {
      "from": "callback",
      "parameter": "shop",
      "hostBelow": [
        ".myshopify.com"
      ]
    }
  },
  "account": {
    "from": "request",
    "url": "https://{shop}.myshopify.com/admin/api/2026-07/graphql.json",
    "method": "POST",
    "body": "{\"query\":\"{ shop { id name } }\"}",
    "id": [
      "data",
      "shop",
      "id"
    ],
    "label": [
      "data",
      "shop",
      "name"
    ]
  },
  "check": {
    "url": "https://{shop}.myshopify.com/admin/api/2026-07/graphql.json",
    "method": "POST",
    "body": "{\"query\":\"{ shop { id name } }\"}"
  },
  "revocation": {
    "endpoint": "https://{shop}.myshopify.com/admin/api_permissions/current.json",
    "ends": "grant",
    "method": "DELETE",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "installation": {
    "parameter": "shop",
    "fields": {
      "shop": "shop"
    }
  },
  "callbackSignature": {
    "parameter": "hmac",
    "ignores": [
      "signature"
    ]
  },
  "tokenHeader": {
    "name": "X-Shopify-Access-Token",
    "template": "{access_token}"
  },
  "api": {
    "baseUrl": "https://{shop}.myshopify.com"
  }
})

/** Shopify: Products, orders and customers of a store. Register your app's redirect URI at Shopify, and give its client here. */
export const shopify = (client: OAuthClient<ShopifyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: shopifyDefinition
})

/**
 * WooCommerce, by an API key of each tenant's.
 * See https://woocommerce.github.io/woocommerce-rest-api-docs/
 */
export const woocommerceDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "woocommerce",
  "displayName": "WooCommerce",
  "category": "commerce",
  "description": "Products, orders and customers of a store.",
  "docsUrl": "https://woocommerce.github.io/woocommerce-rest-api-docs/",
  "brandColor": "#7f54b3",
  "authType": "api_key",
  "fields": [
    {
      "name": "host",
      "label": "Store host",
      "help": "shop.acme.com",
      "secret": false,
      "format": "host"
    },
    {
      "name": "consumer_key",
      "label": "Consumer key",
      "help": "WooCommerce, Settings, Advanced, REST API"
    },
    {
      "name": "consumer_secret",
      "label": "Consumer secret",
      "help": "WooCommerce, Settings, Advanced, REST API"
    }
  ],
  "basic": {
    "username": "{consumer_key}",
    "password": "{consumer_secret}"
  },
  "api": {
    "baseUrl": "https://{host}/wp-json/wc/v3"
  },
  "check": {
    "url": "https://{host}/wp-json/wc/v3/products",
    "rejectedStatus": [
      401
    ]
  }
})

/** WooCommerce: Products, orders and customers of a store. Each tenant brings its own key. */
export const woocommerce = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: woocommerceDefinition
})
