import {
  AccountAlreadyConnected,
  AccountHeld,
  type AccountHolder,
  type Credential,
  type Forbidden,
  type ImportConnection,
  type Integration,
  type Maintenance,
  type Sealed,
  type StorageUnavailable,
  type StoredConnection,
  TooManyConnections
} from "@hawser/core"
import { DateTime, Effect } from "effect"
import { findBarrier } from "./barrier.ts"
import { type Database, queries, runFenced } from "./Database.ts"
import { type GrantRow, toGrant } from "./grantRow.ts"
import { type IntegrationRow, toAccount, toIntegration } from "./integrationRow.ts"
import { isAccountHeld, isNumberTaken, isTwin, storageFailure } from "./StorageErrors.ts"
import { twinParameters } from "./siblings.ts"

interface CredentialColumns {
  readonly stored_credential_id: Credential["id"]
  readonly label: string | null
  readonly credential_status: Credential["status"]
  readonly created_by: Credential["createdBy"]
  readonly created_at: Date
  readonly sealed_fields: Sealed
  readonly credential_account_id: string | null
  readonly credential_account_label: string | null
  readonly credential_account_issuer: string | null
}

/** One of the two exists. */
type ExportRow = IntegrationRow &
  (
    | (GrantRow & { readonly sealed_fields: null })
    | (CredentialColumns & { readonly grant_id: null })
  )

const toConnection = (row: ExportRow): StoredConnection => {
  const integration = toIntegration(row)
  if (row.sealed_fields === null)
    return { integration, with: { _tag: "Grant", grant: toGrant(row) } }
  const { owner, provider, tenantId } = integration
  return {
    integration,
    with: {
      _tag: "Credential",
      credential: {
        id: row.stored_credential_id,
        tenantId,
        owner,
        provider,
        label: row.label ?? undefined,
        status: row.credential_status,
        createdBy: row.created_by,
        createdAt: DateTime.fromDateUnsafe(row.created_at),
        sealedFields: row.sealed_fields,
        account: toAccount({
          account_id: row.credential_account_id,
          account_label: row.credential_account_label,
          account_issuer: row.credential_account_issuer
        })
      }
    }
  }
}

interface AccountRow {
  readonly tenant_id: AccountHolder["tenantId"]
  readonly owner: AccountHolder["owner"]
  readonly name: AccountHolder["name"]
  readonly id: AccountHolder["integrationId"]
  readonly status: AccountHolder["status"]
  readonly account_issuer: string | null
}

/** Import and export of connections over a database. */
export const makeConnectionTransfer = (
  database: Database
): Pick<
  Maintenance["Service"],
  "connectionsOfProvider" | "exportConnections" | "findByAccount" | "importConnection"
> => {
  const { statements } = database
  const barrier = findBarrier(database)
  const { query } = queries(database)
  const write = (command: ImportConnection) => {
    const common = [
      command.tenantId,
      command.provider,
      command.name,
      command.newId,
      command.connectedBy,
      command.connectedAt && DateTime.toDate(command.connectedAt)
    ]
    const [first, second = first] = command.userHashes
    switch (command.with._tag) {
      case "Grant": {
        const { account, fields, grant, heldAccount, scopes } = command.with
        return runFenced(database, statements.importWithGrant, [
          ...common,
          scopes,
          JSON.stringify(fields),
          account?.id,
          account?.label,
          grant.id,
          grant.accessToken,
          grant.refreshToken,
          grant.tokenType,
          grant.clientFingerprint,
          grant.expiresIn,
          grant.dueIn,
          heldAccount,
          grant.dpopKey,
          grant.refreshExpiresIn,
          grant.refreshNoticeIn,
          command.owner,
          account?.issuer,
          grant.grantSubject,
          first,
          second
        ])
      }
      case "Credential": {
        const { account, id, label, sealedFields } = command.with.credential
        return runFenced(database, statements.importWithCredential, [
          ...common,
          id,
          label,
          sealedFields,
          command.owner,
          first,
          second,
          account?.id,
          account?.label,
          account?.issuer
        ])
      }
    }
  }

  const importConnection = Effect.fnUntraced(function* (
    command: ImportConnection
  ): Effect.fn.Return<
    Integration | undefined,
    AccountAlreadyConnected | AccountHeld | Forbidden | StorageUnavailable | TooManyConnections
  > {
    const { name, owner, provider, tenantId } = command
    const { account, fields } =
      command.with._tag === "Grant" ? command.with : { ...command.with.credential, fields: {} }
    const written = write(command).pipe(
      Effect.retry({ while: isNumberTaken }),
      Effect.catchIf(isTwin, () => Effect.undefined),
      Effect.catchIf(isAccountHeld, () => Effect.fail(new AccountHeld({ provider }))),
      Effect.catchTag("SqlError", storageFailure)
    )
    while ((yield* written) === undefined) {
      yield* barrier(tenantId, command.userHashes)
      const [row] = yield* query<IntegrationRow>(statements.findIntegration, [
        tenantId,
        provider,
        name,
        owner
      ])
      if (row !== undefined) return toIntegration(row)
      const [twin] =
        account === undefined
          ? []
          : yield* query<IntegrationRow>(
              statements.findTwin,
              twinParameters(command, account, fields)
            )
      if (twin !== undefined)
        return yield* new AccountAlreadyConnected({ provider, integrationId: twin.id })
      const [free] = yield* query(statements.findFreeNumber, [tenantId, owner, provider, name])
      if (free === undefined) return yield* new TooManyConnections()
      // What was there was deleted between the statements, so its place is free.
    }
    return undefined
  })

  return {
    importConnection,

    exportConnections: ({ after, limit }) =>
      query<ExportRow>(statements.exportConnections, [
        after?.tenantId,
        after?.provider,
        after?.name,
        limit,
        after?.owner
      ]).pipe(Effect.map((rows) => rows.map(toConnection))),

    connectionsOfProvider: ({ after, lacking, limit, provider, status }) =>
      query<IntegrationRow>(statements.integrationsOfProvider, [
        provider,
        status,
        after?.tenantId,
        after?.name,
        limit,
        after?.owner,
        lacking && JSON.stringify(lacking)
      ]).pipe(Effect.map((rows) => rows.map(toIntegration))),

    findByAccount: ({ accountId, provider }) =>
      query<AccountRow>(statements.findByAccount, [provider, accountId]).pipe(
        Effect.map((rows) =>
          rows.map(({ account_issuer, id, name, owner, status, tenant_id }) => ({
            tenantId: tenant_id,
            owner,
            name,
            integrationId: id,
            status,
            ...(account_issuer !== null && { issuer: account_issuer })
          }))
        )
      )
  }
}
