import type { RequestListener } from "node:http"
import type { JSONWebKeySet } from "jose"

/** Who answers, and on which framework. */
export type ContenderName = "hawser" | "by-hand" | "better-auth"
export type Mount = "node" | "express"

/** What every contender is started with; each has tables of its own. */
export interface Settings {
  readonly contender: ContenderName
  readonly mount: Mount
  readonly databaseUrl: string
  readonly schema: string
  readonly issuer: string
  readonly audience: string
  readonly jwks: JSONWebKeySet
  readonly encryptionKey: string
  readonly publicUrl: string
  readonly redirectUrl: string
  /** Where the OAuth2 provider's code is exchanged. */
  readonly tokenEndpoint: string
  /** How many connections an owner may have of a provider. Default `one`, the tenant's. */
  readonly connections?: "many"
}

export interface Contender {
  readonly listener: RequestListener
  readonly close: () => Promise<void>
}

export const clientId = "bench-client"
export const clientSecret = "bench-client-secret"
export const authorizationEndpoint = "https://provider.example.com/authorize"
export const scopes: ReadonlyArray<string> = ["projects.read", "projects.write"]

/** As many connections to PostgreSQL for each; it is the default of all of them. */
export const poolSize = 10

/** Out of reach, so that the limiters are at work and refuse nobody. */
export const rateLimit = 1_000_000
