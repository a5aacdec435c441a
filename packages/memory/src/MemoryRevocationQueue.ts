import {
  type QueuedRevocation,
  type RevocationKey,
  type RevocationQueue,
  tenantsOwn
} from "@hawser/core"
import { Duration, Result } from "effect"
import {
  atomically,
  compositeKey,
  copyBytes,
  type Instant,
  type IntegrationRow,
  type MemoryState,
  type RevocationRow
} from "./MemoryState.ts"

/** Milliseconds that tokens wait to be revoked. */
const lifetime = 24 * 60 * 60 * 1000

/** Puts what an integration has of tokens into the queue: the part of the commands that keep them no longer. */
export const queueGrantOf = (
  state: MemoryState,
  { grant, integration, quarantined }: IntegrationRow,
  now: Instant
): void => {
  const ended = quarantined?.grant.secrets
  const fields = quarantined?.fields ?? integration.fields
  for (const secrets of [grant?.secrets, ended])
    if (secrets !== undefined)
      queueRevocation(
        state,
        {
          ...integration,
          owner: tenantsOwn,
          integrationId: integration.id,
          fields,
          grant: secrets
        },
        now
      )
}

const isStored = (state: MemoryState, { grant, tenantId }: RevocationRow["command"]): boolean =>
  [...state.integrations.values()].some(
    (row) =>
      row.integration.tenantId === tenantId &&
      [row.grant, row.quarantined?.grant].some((kept) => kept?.secrets.id === grant.id)
  )

/** Puts tokens into the queue, once. */
const queueRevocation = (
  state: MemoryState,
  {
    account,
    connection,
    fields,
    grant,
    integrationId,
    owner,
    provider,
    tenantId
  }: RevocationRow["command"],
  now: Instant
): void => {
  const { accessToken, clientFingerprint, id, refreshToken } = grant
  if (state.revocations.has(compositeKey(tenantId, id))) return
  state.revocations.set(compositeKey(tenantId, id), {
    command: {
      tenantId,
      owner,
      provider,
      connection,
      integrationId,
      grant: {
        id,
        clientFingerprint,
        accessToken: copyBytes(accessToken),
        refreshToken: copyBytes(refreshToken)
      },
      fields: { ...fields },
      account
    },
    attempt: 0,
    dueAt: now,
    expiresAt: now + lifetime
  })
}

const keyOf = ({ grant, tenantId }: RevocationKey): string => compositeKey(tenantId, grant.id)

/** Whether a live integration holds the same account through the same client, as far as can be known. */
const isShared = (
  state: MemoryState,
  { account, grant, provider }: RevocationRow["command"]
): boolean =>
  [...state.integrations.values()].some(
    (row) =>
      row.integration.provider === provider &&
      row.grant?.secrets.clientFingerprint === grant.clientFingerprint &&
      (account === undefined ||
        row.integration.account === undefined ||
        row.integration.account.id === account.id)
  )

/** The revocation queue over a shared state. */
export const makeRevocationQueue = (state: MemoryState): RevocationQueue["Service"] => ({
  enqueue: (command) =>
    atomically((now) => {
      if (!isStored(state, command)) queueRevocation(state, command, now)
      return Result.succeed(undefined)
    }),

  claim: ({ hold, limit }) =>
    atomically((now) => {
      const due = [...state.revocations]
        .filter(([, { dueAt, expiresAt }]) => dueAt <= now && expiresAt > now)
        .toSorted(([, a], [, b]) => a.dueAt - b.dueAt)
        .slice(0, limit)
      return Result.succeed(
        due.map(([key, row]): QueuedRevocation => {
          const attempt = row.attempt + 1
          state.revocations.set(key, { ...row, attempt, dueAt: now + Duration.toMillis(hold) })
          const { account: _, fields, grant, ...place } = row.command
          return {
            ...place,
            grant: {
              ...grant,
              accessToken: copyBytes(grant.accessToken),
              refreshToken: copyBytes(grant.refreshToken)
            },
            fields: { ...fields },
            attempt,
            shared: isShared(state, row.command)
          }
        })
      )
    }),

  remove: (revocation) =>
    atomically(() => {
      state.revocations.delete(keyOf(revocation))
      return Result.succeed(undefined)
    }),

  postpone: (revocation, retryIn) =>
    atomically((now) => {
      const key = keyOf(revocation)
      const row = state.revocations.get(key)
      if (row !== undefined)
        state.revocations.set(key, { ...row, dueAt: now + Duration.toMillis(retryIn) })
      return Result.succeed(undefined)
    }),

  giveUp: atomically((now) => {
    const expired = [...state.revocations].filter(([, { expiresAt }]) => expiresAt <= now)
    for (const [key] of expired) state.revocations.delete(key)
    return Result.succeed(
      expired.map(([, { command }]) => ({ tenantId: command.tenantId, provider: command.provider }))
    )
  })
})
