import { DateTime, Effect, Redacted } from "effect"
import {
  type Account,
  type DecryptionFailed,
  type IntegrationKey,
  owningUser,
  type StorageUnavailable
} from "../model/index.ts"
import { type Cipher, Maintenance, type StoredConnection, program } from "../services/index.ts"
import { openCredential, openToken, grantPlace } from "../token/index.ts"

interface Connection {
  readonly tenantId: string
  /** The user who owns it; left out for the tenant's own. */
  readonly userId?: string
  /** Default `default`. */
  readonly name?: string
  readonly provider: string
  readonly connectedBy: string
  readonly connectedAt?: Date
  /** The account at the provider, if it is known. */
  readonly account?: { readonly id: string; readonly label?: string }
}

/** Tokens of a tenant's connection, in clear. */
export interface TokenConnection extends Connection {
  readonly accessToken: string
  readonly refreshToken?: string
  /** Undefined if the access token does not expire as far as anyone knows. */
  readonly expiresAt?: Date
  /** Default `bearer`. */
  readonly tokenType?: string
  /** What the provider granted. Default: what the host has configured. */
  readonly scopes?: ReadonlyArray<string>
  /** Values of the definition's fields, such as a subdomain. */
  readonly fields?: Readonly<Record<string, string>>
  /** Whose consent it is, as an export says it. Without it, it follows from the account where the definition has them as one. */
  readonly grantSubject?: string
}

/** The API key of a tenant's connection, in clear. */
export interface ApiKeyConnection extends Connection {
  readonly credentials: Readonly<Record<string, string>>
  readonly label?: string
}

/** A connection as it comes from elsewhere and goes elsewhere: **with its secrets in clear**. */
export type PortableConnection = TokenConnection | ApiKeyConnection

/** One page of connections, and where the next begins. */
export interface ExportPage {
  readonly connections: ReadonlyArray<PortableConnection>
  /** Undefined on the last page. */
  readonly next: IntegrationKey | undefined
}

const pageSize = 100

/**
 * A page of all tenants' connections, **with their secrets in clear**: anyone who reads the output can act as every tenant
 * at every provider.
 *
 * Fails with `DecryptionFailed` if a secret does not open: none is left out in silence.
 */
export const exportPage = program("Hawser.exportPage")(function* (
  after: IntegrationKey | undefined
): Effect.fn.Return<ExportPage, DecryptionFailed | StorageUnavailable, Cipher | Maintenance> {
  const maintenance = yield* Maintenance
  const page = yield* maintenance.exportConnections({ limit: pageSize, after })
  const connections = yield* Effect.forEach(page, (stored) =>
    Effect.tapErrorTag(portable(stored), "DecryptionFailed", ({ message }) =>
      Effect.logError(message, {
        tenantId: stored.integration.tenantId,
        provider: stored.integration.provider
      })
    )
  )
  return {
    connections,
    next: page.length < pageSize ? undefined : page.at(-1)?.integration
  }
})

const portable = Effect.fnUntraced(function* (stored: StoredConnection) {
  const { account, connectedAt, connectedBy, fields, name, owner, provider, scopes, tenantId } =
    stored.integration
  const userId = owningUser(owner)
  const common = {
    tenantId,
    ...(userId !== undefined && { userId }),
    provider,
    name,
    connectedBy,
    connectedAt: DateTime.toDate(connectedAt),
    ...(account !== undefined && { account: exportedAccount(account) })
  }
  if (stored.with._tag === "Credential") {
    const { credential } = stored.with
    const key = { tenantId, owner, provider, id: credential.id }
    return {
      ...common,
      credentials: yield* openCredential(key, credential),
      ...(credential.label !== undefined && { label: credential.label })
    } satisfies ApiKeyConnection
  }
  const { accessToken, expiresAt, grantSubject, refreshToken, tokenType } = stored.with.grant
  const place = grantPlace(stored.integration, stored.with.grant)
  return {
    ...common,
    accessToken: Redacted.value(yield* openToken(place, "access_token", accessToken)),
    ...(refreshToken !== undefined && {
      refreshToken: Redacted.value(yield* openToken(place, "refresh_token", refreshToken))
    }),
    ...(expiresAt !== undefined && { expiresAt: DateTime.toDate(expiresAt) }),
    tokenType,
    scopes,
    fields,
    ...(grantSubject !== undefined && { grantSubject })
  } satisfies TokenConnection
})

const exportedAccount = ({ id, label }: Account) => ({ id, ...(label !== undefined && { label }) })
