import {
  type Credential,
  CredentialInUse,
  CredentialNotFound,
  type CredentialStore,
  mostCredentials,
  type Sealed,
  TooManyCredentials
} from "@hawser/core"
import { DateTime, Duration, Effect } from "effect"
import { findBarrier } from "./barrier.ts"
import { type Database, runFenced } from "./Database.ts"
import { toAccount } from "./integrationRow.ts"
import { isForeignKeyViolation, storageFailure } from "./StorageErrors.ts"

interface CredentialRow {
  readonly tenant_id: Credential["tenantId"]
  readonly owner: Credential["owner"]
  readonly provider: Credential["provider"]
  readonly id: Credential["id"]
  readonly label: string | null
  readonly status: Credential["status"]
  readonly created_by: Credential["createdBy"]
  readonly created_at: Date
  readonly sealed_fields: Sealed
  readonly account_id: string | null
  readonly account_label: string | null
  readonly account_issuer: string | null
}

/** What a list shows. */
type Metadata = Omit<
  CredentialRow,
  "sealed_fields" | "account_id" | "account_label" | "account_issuer"
>

/** A row of a page; for an empty page, one row with only the total. */
type ListedRow = { readonly total: number } & (Metadata | { readonly id: null })

const toCredential = (row: Metadata): Credential => ({
  id: row.id,
  tenantId: row.tenant_id,
  owner: row.owner,
  provider: row.provider,
  label: row.label ?? undefined,
  status: row.status,
  createdBy: row.created_by,
  createdAt: DateTime.fromDateUnsafe(row.created_at)
})

/** The credential store over a database. */
export const makeCredentialStore = (database: Database): CredentialStore["Service"] => {
  const { run, statements } = database
  const barrier = findBarrier(database)
  return {
    insert: ({ account, sealedFields, userHash, ...credential }) =>
      runFenced<Pick<CredentialRow, "created_at">>(database, statements.insertCredential, [
        credential.tenantId,
        credential.provider,
        credential.id,
        credential.label,
        credential.status,
        credential.createdBy,
        sealedFields,
        mostCredentials,
        credential.owner,
        account?.id,
        account?.label,
        account?.issuer,
        userHash
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.flatMap((row) =>
          row === undefined
            ? Effect.andThen(barrier(credential.tenantId, [userHash]), new TooManyCredentials())
            : Effect.succeed({ ...credential, createdAt: DateTime.fromDateUnsafe(row.created_at) })
        )
      ),

    find: ({ id, owner, provider, tenantId }) =>
      run<CredentialRow>(statements.findCredential, [tenantId, provider, id, owner]).pipe(
        Effect.catch(storageFailure),
        Effect.flatMap(([row]) =>
          row === undefined
            ? Effect.fail(new CredentialNotFound())
            : Effect.succeed({
                ...toCredential(row),
                sealedFields: row.sealed_fields,
                account: toAccount(row)
              })
        )
      ),

    list: ({ owner, page, provider, tenantId }) =>
      run<ListedRow>(statements.listCredentials, [
        tenantId,
        provider,
        page?.after && DateTime.toEpochMillis(page.after.createdAt),
        page?.after?.id,
        page?.limit,
        owner
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.map((rows) => ({
          items: rows.flatMap((row) => (row.id === null ? [] : [toCredential(row)])),
          total: rows[0]?.total ?? 0
        }))
      ),

    delete: ({ id, owner, provider, tenantId }) =>
      run(statements.deleteCredential, [tenantId, provider, id, owner]).pipe(
        Effect.catchIf(isForeignKeyViolation, () => Effect.fail(new CredentialInUse())),
        Effect.catchTag("SqlError", storageFailure),
        Effect.flatMap((rows) =>
          rows.length === 0 ? Effect.fail(new CredentialNotFound()) : Effect.void
        )
      ),

    sweepUnused: (retention) =>
      run<{ readonly swept: number }>(statements.sweepUnusedCredentials, [
        Duration.toMillis(retention)
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.map(([row]) => row?.swept ?? 0)
      )
  }
}
