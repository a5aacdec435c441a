import {
  type AcquireLease,
  type Acquisition,
  AccountHeld,
  AccountMismatch,
  AlreadyConnected,
  type ConnectIntegration,
  type ConnectionStore,
  CredentialNotFound,
  type Ending,
  EndReason,
  GrantNotKept,
  IntegrationNotFound,
  IntegrationReplaced,
  NotConnected,
  ReconnectRequired,
  type RefreshLease,
  type RefreshProblem,
  type StorageUnavailable,
  type UsedGrant
} from "@hawser/core"
import { Duration, Effect, Schema } from "effect"
import { type Database, queries } from "./Database.ts"
import { type GrantRow, toGrant, tokensOf } from "./grantRow.ts"
import { type IntegrationRow, toIntegration } from "./integrationRow.ts"
import { isForeignKeyViolation, isAccountHeld, storageFailure } from "./StorageErrors.ts"

/** An empty page is one row with only the total. */
type PageRow = { readonly total: number } & (
  | IntegrationRow
  | { readonly [Column in keyof IntegrationRow]: null }
)

/** An integration without tokens is a row too, to say why it has none. */
type FoundGrantRow = Pick<IntegrationRow, "problem"> &
  (GrantRow | { readonly [Column in keyof GrantRow]: null })

interface LeaseColumns {
  readonly fence: string
  readonly interrupted: boolean
  readonly failures: number
}

/** Without a lease the columns of grant and lease are empty. The hindrance says why, unless it arose only during the statement. */
type AcquisitionRow = {
  readonly retry_in: number
  readonly refresh_problem: RefreshProblem
} & (
  | ({ readonly hindrance: null } & GrantRow & LeaseColumns)
  | { readonly hindrance: "Leased" | "Paused" | "Deferred" | null; readonly fence: null }
)

const isEndReason = Schema.is(EndReason)

const toAcquisition = (
  { clientVersion, tenantId }: AcquireLease,
  row: AcquisitionRow | undefined
): Acquisition => {
  if (row === undefined) return { _tag: "Superseded" }
  if (row.fence !== null) {
    const { failures, fence, interrupted } = row
    // The brand says that no other process has this lease.
    const lease = {
      tenantId,
      grant: toGrant(row),
      fence: BigInt(fence),
      interrupted,
      clientVersion,
      failures
    } as RefreshLease
    return { _tag: "Acquired", lease }
  }
  switch (row.hindrance) {
    case "Deferred":
      return { _tag: "Deferred", problem: row.refresh_problem, retryIn: row.retry_in }
    case "Paused":
      return { _tag: "Paused" }
    case "Leased":
    case null:
      return { _tag: "Leased" }
  }
}

const useParameters = ({
  connection,
  generation,
  grantId,
  provider,
  tenantId
}: UsedGrant): ReadonlyArray<unknown> => [tenantId, provider, connection, grantId, generation]

/** The connection store over a database. */
export const makeConnectionStore = (database: Database): ConnectionStore["Service"] => {
  const { run, statements } = database
  const { command, query, wrote } = queries(database)

  const write = (command: ConnectIntegration) => {
    const common = [
      command.tenantId,
      command.provider,
      command.connection,
      command.newId,
      command.connectedBy,
      command.publish.id,
      command.publish.connectedBy
    ]
    switch (command.with._tag) {
      case "Credential":
        return run<IntegrationRow>(statements.connectWithCredential, [
          ...common,
          command.with.credentialId
        ])
      case "Grant": {
        const { account, fields, grant, heldAccount, keeps, reauthorizes, scopes } = command.with
        return run<IntegrationRow>(statements.connectWithGrant, [
          ...common,
          scopes,
          grant.id,
          grant.accessToken,
          grant.refreshToken,
          grant.tokenType,
          grant.expiresIn,
          grant.clientFingerprint,
          JSON.stringify(fields),
          account?.id,
          account?.label,
          reauthorizes,
          grant.dueIn,
          grant.dpopKey,
          heldAccount,
          keeps?.id,
          keeps?.generation,
          grant.refreshExpiresIn,
          grant.refreshNoticeIn
        ])
      }
    }
  }

  /**
   * The write has already decided; this only finds the error for it. The row may be newer than the one that the write saw,
   * so a mismatch is reported only if there is no other possible reason.
   */
  const refusal = (command: ConnectIntegration) => {
    const { connection, provider, tenantId } = command
    const alreadyConnected = new AlreadyConnected({ provider })
    if (command.with._tag === "Credential") return Effect.fail(alreadyConnected)
    const { account, keeps, reauthorizes } = command.with
    return query<IntegrationRow>(statements.findIntegration, [tenantId, provider, connection]).pipe(
      Effect.flatMap(
        ([row]): Effect.Effect<
          never,
          AlreadyConnected | AccountMismatch | GrantNotKept | IntegrationReplaced
        > => {
          // It was disconnected since: the refresh token to keep is gone.
          if (row === undefined && keeps !== undefined) return Effect.fail(new GrantNotKept())
          if (row === undefined || (row.status === "connected" && !reauthorizes))
            return Effect.fail(alreadyConnected)
          if (row.id !== command.newId) return Effect.fail(new IntegrationReplaced())
          const mayBeSameAccount =
            row.account_id === null || account === undefined || row.account_id === account.id
          if (keeps !== undefined && mayBeSameAccount) return Effect.fail(new GrantNotKept())
          return Effect.fail(
            !reauthorizes && mayBeSameAccount ? alreadyConnected : new AccountMismatch({ provider })
          )
        }
      )
    )
  }

  return {
    connect: (command) =>
      write(command).pipe(
        Effect.catch(
          (error): Effect.Effect<never, CredentialNotFound | AccountHeld | StorageUnavailable> => {
            if (isForeignKeyViolation(error)) return Effect.fail(new CredentialNotFound())
            if (isAccountHeld(error))
              return Effect.fail(new AccountHeld({ provider: command.provider }))
            return storageFailure(error)
          }
        ),
        Effect.flatMap(([row]) =>
          row === undefined ? refusal(command) : Effect.succeed(toIntegration(row))
        )
      ),

    swapCredential: ({ connection, credentialId, provider, tenantId }) =>
      run<IntegrationRow>(statements.swapCredential, [
        tenantId,
        provider,
        connection,
        credentialId
      ]).pipe(
        Effect.catchIf(isForeignKeyViolation, () => Effect.fail(new CredentialNotFound())),
        Effect.catchTag("SqlError", storageFailure),
        Effect.flatMap(oneIntegration)
      ),

    disconnect: ({ connection, provider, publish, tenantId }) =>
      query<IntegrationRow>(statements.disconnect, [
        tenantId,
        provider,
        connection,
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]).pipe(Effect.flatMap(oneIntegration)),

    find: ({ connection, provider, tenantId }) =>
      query<IntegrationRow>(statements.findIntegration, [tenantId, provider, connection]).pipe(
        Effect.flatMap(oneIntegration)
      ),

    list: ({ page, provider, status, tenantId }) =>
      query<PageRow>(statements.listIntegrations, [
        tenantId,
        status,
        provider,
        page?.after?.provider,
        page?.after?.connection,
        page?.limit
      ]).pipe(
        Effect.map((rows) => ({
          items: rows.flatMap((row) => (row.id === null ? [] : [toIntegration(row)])),
          total: rows[0]?.total ?? 0
        }))
      ),

    grant: ({ connection, provider, tenantId }) =>
      query<FoundGrantRow>(statements.findGrant, [tenantId, provider, connection]).pipe(
        Effect.flatMap(([row]) => {
          if (row === undefined) return Effect.fail(new NotConnected({ provider }))
          if (row.grant_id !== null) return Effect.succeed(toGrant(row))
          return Effect.fail(
            isEndReason(row.problem)
              ? new ReconnectRequired({ provider, reason: row.problem })
              : new NotConnected({ provider })
          )
        })
      ),

    acquireLease: (ask) =>
      query<AcquisitionRow>(statements.acquireGrant, [
        ask.tenantId,
        ask.provider,
        ask.connection,
        ask.grantId,
        ask.generation,
        ask.owner,
        Duration.toMillis(ask.lease),
        ask.clientVersion
      ]).pipe(Effect.map(([row]) => toAcquisition(ask, row))),

    renewGrant: ({ clientVersion, grant, tenantId }, { moves, publish, scopes, tokens }) =>
      wrote(statements.renewGrant, [
        ...tokensOf(tenantId, grant),
        tokens.accessToken,
        tokens.refreshToken,
        tokens.tokenType,
        tokens.expiresIn,
        tokens.dueIn,
        scopes,
        publish.id,
        clientVersion,
        tokens.refreshExpiresIn,
        tokens.refreshNoticeIn,
        moves === undefined ? undefined : JSON.stringify(moves.fields),
        moves?.dpopKey,
        moves?.publish.id
      ]),

    deferRefresh: ({ fence, grant, tenantId }, { ambiguous, problem, publish, retryIn }) =>
      command(statements.deferGrant, [
        ...tokensOf(tenantId, grant),
        String(fence),
        Duration.toMillis(retryIn),
        problem,
        ambiguous,
        publish.id,
        publish.error
      ]),

    endGrant: ({ clientVersion, fence, grant, tenantId }, { publish, quarantine, reason }) =>
      query<{ readonly braked: boolean; readonly first: boolean }>(statements.endGrant, [
        ...tokensOf(tenantId, grant),
        String(fence),
        reason,
        Duration.toMillis(quarantine),
        clientVersion,
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]).pipe(
        Effect.map(([row]): Ending => {
          if (row === undefined) return { _tag: "Superseded" }
          return row.braked ? { _tag: "Braked", first: row.first } : { _tag: "Ended" }
        })
      ),

    markRevoked: ({ connection, provider, tenantId }, { publish, quarantine }) =>
      wrote(statements.markRevoked, [
        tenantId,
        provider,
        connection,
        Duration.toMillis(quarantine),
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]),

    noteWithdrawal: (used, { isProven, publish }) =>
      wrote(statements.noteWithdrawal, [
        ...useParameters(used),
        isProven,
        publish.id,
        publish.error
      ]),

    clearWithdrawal: (used, publish) =>
      command(statements.clearWithdrawal, [...useParameters(used), publish.id]),

    enqueueRevocation: ({
      account,
      connection,
      fields,
      grant,
      integrationId,
      owner,
      provider,
      tenantId
    }) =>
      command(statements.enqueueRevocation, [
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
      ])
  }
}

const oneIntegration = ([row]: ReadonlyArray<IntegrationRow>) =>
  row === undefined ? Effect.fail(new IntegrationNotFound()) : Effect.succeed(toIntegration(row))
