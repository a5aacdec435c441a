import {
  AccountHeld,
  AccountMismatch,
  AlreadyConnected,
  type ConnectIntegration,
  CredentialNotFound,
  EndReason,
  GrantNotKept,
  IntegrationNotFound,
  IntegrationReplaced,
  type IntegrationStore,
  NotConnected,
  ReconnectRequired,
  type StorageUnavailable
} from "@hawser/core"
import { Effect, Schema } from "effect"
import type { Database } from "./Database.ts"
import { type GrantRow, toGrant } from "./grantRow.ts"
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

const isEndReason = Schema.is(EndReason)

/** The integration store over a database. */
export const makeIntegrationStore = ({
  run,
  statements
}: Database): IntegrationStore["Service"] => {
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
    return run<IntegrationRow>(statements.findIntegration, [tenantId, provider, connection]).pipe(
      Effect.catch(storageFailure),
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
      run<IntegrationRow>(statements.disconnect, [
        tenantId,
        provider,
        connection,
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]).pipe(Effect.catch(storageFailure), Effect.flatMap(oneIntegration)),

    find: ({ connection, provider, tenantId }) =>
      run<IntegrationRow>(statements.findIntegration, [tenantId, provider, connection]).pipe(
        Effect.catch(storageFailure),
        Effect.flatMap(oneIntegration)
      ),

    list: ({ page, provider, status, tenantId }) =>
      run<PageRow>(statements.listIntegrations, [
        tenantId,
        status,
        provider,
        page?.after?.provider,
        page?.after?.connection,
        page?.limit
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.map((rows) => ({
          items: rows.flatMap((row) => (row.id === null ? [] : [toIntegration(row)])),
          total: rows[0]?.total ?? 0
        }))
      ),

    grant: ({ connection, provider, tenantId }) =>
      run<FoundGrantRow>(statements.findGrant, [tenantId, provider, connection]).pipe(
        Effect.catch(storageFailure),
        Effect.flatMap(([row]) => {
          if (row === undefined) return Effect.fail(new NotConnected({ provider }))
          if (row.grant_id !== null) return Effect.succeed(toGrant(row))
          return Effect.fail(
            isEndReason(row.problem)
              ? new ReconnectRequired({ provider, reason: row.problem })
              : new NotConnected({ provider })
          )
        })
      )
  }
}

const oneIntegration = ([row]: ReadonlyArray<IntegrationRow>) =>
  row === undefined ? Effect.fail(new IntegrationNotFound()) : Effect.succeed(toIntegration(row))
