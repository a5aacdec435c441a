// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Cloudflare, by an API key of each tenant's.
 * See https://developers.cloudflare.com/fundamentals/api/get-started/create-token/
 */
export const cloudflareDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "cloudflare",
  "displayName": "Cloudflare",
  "category": "cloud",
  "description": "Zones, DNS records and Workers, by an API token of a user.",
  "docsUrl": "https://developers.cloudflare.com/fundamentals/api/get-started/create-token/",
  "brandColor": "#f38020",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "pattern": "[A-Za-z0-9_\\-]{20,}",
      "help": "My Profile, API Tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://api.cloudflare.com/client/v4"
  },
  "check": {
    "url": "https://api.cloudflare.com/client/v4/user/tokens/verify",
    "acceptedBody": {
      "path": [
        "result",
        "status"
      ],
      "equals": "active"
    }
  }
})

/** Cloudflare: Zones, DNS records and Workers, by an API token of a user. Each tenant brings its own key. */
export const cloudflare = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: cloudflareDefinition
})

/**
 * Cloudflare (account token), by an API key of each tenant's.
 * See https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/
 */
export const cloudflareAccountDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "cloudflare-account",
  "displayName": "Cloudflare (account token)",
  "category": "cloud",
  "description": "Zones, DNS records and Workers, by an API token that the account owns.",
  "docsUrl": "https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/",
  "brandColor": "#f38020",
  "authType": "api_key",
  "fields": [
    {
      "name": "account_id",
      "label": "Account ID",
      "secret": false,
      "pattern": "[0-9a-f]{32}",
      "help": "Account Home, the account's menu, Copy account ID"
    },
    {
      "name": "api_token",
      "label": "API token",
      "pattern": "[A-Za-z0-9_\\-]{20,}",
      "help": "Manage Account, Account API Tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://api.cloudflare.com/client/v4"
  },
  "check": {
    "url": "https://api.cloudflare.com/client/v4/accounts/{account_id}/tokens/verify",
    "acceptedBody": {
      "path": [
        "result",
        "status"
      ],
      "equals": "active"
    }
  }
})

/** Cloudflare (account token): Zones, DNS records and Workers, by an API token that the account owns. Each tenant brings its own key. */
export const cloudflareAccount = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: cloudflareAccountDefinition
})

/** Scopes that DigitalOcean documents; others are taken as well. */
export type DigitaloceanScope =
  | "read"
  | "write"

/**
 * DigitalOcean, by an app of the host's.
 * See https://docs.digitalocean.com/reference/api/oauth/
 */
export const digitaloceanDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "digitalocean",
  "displayName": "DigitalOcean",
  "category": "cloud",
  "description": "Droplets, databases, clusters and domains of a team.",
  "docsUrl": "https://docs.digitalocean.com/reference/api/oauth/",
  "brandColor": "#0080ff",
  "authType": "oauth2",
  "authorizationEndpoint": "https://cloud.digitalocean.com/v1/oauth/authorize",
  "tokenEndpoint": "https://cloud.digitalocean.com/v1/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "read"
  ],
  "account": {
    "from": "token_response",
    "id": [
      "info",
      "uuid"
    ],
    "label": [
      "info",
      "email"
    ]
  },
  "check": {
    "url": "https://api.digitalocean.com/v2/account"
  },
  "revocation": {
    "endpoint": "https://cloud.digitalocean.com/v1/oauth/revoke",
    "ends": "token",
    "authentication": "token",
    "sendsHint": false,
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.digitalocean.com"
  }
})

/** DigitalOcean: Droplets, databases, clusters and domains of a team. Register your app's redirect URI at DigitalOcean, and give its client here. */
export const digitalocean = (client: OAuthClient<DigitaloceanScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: digitaloceanDefinition
})

/**
 * Fly.io, by an API key of each tenant's.
 * See https://fly.io/docs/machines/api/working-with-machines-api/
 */
export const flyIoDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "fly-io",
  "displayName": "Fly.io",
  "category": "cloud",
  "description": "Apps, Machines and volumes.",
  "docsUrl": "https://fly.io/docs/machines/api/working-with-machines-api/",
  "brandColor": "#24175b",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "fly tokens create org, the whole output"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://api.machines.dev/v1/tokens/current"
  },
  "api": {
    "baseUrl": "https://api.machines.dev/v1",
    "hosts": [
      "api.fly.io"
    ]
  }
})

/** Fly.io: Apps, Machines and volumes. Each tenant brings its own key. */
export const flyIo = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: flyIoDefinition
})

/** Scopes that Heroku documents; others are taken as well. */
export type HerokuScope =
  | "global"
  | "identity"
  | "read"
  | "write"
  | "read-protected"
  | "write-protected"

/**
 * Heroku, by an app of the host's.
 * See https://devcenter.heroku.com/articles/oauth
 */
export const herokuDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "heroku",
  "displayName": "Heroku",
  "category": "cloud",
  "description": "Apps, dynos, add-ons and releases.",
  "docsUrl": "https://devcenter.heroku.com/articles/oauth",
  "brandColor": "#430098",
  "authType": "oauth2",
  "authorizationEndpoint": "https://id.heroku.com/oauth/authorize",
  "tokenEndpoint": "https://id.heroku.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "identity"
  ],
  "account": {
    "from": "request",
    "url": "https://api.heroku.com/account",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.heroku.com/account"
  },
  "api": {
    "baseUrl": "https://api.heroku.com"
  },
  "apiHeaders": {
    "Accept": "application/vnd.heroku+json; version=3"
  }
})

/** Heroku: Apps, dynos, add-ons and releases. Register your app's redirect URI at Heroku, and give its client here. */
export const heroku = (client: OAuthClient<HerokuScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: herokuDefinition
})

/**
 * Hetzner Cloud, by an API key of each tenant's.
 * See https://docs.hetzner.cloud/
 */
export const hetznerDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "hetzner",
  "displayName": "Hetzner Cloud",
  "category": "cloud",
  "description": "Servers, volumes, networks and load balancers of a project.",
  "docsUrl": "https://docs.hetzner.cloud/",
  "brandColor": "#d50c2d",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Project, Security, API tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://api.hetzner.cloud/v1/locations"
  },
  "api": {
    "baseUrl": "https://api.hetzner.cloud/v1"
  }
})

/** Hetzner Cloud: Servers, volumes, networks and load balancers of a project. Each tenant brings its own key. */
export const hetzner = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: hetznerDefinition
})

/** Scopes that Linode documents; others are taken as well. */
export type LinodeScope =
  | "account:read_only"
  | "account:read_write"
  | "databases:read_only"
  | "databases:read_write"
  | "domains:read_only"
  | "domains:read_write"
  | "events:read_only"
  | "events:read_write"
  | "firewall:read_only"
  | "firewall:read_write"
  | "images:read_only"
  | "images:read_write"
  | "ips:read_only"
  | "ips:read_write"
  | "linodes:read_only"
  | "linodes:read_write"
  | "lke:read_only"
  | "lke:read_write"
  | "longview:read_only"
  | "longview:read_write"
  | "nodebalancers:read_only"
  | "nodebalancers:read_write"
  | "object_storage:read_only"
  | "object_storage:read_write"
  | "stackscripts:read_only"
  | "stackscripts:read_write"
  | "volumes:read_only"
  | "volumes:read_write"
  | "vpc:read_write"

/**
 * Linode, by an app of the host's.
 * See https://techdocs.akamai.com/linode-api/reference/get-started
 */
export const linodeDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "linode",
  "displayName": "Linode",
  "category": "cloud",
  "description": "Linodes, volumes, NodeBalancers and domains.",
  "docsUrl": "https://techdocs.akamai.com/linode-api/reference/get-started",
  "brandColor": "#00a95c",
  "authType": "oauth2",
  "authorizationEndpoint": "https://login.linode.com/oauth/authorize",
  "tokenEndpoint": "https://login.linode.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "account:read_only"
  ],
  "account": {
    "from": "request",
    "url": "https://api.linode.com/v4/profile",
    "id": [
      "uid"
    ],
    "label": [
      "username"
    ]
  },
  "check": {
    "url": "https://api.linode.com/v4/profile"
  },
  "revocation": {
    "endpoint": "https://login.linode.com/oauth/token/expire",
    "ends": "token",
    "sendsHint": false,
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.linode.com/v4"
  }
})

/** Linode: Linodes, volumes, NodeBalancers and domains. Register your app's redirect URI at Linode, and give its client here. */
export const linode = (client: OAuthClient<LinodeScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: linodeDefinition
})

/** Scopes that Netlify documents; others are taken as well. */
export type NetlifyScope = string

/**
 * Netlify, by an app of the host's.
 * See https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/
 */
export const netlifyDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "netlify",
  "displayName": "Netlify",
  "category": "cloud",
  "description": "Sites, deploys and forms of a user.",
  "docsUrl": "https://docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api/",
  "brandColor": "#00c7b7",
  "authType": "oauth2",
  "authorizationEndpoint": "https://app.netlify.com/authorize",
  "tokenEndpoint": "https://api.netlify.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.netlify.com/api/v1/user",
    "id": [
      "id"
    ],
    "label": [
      "email"
    ]
  },
  "check": {
    "url": "https://api.netlify.com/api/v1/user"
  },
  "api": {
    "baseUrl": "https://api.netlify.com/api/v1"
  }
})

/** Netlify: Sites, deploys and forms of a user. Register your app's redirect URI at Netlify, and give its client here. */
export const netlify = (client: OAuthClient<NetlifyScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: netlifyDefinition
})

/**
 * Railway, by an API key of each tenant's.
 * See https://docs.railway.com/reference/public-api
 */
export const railwayDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "railway",
  "displayName": "Railway",
  "category": "cloud",
  "description": "Projects, services and deployments.",
  "docsUrl": "https://docs.railway.com/reference/public-api",
  "brandColor": "#0b0d0e",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Account token",
      "help": "Account Settings, Tokens, without a workspace"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://backboard.railway.com/graphql/v2",
    "method": "POST",
    "body": "{\"query\":\"query { me { id } }\"}",
    "acceptedBody": {
      "path": [
        "data",
        "me"
      ],
      "exists": true
    },
    "rejectedBody": {
      "path": [
        "errors",
        "0",
        "message"
      ],
      "equals": "Not Authorized"
    }
  },
  "api": {
    "baseUrl": "https://backboard.railway.com"
  }
})

/** Railway: Projects, services and deployments. Each tenant brings its own key. */
export const railway = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: railwayDefinition
})

/**
 * Render, by an API key of each tenant's.
 * See https://render.com/api
 */
export const renderDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "render",
  "displayName": "Render",
  "category": "cloud",
  "description": "Services, deploys and databases.",
  "docsUrl": "https://render.com/api",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Account Settings, API Keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.render.com/v1/services?limit=1",
    "acceptedStatus": [
      200,
      403
    ],
    "rejectedStatus": [
      401
    ]
  },
  "api": {
    "baseUrl": "https://api.render.com/v1"
  }
})

/** Render: Services, deploys and databases. Each tenant brings its own key. */
export const render = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: renderDefinition
})

/**
 * HCP Terraform, by an API key of each tenant's.
 * See https://developer.hashicorp.com/terraform/cloud-docs/api-docs
 */
export const terraformCloudDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "terraform-cloud",
  "displayName": "HCP Terraform",
  "category": "cloud",
  "description": "Workspaces, runs and state of an organization.",
  "docsUrl": "https://developer.hashicorp.com/terraform/cloud-docs/api-docs",
  "brandColor": "#844fba",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "A user, team or organization token"
    },
    {
      "name": "region",
      "label": "Host",
      "secret": false,
      "required": false,
      "choices": [
        "app.terraform.io",
        "app.eu.terraform.io"
      ],
      "default": "app.terraform.io",
      "help": "The host at which you sign in"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://{region}/api/v2/account/details"
  },
  "api": {
    "baseUrl": "https://{region}/api/v2"
  }
})

/** HCP Terraform: Workspaces, runs and state of an organization. Each tenant brings its own key. */
export const terraformCloud = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: terraformCloudDefinition
})

/**
 * Vercel, by an API key of each tenant's.
 * See https://vercel.com/docs/rest-api
 */
export const vercelDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "vercel",
  "displayName": "Vercel",
  "category": "cloud",
  "description": "Projects, deployments and domains, by an access token.",
  "docsUrl": "https://vercel.com/docs/rest-api",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Access token",
      "pattern": "[A-Za-z0-9_\\-]{16,}",
      "help": "Account Settings, Tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "api": {
    "baseUrl": "https://api.vercel.com"
  },
  "check": {
    "url": "https://api.vercel.com/v2/user"
  }
})

/** Vercel: Projects, deployments and domains, by an access token. Each tenant brings its own key. */
export const vercel = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: vercelDefinition
})
