// Written by `pnpm providers:generate` from the files in packages/providers/catalog.

import type { ApiKeyDefinition, ApiKeyProviderConfig, OAuth2Definition, OAuth2ProviderConfig } from "@hawser/core"
import { type ApiKeyOptions, definitionOf, type OAuthClient } from "../definitionOf.ts"

/**
 * Anthropic, by an API key of each tenant's.
 * See https://docs.anthropic.com/en/api/overview
 */
export const anthropicDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "anthropic",
  "displayName": "Anthropic",
  "category": "ai",
  "description": "Models, messages and files of a workspace.",
  "docsUrl": "https://docs.anthropic.com/en/api/overview",
  "brandColor": "#191919",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Console, API keys"
    }
  ],
  "headers": {
    "x-api-key": "{api_key}"
  },
  "api": {
    "baseUrl": "https://api.anthropic.com"
  },
  "apiHeaders": {
    "anthropic-version": "2023-06-01"
  },
  "check": {
    "url": "https://api.anthropic.com/v1/models",
    "rejectedStatus": [
      401
    ]
  }
})

/** Anthropic: Models, messages and files of a workspace. Each tenant brings its own key. */
export const anthropic = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: anthropicDefinition
})

/**
 * Cohere, by an API key of each tenant's.
 * See https://docs.cohere.com/reference/about
 */
export const cohereDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "cohere",
  "displayName": "Cohere",
  "category": "ai",
  "description": "Chat, embeddings and reranking.",
  "docsUrl": "https://docs.cohere.com/reference/about",
  "brandColor": "#39594d",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Dashboard, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.cohere.com/v1/models?page_size=1"
  },
  "api": {
    "baseUrl": "https://api.cohere.com"
  }
})

/** Cohere: Chat, embeddings and reranking. Each tenant brings its own key. */
export const cohere = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: cohereDefinition
})

/**
 * Deepgram, by an API key of each tenant's.
 * See https://developers.deepgram.com/reference/authentication
 */
export const deepgramDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "deepgram",
  "displayName": "Deepgram",
  "category": "ai",
  "description": "Transcripts, speech and voice agents.",
  "docsUrl": "https://developers.deepgram.com/reference/authentication",
  "brandColor": "#13ef93",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Console, API keys"
    }
  ],
  "headers": {
    "Authorization": "Token {api_key}"
  },
  "check": {
    "url": "https://api.deepgram.com/v1/auth/token"
  },
  "api": {
    "baseUrl": "https://api.deepgram.com/v1"
  }
})

/** Deepgram: Transcripts, speech and voice agents. Each tenant brings its own key. */
export const deepgram = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: deepgramDefinition
})

/**
 * ElevenLabs, by an API key of each tenant's.
 * See https://elevenlabs.io/docs/api-reference/authentication
 */
export const elevenlabsDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "elevenlabs",
  "displayName": "ElevenLabs",
  "category": "ai",
  "description": "Voices, speech and transcripts.",
  "docsUrl": "https://elevenlabs.io/docs/api-reference/authentication",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Settings, API keys"
    }
  ],
  "headers": {
    "xi-api-key": "{api_key}"
  },
  "check": {
    "url": "https://api.elevenlabs.io/v1/user",
    "acceptedStatus": [
      200,
      401
    ],
    "rejectedStatus": [
      400
    ],
    "rejectedBody": {
      "path": [
        "detail",
        "status"
      ],
      "equals": "invalid_api_key"
    }
  },
  "api": {
    "baseUrl": "https://api.elevenlabs.io"
  }
})

/** ElevenLabs: Voices, speech and transcripts. Each tenant brings its own key. */
export const elevenlabs = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: elevenlabsDefinition
})

/**
 * Groq, by an API key of each tenant's.
 * See https://console.groq.com/docs/api-reference
 */
export const groqDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "groq",
  "displayName": "Groq",
  "category": "ai",
  "description": "Models and completions.",
  "docsUrl": "https://console.groq.com/docs/api-reference",
  "brandColor": "#f55036",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Console, API Keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.groq.com/openai/v1/models"
  },
  "api": {
    "baseUrl": "https://api.groq.com/openai/v1"
  }
})

/** Groq: Models and completions. Each tenant brings its own key. */
export const groq = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: groqDefinition
})

/** Scopes that Hugging Face documents; others are taken as well. */
export type HuggingFaceScope =
  | "openid"
  | "profile"
  | "email"
  | "read-billing"
  | "read-repos"
  | "write-repos"
  | "manage-repos"
  | "inference-api"
  | "write-discussions"

/**
 * Hugging Face, by an app of the host's.
 * See https://huggingface.co/docs/hub/oauth
 */
export const huggingFaceDefinition = /* @__PURE__ */ definitionOf<OAuth2Definition>({
  "id": "hugging-face",
  "displayName": "Hugging Face",
  "category": "ai",
  "description": "Models, datasets, Spaces and inference.",
  "docsUrl": "https://huggingface.co/docs/hub/oauth",
  "brandColor": "#ffd21e",
  "authType": "oauth2",
  "issuer": "https://huggingface.co",
  "authorizationEndpoint": "https://huggingface.co/oauth/authorize",
  "tokenEndpoint": "https://huggingface.co/oauth/token",
  "clientAuthentication": "client_secret_basic",
  "openid": true,
  "defaultScopes": [
    "openid",
    "profile"
  ],
  "account": {
    "from": "id_token",
    "id": [
      "sub"
    ],
    "label": [
      "preferred_username"
    ]
  },
  "check": {
    "url": "https://huggingface.co/oauth/userinfo"
  },
  "api": {
    "baseUrl": "https://huggingface.co",
    "hosts": [
      "router.huggingface.co"
    ]
  }
})

/** Hugging Face: Models, datasets, Spaces and inference. Register your app's redirect URI at Hugging Face, and give its client here. */
export const huggingFace = (client: OAuthClient<HuggingFaceScope>): OAuth2ProviderConfig => ({
  ...client,
  definition: huggingFaceDefinition
})

/**
 * Mistral AI, by an API key of each tenant's.
 * See https://docs.mistral.ai/api/
 */
export const mistralDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "mistral",
  "displayName": "Mistral AI",
  "category": "ai",
  "description": "Models and completions.",
  "docsUrl": "https://docs.mistral.ai/api/",
  "brandColor": "#fa520f",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Workspace, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.mistral.ai/v1/models"
  },
  "api": {
    "baseUrl": "https://api.mistral.ai/v1"
  }
})

/** Mistral AI: Models and completions. Each tenant brings its own key. */
export const mistral = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: mistralDefinition
})

/**
 * OpenAI, by an API key of each tenant's.
 * See https://platform.openai.com/docs/api-reference/authentication
 */
export const openaiDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "openai",
  "displayName": "OpenAI",
  "category": "ai",
  "description": "Models, responses and files of a project.",
  "docsUrl": "https://platform.openai.com/docs/api-reference/authentication",
  "brandColor": "#412991",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "platform.openai.com, API keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "api": {
    "baseUrl": "https://api.openai.com/v1"
  },
  "check": {
    "url": "https://api.openai.com/v1/models",
    "rejectedStatus": [
      401
    ]
  }
})

/** OpenAI: Models, responses and files of a project. Each tenant brings its own key. */
export const openai = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: openaiDefinition
})

/**
 * Perplexity, by an API key of each tenant's.
 * See https://docs.perplexity.ai/
 */
export const perplexityDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "perplexity",
  "displayName": "Perplexity",
  "category": "ai",
  "description": "Answers with sources, and search.",
  "docsUrl": "https://docs.perplexity.ai/",
  "brandColor": "#1fb8cd",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "API Portal, API Keys"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_key}"
  },
  "check": {
    "url": "https://api.perplexity.ai/async/chat/completions"
  },
  "api": {
    "baseUrl": "https://api.perplexity.ai"
  }
})

/** Perplexity: Answers with sources, and search. Each tenant brings its own key. */
export const perplexity = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: perplexityDefinition
})

/**
 * Pinecone, by an API key of each tenant's.
 * See https://docs.pinecone.io/reference/api/authentication
 */
export const pineconeDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "pinecone",
  "displayName": "Pinecone",
  "category": "ai",
  "description": "Indexes and collections of a project.",
  "docsUrl": "https://docs.pinecone.io/reference/api/authentication",
  "notices": [
    {
      "date": "2027-04-01",
      "text": "Version 2026-04 is promised for twelve months; after that requests need a newer one."
    }
  ],
  "authType": "api_key",
  "fields": [
    {
      "name": "api_key",
      "label": "API key",
      "help": "Project, API keys"
    }
  ],
  "headers": {
    "Api-Key": "{api_key}"
  },
  "check": {
    "url": "https://api.pinecone.io/indexes"
  },
  "api": {
    "baseUrl": "https://api.pinecone.io"
  },
  "apiHeaders": {
    "X-Pinecone-Api-Version": "2026-04"
  }
})

/** Pinecone: Indexes and collections of a project. Each tenant brings its own key. */
export const pinecone = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: pineconeDefinition
})

/**
 * Replicate, by an API key of each tenant's.
 * See https://replicate.com/docs/reference/http
 */
export const replicateDefinition = /* @__PURE__ */ definitionOf<ApiKeyDefinition>({
  "id": "replicate",
  "displayName": "Replicate",
  "category": "ai",
  "description": "Models, predictions and deployments.",
  "docsUrl": "https://replicate.com/docs/reference/http",
  "brandColor": "#000000",
  "authType": "api_key",
  "fields": [
    {
      "name": "api_token",
      "label": "API token",
      "help": "Account, API tokens"
    }
  ],
  "headers": {
    "Authorization": "Bearer {api_token}"
  },
  "check": {
    "url": "https://api.replicate.com/v1/account"
  },
  "api": {
    "baseUrl": "https://api.replicate.com/v1"
  }
})

/** Replicate: Models, predictions and deployments. Each tenant brings its own key. */
export const replicate = (options: ApiKeyOptions = {}): ApiKeyProviderConfig => ({
  ...options,
  definition: replicateDefinition
})
