import type {
  ConnectionName,
  GrantId,
  IntegrationId,
  Owner,
  ProviderId,
  RevocationQueue,
  Sealed,
  TenantId
} from "@hawser/core"
import { Duration, Effect } from "effect"
import type { Database } from "./Database.ts"
import { storageFailure } from "./StorageErrors.ts"

interface RevocationRow {
  readonly tenant_id: TenantId
  readonly owner: Owner
  readonly name: ConnectionName
  readonly integration_id: IntegrationId
  readonly id: GrantId
  readonly provider: ProviderId
  readonly sealed_access_token: Sealed
  readonly sealed_refresh_token: Sealed | null
  readonly client_fingerprint: string
  readonly fields: Readonly<Record<string, string>>
  readonly attempt: number
  readonly shared: boolean
}

/** The revocation queue over a database. */
export const makeRevocationQueue = ({ run, statements }: Database): RevocationQueue["Service"] => ({
  enqueue: ({ account, connection, fields, grant, integrationId, owner, provider, tenantId }) =>
    run(statements.enqueueRevocation, [
      tenantId,
      grant.id,
      provider,
      grant.accessToken,
      grant.refreshToken,
      grant.clientFingerprint,
      JSON.stringify(fields),
      account?.id,
      owner,
      connection,
      integrationId
    ]).pipe(Effect.catch(storageFailure), Effect.asVoid),

  claim: ({ hold, limit }) =>
    run<RevocationRow>(statements.claimRevocations, [limit, Duration.toMillis(hold)]).pipe(
      Effect.catch(storageFailure),
      Effect.map((rows) =>
        rows.map((row) => ({
          tenantId: row.tenant_id,
          owner: row.owner,
          provider: row.provider,
          connection: row.name,
          integrationId: row.integration_id,
          grant: {
            id: row.id,
            accessToken: row.sealed_access_token,
            refreshToken: row.sealed_refresh_token ?? undefined,
            clientFingerprint: row.client_fingerprint
          },
          fields: row.fields,
          attempt: row.attempt,
          shared: row.shared
        }))
      )
    ),

  remove: ({ grant, tenantId }) =>
    run(statements.removeRevocation, [tenantId, grant.id]).pipe(
      Effect.catch(storageFailure),
      Effect.asVoid
    ),

  postpone: ({ grant, tenantId }, retryIn) =>
    run(statements.postponeRevocation, [tenantId, grant.id, Duration.toMillis(retryIn)]).pipe(
      Effect.catch(storageFailure),
      Effect.asVoid
    ),

  giveUp: run<Pick<RevocationRow, "tenant_id" | "provider">>(statements.giveUpRevocations, []).pipe(
    Effect.catch(storageFailure),
    Effect.map((rows) => rows.map(({ provider, tenant_id }) => ({ tenantId: tenant_id, provider })))
  )
})
