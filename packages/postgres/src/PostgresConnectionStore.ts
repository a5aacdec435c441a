import {
  type Account,
  type AcquireLease,
  type Acquisition,
  AccountAlreadyConnected,
  AccountHeld,
  AccountMismatch,
  AlreadyConnected,
  type ConnectIntegration,
  type ConnectionStore,
  CredentialNotFound,
  type Ending,
  EndReason,
  type Forbidden,
  GrantNotKept,
  IntegrationNotFound,
  type IntegrationKey,
  IntegrationReplaced,
  isSameAccount,
  Misconfigured,
  NotConnected,
  ReconnectRequired,
  type RefreshLease,
  type RefreshProblem,
  retryFailed,
  type StorageUnavailable,
  type StoredGrant,
  type SwapCredential,
  type TenantFields,
  TooManyConnections,
  type UsedGrant
} from "@hawser/core"
import { Duration, Effect, Schema } from "effect"
import { findBarrier } from "./barrier.ts"
import { type Database, queries, runFenced } from "./Database.ts"
import { type GrantRow, grantParameters, toGrant } from "./grantRow.ts"
import {
  type AccountColumns,
  type IntegrationRow,
  toAccount,
  toIntegration
} from "./integrationRow.ts"
import {
  isAccountHeld,
  isForeignKeyViolation,
  isNumberTaken,
  isTwin,
  storageFailure
} from "./StorageErrors.ts"
import { twinParameters } from "./siblings.ts"

/** An empty page is one row with only the total. */
type PageRow = { readonly total: number } & (
  | IntegrationRow
  | { readonly [Column in keyof IntegrationRow]: null }
)

/** An integration without tokens is a row too, to say why it has none. */
type FoundGrantRow = Pick<IntegrationRow, "problem" | "suspended"> &
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
  | {
      readonly hindrance: "Suspended" | "Leased" | "Paused" | "Raced" | "Deferred" | null
      readonly fence: null
    }
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
    case "Raced":
      return { _tag: "Paused" }
    case "Suspended":
      return { _tag: "Suspended" }
    case "Leased":
    case null:
      return { _tag: "Leased" }
  }
}

const useParameters = ({
  name,
  generation,
  grantId,
  provider,
  tenantId
}: UsedGrant): ReadonlyArray<unknown> => [tenantId, provider, name, grantId, generation]

/** The connection store over a database. */
export const makeConnectionStore = (database: Database): ConnectionStore["Service"] => {
  const { statements } = database
  const barrier = findBarrier(database)
  const { command, query, wrote } = queries(database)

  const fenced = (statement: string, parameters: ReadonlyArray<unknown>) =>
    runFenced<IntegrationRow>(database, statement, parameters)

  const write = (command: ConnectIntegration) => {
    const common = [
      command.tenantId,
      command.provider,
      command.name,
      command.newId,
      command.connectedBy,
      command.publish.id,
      command.publish.connectedBy
    ]
    switch (command.with._tag) {
      case "Credential":
        return fenced(statements.connectWithCredential, [
          ...common,
          command.with.credentialId,
          command.owner,
          command.userHash
        ])
      case "Grant": {
        const { account, fields, grant, heldAccount, keeps, reauthorizes, scopes } = command.with
        return fenced(statements.connectWithGrant, [
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
          grant.refreshNoticeIn,
          command.owner,
          account?.issuer,
          grant.grantSubject,
          command.userHash
        ])
      }
    }
  }

  /** Another connection of the same owner's, in use, to this account. */
  const findTwin = (key: IntegrationKey, account: Account, fields: TenantFields) =>
    query<IntegrationRow>(statements.findTwin, twinParameters(key, account, fields)).pipe(
      Effect.map(([row]) => row)
    )

  /** Whom the tokens belong to, or the stored key. */
  const accountOf = Effect.fnUntraced(function* (command: ConnectIntegration) {
    if (command.with._tag === "Grant") return command.with.account
    const { owner, provider, tenantId } = command
    const [key] = yield* query<AccountColumns>(statements.findCredential, [
      tenantId,
      provider,
      command.with.credentialId,
      owner
    ])
    return key === undefined ? yield* new CredentialNotFound() : toAccount(key)
  })

  /**
   * The write has already decided; this only finds the error for it, or that what stood in its way is gone: then nothing speaks
   * against another try. The row may be newer than the one that the write saw, so a mismatch is reported only if there is no
   * other possible reason.
   */
  const refusal = (command: ConnectIntegration) => {
    const { name, owner, provider, tenantId } = command
    const alreadyConnected = new AlreadyConnected({ provider })
    const granted = command.with._tag === "Grant" ? command.with : undefined
    const { fields = {}, keeps, reauthorizes = false } = granted ?? {}
    return Effect.gen(function* (): Effect.fn.Return<
      "gone",
      | AccountAlreadyConnected
      | AccountMismatch
      | AlreadyConnected
      | CredentialNotFound
      | Forbidden
      | GrantNotKept
      | IntegrationReplaced
      | StorageUnavailable
      | TooManyConnections
    > {
      yield* barrier(tenantId, [command.userHash])
      const account = yield* accountOf(command)
      const [row] = yield* query<IntegrationRow>(statements.findIntegration, [
        tenantId,
        provider,
        name,
        owner
      ])
      if (row?.status === "connected" && !reauthorizes) return yield* alreadyConnected
      if (row !== undefined && granted !== undefined && row.id !== command.newId)
        return yield* new IntegrationReplaced()
      const known = row && toIntegration(row).account
      const mayBeSameAccount =
        known === undefined || account === undefined || isSameAccount(known, account)
      const twin =
        account === undefined || !mayBeSameAccount
          ? undefined
          : yield* findTwin(command, account, fields)
      if (twin !== undefined)
        return yield* new AccountAlreadyConnected({ provider, integrationId: twin.id })
      // Where there is no row, it was disconnected since: the refresh token to keep is gone.
      if (keeps !== undefined && mayBeSameAccount) return yield* new GrantNotKept()
      if (row === undefined) {
        const [free] = yield* query(statements.findFreeNumber, [tenantId, owner, provider, name])
        if (free === undefined) return yield* new TooManyConnections()
      }
      if (mayBeSameAccount && row?.status !== "connected") return "gone"
      return yield* !reauthorizes && mayBeSameAccount
        ? alreadyConnected
        : new AccountMismatch({ provider })
    })
  }

  const connect = (
    command: ConnectIntegration,
    tries = 3
  ): ReturnType<ConnectionStore["Service"]["connect"]> =>
    write(command).pipe(
      // Each time another connection was made, of which there are few.
      retryFailed({ while: isNumberTaken }),
      // Nothing was written: that it is connected now is found like any other reason.
      Effect.catchIf(isTwin, () => Effect.undefined),
      Effect.catch(
        (error): Effect.Effect<never, CredentialNotFound | AccountHeld | StorageUnavailable> => {
          if (isForeignKeyViolation(error)) return Effect.fail(new CredentialNotFound())
          if (isAccountHeld(error))
            return Effect.fail(new AccountHeld({ provider: command.provider }))
          return storageFailure(error)
        }
      ),
      Effect.flatMap((row) =>
        row === undefined
          ? Effect.flatMap(refusal(command), () =>
              tries > 1
                ? connect(command, tries - 1)
                : Effect.fail(new AlreadyConnected({ provider: command.provider }))
            )
          : Effect.succeed(toIntegration(row))
      )
    )

  const acquire = (ask: AcquireLease) =>
    Effect.map(
      query<AcquisitionRow>(statements.acquireGrant, [
        ask.tenantId,
        ask.provider,
        ask.name,
        ask.grantId,
        ask.generation,
        ask.holder,
        Duration.toMillis(ask.lease),
        ask.clientVersion,
        ask.owner
      ]),
      ([row]) => row
    )

  /** Why nothing was swapped, as `refusal` has it. */
  const swapRefusal = Effect.fnUntraced(function* ({ account, userHash, ...key }: SwapCredential) {
    const { name, owner, provider, tenantId } = key
    yield* barrier(tenantId, [userHash])
    const [row] = yield* query<IntegrationRow>(statements.findIntegration, [
      tenantId,
      provider,
      name,
      owner
    ])
    if (row?.status !== "connected" || row.credential_id === null || account === undefined)
      return yield* new IntegrationNotFound()
    const known = toIntegration(row).account
    if (known !== undefined && !isSameAccount(known, account))
      return yield* new AccountMismatch({ provider })
    const twin = yield* findTwin(key, account, row.fields)
    return yield* twin === undefined
      ? new IntegrationNotFound()
      : new AccountAlreadyConnected({ provider, integrationId: twin.id })
  })

  return {
    connect,

    swapCredential: (command) =>
      fenced(statements.swapCredential, [
        command.tenantId,
        command.provider,
        command.name,
        command.credentialId,
        command.owner,
        command.account?.id,
        command.account?.label,
        command.account?.issuer,
        command.userHash
      ]).pipe(
        Effect.catchIf(isTwin, () => Effect.undefined),
        Effect.catchIf(isForeignKeyViolation, () => Effect.fail(new CredentialNotFound())),
        Effect.catchTag("SqlError", storageFailure),
        Effect.flatMap((row) =>
          row === undefined ? swapRefusal(command) : Effect.succeed(toIntegration(row))
        )
      ),

    disconnect: ({ name, owner, provider, publish, tenantId, userHash }) =>
      runFenced<IntegrationRow & { readonly live: boolean }>(database, statements.disconnect, [
        tenantId,
        provider,
        name,
        publish.id,
        publish.disconnectedBy,
        publish.reason,
        owner,
        userHash
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.tap((row) =>
          row === undefined && userHash !== undefined
            ? barrier(tenantId, [userHash], "erased")
            : Effect.void
        ),
        Effect.flatMap((row) => oneIntegration(row?.live === true ? [row] : []))
      ),

    find: ({ name, owner, provider, tenantId }) =>
      query<IntegrationRow>(statements.findIntegration, [tenantId, provider, name, owner]).pipe(
        Effect.flatMap(oneIntegration)
      ),

    findById: ({ id, tenantId }) =>
      query<IntegrationRow>(statements.findIntegrationById, [tenantId, id]).pipe(
        Effect.flatMap(oneIntegration)
      ),

    list: ({ name, owners, page, problem, provider, status, tenantId }) => {
      const isOfOwners = typeof owners !== "string"
      const { listIntegrations, listIntegrationsOf } = statements
      const statement = isOfOwners && provider !== undefined ? listIntegrationsOf : listIntegrations
      return query<PageRow>(statement, [
        tenantId,
        status,
        provider,
        page?.after?.provider,
        page?.after?.owner,
        page?.after?.id,
        page?.limit,
        isOfOwners ? owners : undefined,
        owners === "users",
        name,
        problem
      ]).pipe(
        Effect.map((rows) => ({
          items: rows.flatMap((row) => (row.id === null ? [] : [toIntegration(row)])),
          total: rows[0]?.total ?? 0
        }))
      )
    },

    grant: ({ name, owner, provider, tenantId }) =>
      query<FoundGrantRow>(statements.findGrant, [tenantId, provider, name, owner]).pipe(
        Effect.flatMap(
          ([row]): Effect.Effect<StoredGrant, Misconfigured | NotConnected | ReconnectRequired> => {
            if (row === undefined) return Effect.fail(new NotConnected({ provider }))
            if (row.grant_id !== null)
              return row.suspended
                ? Effect.fail(new Misconfigured({ provider, reason: "owner_suspended" }))
                : Effect.succeed(toGrant(row))
            return Effect.fail(
              isEndReason(row.problem)
                ? new ReconnectRequired({ provider, reason: row.problem })
                : new NotConnected({ provider })
            )
          }
        )
      ),

    acquireLease: (ask) =>
      acquire(ask).pipe(
        // What the other call came to is seen by another look.
        Effect.flatMap((row) => (row?.hindrance === "Raced" ? acquire(ask) : Effect.succeed(row))),
        Effect.map((row) => toAcquisition(ask, row))
      ),

    renewGrant: ({ clientVersion, grant, tenantId }, { moves, publish, scopes, tokens }) =>
      database
        .run(statements.renewGrant, [
          ...grantParameters(tenantId, grant),
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
        ])
        .pipe(
          // Another connection of the same account came there at the same moment: now the statement sees it.
          Effect.retry({ while: isTwin, times: 3 }),
          Effect.map((rows) => rows.length > 0),
          Effect.catch(storageFailure)
        ),

    deferRefresh: ({ fence, grant, tenantId }, { ambiguous, problem, publish, retryIn }) =>
      command(statements.deferGrant, [
        ...grantParameters(tenantId, grant),
        String(fence),
        Duration.toMillis(retryIn),
        problem,
        ambiguous,
        publish.id,
        publish.error
      ]),

    endGrant: ({ clientVersion, fence, grant, tenantId }, { publish, quarantine, reason }) =>
      query<{ readonly braked: boolean; readonly first: boolean }>(statements.endGrant, [
        ...grantParameters(tenantId, grant),
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

    markRevoked: ({ name, owner, provider, tenantId }, { publish, quarantine }) =>
      wrote(statements.markRevoked, [
        tenantId,
        provider,
        name,
        Duration.toMillis(quarantine),
        publish.id,
        publish.disconnectedBy,
        publish.reason,
        owner
      ]),

    noteWithdrawal: (used, { isProven, publish }) =>
      wrote(statements.noteWithdrawal, [
        ...useParameters(used),
        isProven,
        publish.id,
        publish.error,
        used.owner
      ]),

    clearWithdrawal: (used, publish) =>
      command(statements.clearWithdrawal, [...useParameters(used), publish.id, used.owner]),

    enqueueRevocation: ({
      accounts,
      name,
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
        grant.grantSubject,
        owner,
        name,
        integrationId,
        accounts?.map(({ id }) => id),
        // One server has named all of them.
        accounts?.[0]?.issuer
      ])
  }
}

const oneIntegration = ([row]: ReadonlyArray<IntegrationRow>) =>
  row === undefined ? Effect.fail(new IntegrationNotFound()) : Effect.succeed(toIntegration(row))
