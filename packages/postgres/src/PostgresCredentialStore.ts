import {
  type Credential,
  CredentialNotFound,
  type CredentialStore,
  type Sealed
} from "@hawser/core"
import { DateTime, Effect } from "effect"
import type { Database } from "./Database.ts"
import { storageUnavailable } from "./StorageErrors.ts"

interface CredentialRow {
  readonly tenant_id: Credential["tenantId"]
  readonly provider: Credential["provider"]
  readonly id: Credential["id"]
  readonly label: string | null
  readonly status: Credential["status"]
  readonly created_by: Credential["createdBy"]
  readonly created_at: Date
  readonly sealed_fields: Sealed
}

/** The credential store over a database. */
export const makeCredentialStore = ({ run, statements }: Database): CredentialStore["Service"] => ({
  insert: ({ sealedFields, ...credential }) =>
    run<Pick<CredentialRow, "created_at">>(statements.insertCredential, [
      credential.tenantId,
      credential.provider,
      credential.id,
      credential.label,
      credential.status,
      credential.createdBy,
      sealedFields
    ]).pipe(
      Effect.mapError(storageUnavailable),
      Effect.flatMap(([row]) =>
        row === undefined
          ? Effect.die(new Error("INSERT … RETURNING answered no row"))
          : Effect.succeed({ ...credential, createdAt: DateTime.fromDateUnsafe(row.created_at) })
      )
    ),

  find: ({ id, provider, tenantId }) =>
    run<CredentialRow>(statements.findCredential, [tenantId, provider, id]).pipe(
      Effect.mapError(storageUnavailable),
      Effect.flatMap(([row]) =>
        row === undefined
          ? Effect.fail(new CredentialNotFound())
          : Effect.succeed({
              id: row.id,
              tenantId: row.tenant_id,
              provider: row.provider,
              label: row.label ?? undefined,
              status: row.status,
              createdBy: row.created_by,
              createdAt: DateTime.fromDateUnsafe(row.created_at),
              sealedFields: row.sealed_fields
            })
      )
    )
})
