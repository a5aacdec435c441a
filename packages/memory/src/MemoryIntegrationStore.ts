import {
  AccountHeld,
  AccountMismatch,
  AlreadyConnected,
  CredentialNotFound,
  EndReason,
  GrantNotKept,
  type Integration,
  IntegrationNotFound,
  type IntegrationStore,
  NotConnected,
  IntegrationReplaced,
  ReconnectRequired
} from "@hawser/core"
import { DateTime, Result, Schema } from "effect"
import { issuedGrant, readGrant } from "./grantRow.ts"
import { keptAs } from "./keptGrant.ts"
import {
  atomically,
  compositeKey,
  integrationKey,
  type IntegrationRow,
  isCredentialInUse,
  isHeldByAnother,
  type MemoryState
} from "./MemoryState.ts"
import { queueGrantOf } from "./MemoryRevocationQueue.ts"
import { recordEvent } from "./recordEvent.ts"

export const copyIntegration = (integration: Integration): Integration => ({
  ...integration,
  scopes: [...integration.scopes],
  fields: { ...integration.fields }
})

const isEndReason = Schema.is(EndReason)

// By code units: the same order everywhere, whatever the language of the machine.
const byProviderThenConnection = (
  a: Pick<Integration, "provider" | "connection">,
  b: Pick<Integration, "provider" | "connection">
): number => compare(a.provider, b.provider) || compare(a.connection, b.connection)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The integration store over a shared state. */
export const makeIntegrationStore = (state: MemoryState): IntegrationStore["Service"] => ({
  connect: (command) =>
    atomically((now) => {
      const { connectedBy, connection, provider, publish, tenantId } = command
      const key = integrationKey(command)
      const existing = state.integrations.get(key)?.integration
      const credentialId =
        command.with._tag === "Credential" ? command.with.credentialId : undefined
      if (
        credentialId !== undefined &&
        !state.credentials.has(compositeKey(tenantId, provider, credentialId))
      ) {
        return Result.fail(new CredentialNotFound())
      }
      const granted = command.with._tag === "Grant" ? command.with : undefined
      if (existing?.status === "connected" && granted?.reauthorizes !== true) {
        return Result.fail(new AlreadyConnected({ provider }))
      }
      if (
        existing?.account !== undefined &&
        granted?.account !== undefined &&
        existing.account.id !== granted.account.id
      ) {
        return Result.fail(new AccountMismatch({ provider }))
      }
      if (granted?.held !== undefined && isHeldByAnother(state, key, granted.held)) {
        return Result.fail(new AccountHeld({ provider }))
      }
      if (existing !== undefined && granted !== undefined && existing.id !== command.newId)
        return Result.fail(new IntegrationReplaced())
      if (granted?.keeps !== undefined) {
        const kept = keptAs(key, state.integrations.get(key), granted.keeps)
        const lease = kept?.grant.lease
        if (kept === undefined || (lease !== undefined && lease.deadline > now))
          return Result.fail(new GrantNotKept())
      }
      const integration: Integration = {
        id: existing?.id ?? command.newId,
        tenantId,
        provider,
        connection,
        status: "connected",
        connectedBy,
        connectedAt: DateTime.makeUnsafe(now),
        scopes: [...(granted?.scopes ?? [])],
        credentialId,
        fields: { ...granted?.fields },
        account: granted?.account,
        problem: undefined
      }
      const grant =
        granted === undefined ? undefined : issuedGrant(granted.grant, now, granted.held)
      const former = state.integrations.get(key)
      return Result.map(recordEvent(state, publish, integration, now), () => {
        if (former !== undefined && granted?.keeps === undefined) queueGrantOf(state, former, now)
        state.integrations.set(key, { integration, grant, quarantined: undefined })
        if (credentialId !== undefined)
          state.usedCredentials.add(compositeKey(tenantId, provider, credentialId))
        return copyIntegration(integration)
      })
    }),
  swapCredential: ({ credentialId, ...integrationOf }) =>
    atomically(() => {
      const key = integrationKey(integrationOf)
      const row = state.integrations.get(key)
      if (row?.integration.status !== "connected" || row.integration.credentialId === undefined) {
        return Result.fail(new IntegrationNotFound())
      }
      const { provider, tenantId } = integrationOf
      if (!state.credentials.has(compositeKey(tenantId, provider, credentialId))) {
        return Result.fail(new CredentialNotFound())
      }
      state.usedCredentials.add(compositeKey(tenantId, provider, credentialId))
      const integration: Integration = { ...row.integration, credentialId }
      state.integrations.set(key, { ...row, integration })
      return Result.succeed(copyIntegration(integration))
    }),
  disconnect: (command) =>
    atomically((now) => {
      const key = integrationKey(command)
      const former = state.integrations.get(key)
      if (former === undefined) return Result.fail(new IntegrationNotFound())
      const existing = former.integration
      const integration: Integration = {
        ...existing,
        status: "disconnected",
        scopes: [],
        credentialId: undefined,
        fields: {},
        account: undefined,
        problem: undefined
      }
      const forgotten: IntegrationRow = { integration, grant: undefined, quarantined: undefined }
      if (existing.status === "disconnected") {
        queueGrantOf(state, former, now)
        state.integrations.set(key, forgotten)
        return Result.fail(new IntegrationNotFound())
      }
      return Result.map(recordEvent(state, command.publish, integration, now), () => {
        state.integrations.set(key, forgotten)
        queueGrantOf(state, former, now)
        const { credentialId, provider, tenantId } = existing
        if (credentialId !== undefined && !isCredentialInUse(state, tenantId, credentialId)) {
          state.credentials.delete(compositeKey(tenantId, provider, credentialId))
        }
        return copyIntegration(integration)
      })
    }),
  find: (key) =>
    atomically(() => {
      const row = state.integrations.get(integrationKey(key))
      return row === undefined
        ? Result.fail(new IntegrationNotFound())
        : Result.succeed(copyIntegration(row.integration))
    }),
  list: ({ page, provider, status, tenantId }) =>
    atomically(() => {
      const matching = [...state.integrations.values()]
        .map(({ integration }) => copyIntegration(integration))
        .filter((integration) => integration.tenantId === tenantId)
        .filter((integration) => status === undefined || integration.status === status)
        .filter((integration) => provider === undefined || integration.provider === provider)
        .toSorted(byProviderThenConnection)
      const after = page?.after
      return Result.succeed({
        items: matching
          .filter((one) => after === undefined || byProviderThenConnection(after, one) < 0)
          .slice(0, page?.limit),
        total: matching.length
      })
    }),
  grant: ({ connection, provider, tenantId }) =>
    atomically((now) => {
      const row = state.integrations.get(integrationKey({ tenantId, provider, connection }))
      if (row?.grant !== undefined)
        return Result.succeed(readGrant(row.integration, row.grant, now))
      const problem = row?.integration.problem
      return Result.fail(
        isEndReason(problem)
          ? new ReconnectRequired({ provider, reason: problem })
          : new NotConnected({ provider })
      )
    })
})
