import {
  type AccessToken,
  type Credential,
  integrationError,
  type IntegrationError,
  kindOfOwner,
  type ListedIntegration,
  owningUser,
  type Secret,
  type TestOutcome
} from "@hawser/core"
import { DateTime, Redacted } from "effect"

/** A connection to a provider. */
export interface IntegrationResult {
  readonly integrationId: string
  readonly provider: string
  /** Tells the owner's connections to the provider apart. */
  readonly name: string
  readonly owner: "tenant" | "user"
  /** The user who owns it; undefined for the tenant's own. */
  readonly userId: string | undefined
  readonly status: "connected" | "disconnected" | "error"
  readonly connectedBy: string
  readonly connectedAt: Date
  /** The granted scopes. */
  readonly scopes: ReadonlyArray<string>
  /** The scopes that you have configured and that the grant lacks. Empty for an API key, and once disconnected. */
  readonly missingScopes: ReadonlyArray<string>
  /** The name of the account for people; undefined if the provider does not send one. */
  readonly accountLabel: string | undefined
  /** Why it does not work, or why its provider ended it; undefined if it works, or if a user disconnected it. */
  readonly error: IntegrationError | undefined
}

export const integrationResult = (integration: ListedIntegration): IntegrationResult => ({
  integrationId: integration.id,
  provider: integration.provider,
  name: integration.name,
  owner: kindOfOwner(integration.owner),
  userId: owningUser(integration.owner),
  status: integration.status,
  connectedBy: integration.connectedBy,
  connectedAt: DateTime.toDate(integration.connectedAt),
  scopes: integration.scopes,
  missingScopes: integration.missingScopes,
  accountLabel: integration.account?.label,
  error: integration.problem === undefined ? undefined : integrationError(integration.problem)
})

/** A stored API key, without its secret. */
export interface CredentialResult {
  readonly credentialId: string
  readonly provider: string
  readonly label: string | undefined
  /** `validated` if the provider accepted it; `unverified` if the provider could not be asked. */
  readonly status: "validated" | "unverified"
  readonly createdAt: Date
}

export const credentialResult = (credential: Credential): CredentialResult => ({
  credentialId: credential.id,
  provider: credential.provider,
  label: credential.label,
  status: credential.status,
  createdAt: DateTime.toDate(credential.createdAt)
})

/**
 * An access token. The token itself is a getter over private state: logging or serialising the object shows everything
 * but it.
 */
export class StoredAccessToken {
  readonly tokenType: string
  /** Undefined if the provider names no expiry. */
  readonly expiresAt: Date | undefined
  readonly scopes: ReadonlyArray<string>
  readonly #token: Secret
  readonly #dpopKey: Secret | undefined

  constructor(token: AccessToken) {
    this.tokenType = token.tokenType
    this.expiresAt = token.expiresAt === undefined ? undefined : DateTime.toDate(token.expiresAt)
    this.scopes = token.scopes
    this.#token = token.accessToken
    this.#dpopKey = token.dpopKey
  }

  get token(): string {
    return Redacted.value(this.#token)
  }

  /**
   * The private key, as a JWK. Each use of the token needs a proof with it (RFC 9449 §7). Undefined unless the token's type
   * is `dpop`.
   */
  get dpopKey(): string | undefined {
    return this.#dpopKey === undefined ? undefined : Redacted.value(this.#dpopKey)
  }
}

/** The fields of an API key. Logging or serialising the object shows their names only. */
export class StoredApiKey {
  /** The names of the stored fields. */
  readonly fields: ReadonlyArray<string>
  readonly #values: Readonly<Record<string, Secret>>

  constructor(values: Readonly<Record<string, Secret>>) {
    this.fields = Object.keys(values)
    this.#values = values
  }

  /** The value of a field; undefined if an optional one was left out. */
  get(field: string): string | undefined {
    const value = this.#values[field]
    return value === undefined ? undefined : Redacted.value(value)
  }
}

/** The result of a test of a connection. */
export interface TestResult {
  readonly status: "ok" | "failed"
  readonly checkedAt: Date
  /** Undefined if it works. */
  readonly reason: TestOutcome["reason"]
}

export const testResult = ({ checkedAt, reason, status }: TestOutcome): TestResult => ({
  status,
  checkedAt: DateTime.toDate(checkedAt),
  reason
})
