import {
  AlreadyConnected,
  CredentialNotFound,
  type Integration,
  IntegrationNotFound,
  type IntegrationStore,
  NotConnected,
  type SealedGrant
} from "@hawser/core"
import { DateTime, Result } from "effect"
import {
  atomically,
  compositeKey,
  copyBytes,
  type Instant,
  integrationKey,
  type IntegrationRow,
  type MemoryState
} from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

const copyIntegration = (integration: Integration): Integration => ({
  ...integration,
  scopes: [...integration.scopes]
})

const copyGrant = (grant: SealedGrant): SealedGrant => ({
  ...grant,
  accessToken: copyBytes(grant.accessToken),
  refreshToken: copyBytes(grant.refreshToken)
})

const storeGrant = (grant: SealedGrant, now: Instant): IntegrationRow["grant"] => ({
  issued: copyGrant(grant),
  expiresAt: grant.expiresIn === undefined ? undefined : now + grant.expiresIn * 1000
})

// By code units: the same order everywhere, whatever the language of the machine.
const byProviderThenConnection = (a: Integration, b: Integration): number =>
  a.provider === b.provider
    ? a.connection < b.connection
      ? -1
      : 1
    : a.provider < b.provider
      ? -1
      : 1

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
      if (existing?.status === "connected") return Result.fail(new AlreadyConnected({ provider }))
      const integration: Integration = {
        id: existing?.id ?? command.newId,
        tenantId,
        provider,
        connection,
        status: "connected",
        connectedBy,
        connectedAt: DateTime.makeUnsafe(now),
        scopes: command.with._tag === "Grant" ? [...command.with.scopes] : [],
        credentialId
      }
      const grant = command.with._tag === "Grant" ? storeGrant(command.with.grant, now) : undefined
      return Result.map(recordEvent(state, publish, integration, now), () => {
        state.integrations.set(key, { integration, grant })
        return copyIntegration(integration)
      })
    }),
  disconnect: (command) =>
    atomically((now) => {
      const key = integrationKey(command)
      const existing = state.integrations.get(key)?.integration
      if (existing === undefined || existing.status === "disconnected")
        return Result.fail(new IntegrationNotFound())
      const integration: Integration = {
        ...existing,
        status: "disconnected",
        scopes: [],
        credentialId: undefined
      }
      return Result.map(recordEvent(state, command.publish, integration, now), () => {
        state.integrations.set(key, { integration, grant: undefined })
        if (existing.credentialId !== undefined) {
          state.credentials.delete(
            compositeKey(existing.tenantId, existing.provider, existing.credentialId)
          )
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
  list: ({ provider, status, tenantId }) =>
    atomically(() =>
      Result.succeed(
        [...state.integrations.values()]
          .map(({ integration }) => copyIntegration(integration))
          .filter((integration) => integration.tenantId === tenantId)
          .filter((integration) => status === undefined || integration.status === status)
          .filter((integration) => provider === undefined || integration.provider === provider)
          .toSorted(byProviderThenConnection)
      )
    ),
  grant: (key) =>
    atomically((now) => {
      const row = state.integrations.get(integrationKey(key))
      if (row?.grant === undefined || row.integration.status !== "connected") {
        return Result.fail(new NotConnected({ provider: key.provider }))
      }
      const { expiresAt, issued } = row.grant
      const { expiresIn: _, ...grant } = copyGrant(issued)
      return Result.succeed({
        ...grant,
        scopes: [...row.integration.scopes],
        expiresAt: expiresAt === undefined ? undefined : DateTime.makeUnsafe(expiresAt),
        expired: expiresAt !== undefined && expiresAt <= now
      })
    })
})
