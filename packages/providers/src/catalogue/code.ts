// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig, GithubAppProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Azure DevOps, by an API key of each tenant's.
 * See https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate
 */
export const azureDevopsDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "azure-devops",
  "displayName": "Azure DevOps",
  "category": "code",
  "description": "Repositories, pipelines and work items of an organization.",
  "docsUrl": "https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate",
  "brandColor": "#0078d7",
  "authType": "api_key",
  "fields": [
    {
      "name": "access_key",
      "label": "Personal access token",
      "help": "User settings, Personal access tokens: one that may read Project and Team"
    },
    {
      "name": "organization",
      "label": "Organization",
      "secret": false,
      "pattern": "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,48}[A-Za-z0-9])?",
      "help": "acme, where your organization is at dev.azure.com/acme"
    }
  ],
  "basic": {
    "username": "",
    "password": "{access_key}"
  },
  "check": {
    "url": "https://dev.azure.com/{organization}/_apis/projects?api-version=7.1",
    "rejectedStatus": [
      203,
      401
    ]
  },
  "api": {
    "baseUrl": "https://dev.azure.com/{organization}",
    "hosts": [
      "vssps.dev.azure.com",
      "vsrm.dev.azure.com",
      "feeds.dev.azure.com"
    ]
  }
})

/** Azure DevOps: Repositories, pipelines and work items of an organization. Each tenant brings its own key. */
export const azureDevops = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: azureDevopsDefinition
})

/** Scopes that Bitbucket documents; others are taken as well. */
export type BitbucketScope =
  | "account"
  | "account:write"
  | "email"
  | "team"
  | "team:write"
  | "project"
  | "project:write"
  | "project:admin"
  | "repository"
  | "repository:write"
  | "repository:admin"
  | "repository:delete"
  | "pullrequest"
  | "pullrequest:write"
  | "issue"
  | "issue:write"
  | "wiki"
  | "webhook"
  | "snippet"
  | "snippet:write"
  | "pipeline"
  | "pipeline:write"
  | "pipeline:variable"
  | "runner"
  | "runner:write"

/**
 * Bitbucket, by an app of the host's.
 * See https://developer.atlassian.com/cloud/bitbucket/oauth-2/
 */
export const bitbucketDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "bitbucket",
  "displayName": "Bitbucket",
  "category": "code",
  "description": "Repositories and pull requests on Bitbucket Cloud.",
  "docsUrl": "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
  "brandColor": "#0052cc",
  "authType": "oauth2",
  "authorizationEndpoint": "https://bitbucket.org/site/oauth2/authorize",
  "tokenEndpoint": "https://bitbucket.org/site/oauth2/access_token",
  "clientAuthentication": "client_secret_basic",
  "terminalErrors": [
    {
      "error": "unauthorized_client",
      "description": "refresh_token is invalid"
    },
    {
      "error": "invalid_request",
      "description": "Invalid refresh_token"
    }
  ],
  "tokenResponse": {
    "members": {
      "scope": [
        "scopes"
      ]
    }
  },
  "leavesOutScopes": true,
  "defaultScopes": [],
  "account": {
    "from": "request",
    "url": "https://api.bitbucket.org/2.0/user",
    "id": [
      "account_id"
    ],
    "label": [
      "display_name"
    ]
  },
  "check": {
    "url": "https://api.bitbucket.org/2.0/user"
  },
  "api": {
    "baseUrl": "https://api.bitbucket.org/2.0"
  }
})

/** Bitbucket: Repositories and pull requests on Bitbucket Cloud. Register your app's redirect URI at Bitbucket, and give its client here. */
export const bitbucket = (client: OAuthClient<BitbucketScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: bitbucketDefinition
})

/**
 * Buildkite, by an API key of each tenant's.
 * See https://buildkite.com/docs/apis
 */
export const buildkiteDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "buildkite",
  "displayName": "Buildkite",
  "category": "code",
  "description": "Pipelines, builds and agents of an organization.",
  "docsUrl": "https://buildkite.com/docs/apis",
  "brandColor": "#14cc80",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API access token",
      "help": "Personal Settings, API Access Tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://api.buildkite.com/v2/access-token"
  },
  "api": {
    "baseUrl": "https://api.buildkite.com",
    "hosts": [
      "graphql.buildkite.com"
    ]
  }
})

/** Buildkite: Pipelines, builds and agents of an organization. Each tenant brings its own key. */
export const buildkite = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: buildkiteDefinition
})

/**
 * CircleCI, by an API key of each tenant's.
 * See https://circleci.com/docs/guides/toolkit/api-developers-guide
 */
export const circleciDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "circleci",
  "displayName": "CircleCI",
  "category": "code",
  "description": "Pipelines, workflows and jobs.",
  "docsUrl": "https://circleci.com/docs/guides/toolkit/api-developers-guide",
  "brandColor": "#343434",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Personal API token",
      "help": "User Settings, Personal API Tokens; project tokens do not work"
    }
  ],
  "headers": {
    "Circle-Token": "{api_token}"
  },
  "check": {
    "url": "https://circleci.com/api/v2/me"
  },
  "api": {
    "baseUrl": "https://circleci.com/api/v2"
  }
})

/** CircleCI: Pipelines, workflows and jobs. Each tenant brings its own key. */
export const circleci = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: circleciDefinition
})

/**
 * Codecov, by an API key of each tenant's.
 * See https://docs.codecov.com/reference/overview
 */
export const codecovDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "codecov",
  "displayName": "Codecov",
  "category": "code",
  "description": "Coverage of repositories, commits and pull requests.",
  "docsUrl": "https://docs.codecov.com/reference/overview",
  "brandColor": "#f01f7a",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Access token",
      "help": "Your avatar, Settings, Access"
    },
    {
      "name": "service",
      "label": "Git service",
      "secret": false,
      "required": false,
      "choices": [
        "github",
        "gitlab",
        "bitbucket"
      ],
      "default": "github",
      "help": "Where your repositories are"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://api.codecov.io/api/v2/{service}/"
  },
  "api": {
    "baseUrl": "https://api.codecov.io/api/v2/{service}"
  }
})

/** Codecov: Coverage of repositories, commits and pull requests. Each tenant brings its own key. */
export const codecov = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: codecovDefinition
})

/** Scopes that GitHub documents; others are taken as well. */
export type GithubScope =
  | "repo"
  | "repo:status"
  | "repo_deployment"
  | "public_repo"
  | "repo:invite"
  | "security_events"
  | "admin:repo_hook"
  | "write:repo_hook"
  | "read:repo_hook"
  | "admin:org"
  | "write:org"
  | "read:org"
  | "admin:public_key"
  | "write:public_key"
  | "read:public_key"
  | "admin:org_hook"
  | "gist"
  | "notifications"
  | "user"
  | "read:user"
  | "user:email"
  | "user:follow"
  | "project"
  | "read:project"
  | "delete_repo"
  | "write:packages"
  | "read:packages"
  | "delete:packages"
  | "admin:gpg_key"
  | "write:gpg_key"
  | "read:gpg_key"
  | "codespace"
  | "workflow"
  | "read:audit_log"

/**
 * GitHub, by an app of the host's.
 * See https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export const githubDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "github",
  "displayName": "GitHub",
  "category": "code",
  "description": "Repositories, issues and pull requests.",
  "docsUrl": "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
  "brandColor": "#24292f",
  "authType": "oauth2",
  "issuer": "https://github.com/login/oauth",
  "authorizationEndpoint": "https://github.com/login/oauth/authorize",
  "tokenEndpoint": "https://github.com/login/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "terminalErrors": [
    "bad_refresh_token"
  ],
  "grantedScopeSeparator": ",",
  "defaultScopes": [
    "read:user"
  ],
  "account": {
    "from": "request",
    "url": "https://api.github.com/user",
    "id": [
      "id"
    ],
    "label": [
      "login"
    ]
  },
  "check": {
    "url": "https://api.github.com/user"
  },
  "revocation": {
    "endpoint": "https://api.github.com/applications/{client_id}/token",
    "ends": "token",
    "method": "DELETE",
    "encoding": "json",
    "clientAuthentication": "client_secret_basic",
    "tokenParameter": "access_token",
    "sendsHint": false,
    "tokens": "access_token"
  },
  "api": {
    "baseUrl": "https://api.github.com",
    "hosts": [
      "uploads.github.com"
    ]
  },
  "apiHeaders": {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28"
  }
})

/** GitHub: Repositories, issues and pull requests. Register your app's redirect URI at GitHub, and give its client here. */
export const github = (client: OAuthClient<GithubScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: githubDefinition
})

/**
 * GitHub (access token), by an API key of each tenant's.
 * See https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens
 */
export const githubApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "github-api-key",
  "displayName": "GitHub (access token)",
  "category": "code",
  "description": "Repositories, issues and pull requests, by a fine-grained token.",
  "docsUrl": "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens",
  "brandColor": "#24292f",
  "authType": "api_key",
  "fields": [
    {
      "name": "token",
      "label": "Personal access token",
      "help": "Settings, Developer settings, Fine-grained tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {token}"
  },
  "api": {
    "baseUrl": "https://api.github.com",
    "hosts": [
      "uploads.github.com"
    ]
  },
  "apiHeaders": {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28"
  },
  "check": {
    "url": "https://api.github.com/user",
    "rejectedStatus": [
      401
    ]
  }
})

/** GitHub (access token): Repositories, issues and pull requests, by a fine-grained token. Each tenant brings its own key. */
export const githubApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: githubApiKeyDefinition
})

/** Scopes that GitHub (App) documents; others are taken as well. */
export type GithubAppScope = string

/**
 * GitHub (App), by an app of the host's.
 * See https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
 */
export const githubAppDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "github-app",
  "displayName": "GitHub (App)",
  "category": "code",
  "description": "Repositories that an app was installed on, as the app.",
  "docsUrl": "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app",
  "brandColor": "#24292f",
  "authType": "oauth2",
  "settings": [
    {
      "name": "app_slug",
      "label": "App name in URLs",
      "help": "The last part of the app's public page, github.com/apps/…",
      "pattern": "[a-z0-9](?:[a-z0-9\\-]{0,98}[a-z0-9])?"
    }
  ],
  "issuer": "https://github.com/login/oauth",
  "authorizationEndpoint": "https://github.com/apps/{app_slug}/installations/new",
  "tokenEndpoint": "https://github.com/login/oauth/access_token",
  "clientAuthentication": "client_secret_post",
  "pkce": {
    "off": "GitHub begins the authorization itself after the installation, and takes no code_challenge along."
  },
  "defaultScopes": [],
  "authKind": "github_app",
  "authorizationOmits": [
    "scope"
  ],
  "installation": {
    "parameter": "installation_id",
    "action": {
      "parameter": "setup_action",
      "requested": "request",
      "updated": "update"
    }
  },
  "captures": {
    "installation_id": {
      "from": "callback",
      "parameter": "installation_id"
    }
  },
  "account": {
    "from": "capture",
    "name": "installation_id"
  },
  "check": {
    "url": "https://api.github.com/installation/repositories",
    "rejectedStatus": [
      401
    ]
  },
  "revocation": {
    "endpoint": "https://api.github.com/installation/token",
    "ends": "token",
    "method": "DELETE",
    "authentication": "token",
    "tokenParameter": "none"
  },
  "api": {
    "baseUrl": "https://api.github.com",
    "hosts": [
      "uploads.github.com"
    ]
  },
  "apiHeaders": {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28"
  }
})

/** GitHub (App): Repositories that an app was installed on, as the app. Register your app's redirect URI at GitHub (App), and give its client here. */
export const githubApp = (client: OAuthClient<GithubAppScope, GithubAppProviderConfig>): GithubAppProviderConfig => ({
  ...client,
  definition: githubAppDefinition
})

/** Scopes that GitLab documents; others are taken as well. */
export type GitlabScope =
  | "api"
  | "read_api"
  | "read_user"
  | "create_runner"
  | "manage_runner"
  | "k8s_proxy"
  | "self_rotate"
  | "read_repository"
  | "write_repository"
  | "read_registry"
  | "write_registry"
  | "read_virtual_registry"
  | "write_virtual_registry"
  | "read_observability"
  | "write_observability"
  | "ai_features"
  | "sudo"
  | "admin_mode"
  | "read_service_ping"
  | "openid"
  | "profile"
  | "email"

/**
 * GitLab, by an app of the host's.
 * See https://docs.gitlab.com/api/oauth2/
 */
export const gitlabDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "gitlab",
  "displayName": "GitLab",
  "category": "code",
  "description": "Projects, issues and merge requests on GitLab.com.",
  "docsUrl": "https://docs.gitlab.com/api/oauth2/",
  "brandColor": "#fc6d26",
  "authType": "oauth2",
  "issuer": "https://gitlab.com",
  "authorizationEndpoint": "https://gitlab.com/oauth/authorize",
  "tokenEndpoint": "https://gitlab.com/oauth/token",
  "clientAuthentication": "client_secret_post",
  "defaultScopes": [
    "read_user"
  ],
  "defaultTokenLifetime": 7200,
  "account": {
    "from": "request",
    "url": "https://gitlab.com/api/v4/user",
    "id": [
      "id"
    ],
    "label": [
      "username"
    ]
  },
  "check": {
    "url": "https://gitlab.com/oauth/token/info"
  },
  "revocation": {
    "endpoint": "https://gitlab.com/oauth/revoke",
    "ends": "token"
  },
  "api": {
    "baseUrl": "https://gitlab.com/api/v4"
  }
})

/** GitLab: Projects, issues and merge requests on GitLab.com. Register your app's redirect URI at GitLab, and give its client here. */
export const gitlab = (client: OAuthClient<GitlabScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: gitlabDefinition
})

/**
 * GitLab (access token), by an API key of each tenant's.
 * See https://docs.gitlab.com/api/rest/authentication/
 */
export const gitlabApiKeyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "gitlab-api-key",
  "displayName": "GitLab (access token)",
  "category": "code",
  "description": "Projects, issues and merge requests on GitLab.com, by an access token.",
  "docsUrl": "https://docs.gitlab.com/api/rest/authentication/",
  "brandColor": "#fc6d26",
  "authType": "api_key",
  "fields": [
    {
      "name": "token",
      "label": "Access token",
      "help": "Preferences, Access tokens, with the scope read_api or read_user"
    }
  ],
  "headers": {
    "PRIVATE-TOKEN": "{token}"
  },
  "api": {
    "baseUrl": "https://gitlab.com/api/v4"
  },
  "check": {
    "url": "https://gitlab.com/api/v4/user",
    "rejectedStatus": [
      401
    ]
  }
})

/** GitLab (access token): Projects, issues and merge requests on GitLab.com, by an access token. Each tenant brings its own key. */
export const gitlabApiKey = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: gitlabApiKeyDefinition
})

/**
 * LaunchDarkly, by an API key of each tenant's.
 * See https://launchdarkly.com/docs/api
 */
export const launchdarklyDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "launchdarkly",
  "displayName": "LaunchDarkly",
  "category": "code",
  "description": "Feature flags, segments and environments.",
  "docsUrl": "https://launchdarkly.com/docs/api",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Access token",
      "help": "Account settings, Authorization; SDK keys do not work"
    },
    {
      "name": "region",
      "label": "Instance",
      "secret": false,
      "required": false,
      "choices": [
        "app.launchdarkly.com",
        "app.launchdarkly.us",
        "app.eu.launchdarkly.com"
      ],
      "default": "app.launchdarkly.com",
      "help": "The host at which you sign in"
    }
  ],
  "headers": {
    "Authorization": "{api_token}"
  },
  "check": {
    "url": "https://{region}/api/v2/caller-identity"
  },
  "api": {
    "baseUrl": "https://{region}"
  }
})

/** LaunchDarkly: Feature flags, segments and environments. Each tenant brings its own key. */
export const launchdarkly = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: launchdarklyDefinition
})

/**
 * SonarQube Cloud, by an API key of each tenant's.
 * See https://docs.sonarsource.com/sonarqube-cloud/appendices/web-api/
 */
export const sonarcloudDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "sonarcloud",
  "displayName": "SonarQube Cloud",
  "category": "code",
  "description": "Projects, issues and quality gates of an organization.",
  "docsUrl": "https://docs.sonarsource.com/sonarqube-cloud/appendices/web-api/",
  "brandColor": "#f3702a",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "Personal access token",
      "help": "My Account, Security"
    },
    {
      "name": "region",
      "label": "Instance",
      "secret": false,
      "required": false,
      "choices": [
        "sonarcloud.io",
        "sonarqube.us"
      ],
      "default": "sonarcloud.io",
      "help": "The host at which you sign in"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://{region}/api/authentication/validate",
    "acceptedBody": {
      "path": [
        "valid"
      ],
      "equals": true
    }
  },
  "api": {
    "baseUrl": "https://{region}/api"
  }
})

/** SonarQube Cloud: Projects, issues and quality gates of an organization. Each tenant brings its own key. */
export const sonarcloud = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: sonarcloudDefinition
})
