import {
  AccountHeld,
  type ConnectionTransfer,
  type ImportConnection,
  type Integration,
  type StoredConnection,
  type StoredCredential
} from "@hawser/core"
import { DateTime, Result } from "effect"
import { issuedGrant, readGrant } from "./grantRow.ts"
import { copyIntegration } from "./MemoryIntegrationStore.ts"
import {
  atomically,
  compositeKey,
  copyBytes,
  type Instant,
  integrationKey,
  isHeldByAnother,
  type MemoryState
} from "./MemoryState.ts"

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

type Key = Pick<Integration, "tenantId" | "provider" | "connection">

const byKey = (a: Key, b: Key): number =>
  compare(a.tenantId, b.tenantId) ||
  compare(a.provider, b.provider) ||
  compare(a.connection, b.connection)

const importedIntegration = (
  { connectedAt, connectedBy, connection, newId, provider, tenantId, ...command }: ImportConnection,
  now: Instant
): Integration => ({
  id: newId,
  tenantId,
  provider,
  connection,
  status: "connected",
  connectedBy,
  connectedAt: connectedAt ?? DateTime.makeUnsafe(now),
  scopes: command.with._tag === "Grant" ? [...command.with.scopes] : [],
  credentialId: command.with._tag === "Grant" ? undefined : command.with.credential.id,
  fields: command.with._tag === "Grant" ? { ...command.with.fields } : {},
  account: command.with._tag === "Grant" ? command.with.account : undefined,
  problem: undefined
})

/** Coming and going of connections over a shared state. */
export const makeConnectionTransfer = (state: MemoryState): ConnectionTransfer["Service"] => ({
  importConnection: (command) =>
    atomically((now) => {
      const key = integrationKey(command)
      const existing = state.integrations.get(key)
      if (existing !== undefined) return Result.succeed(copyIntegration(existing.integration))
      const held = command.with._tag === "Grant" ? command.with.held : undefined
      if (held !== undefined && isHeldByAnother(state, key, held))
        return Result.fail(new AccountHeld({ provider: command.provider }))
      const integration = importedIntegration(command, now)
      state.integrations.set(key, {
        integration,
        grant:
          command.with._tag === "Grant" ? issuedGrant(command.with.grant, now, held) : undefined,
        quarantined: undefined
      })
      if (command.with._tag === "Credential") {
        const { id, label, sealedFields } = command.with.credential
        const { connectedAt, connectedBy, provider, tenantId } = integration
        state.usedCredentials.add(compositeKey(tenantId, provider, id))
        state.credentials.set(compositeKey(tenantId, provider, id), {
          id,
          tenantId,
          provider,
          label,
          status: "unverified",
          createdBy: connectedBy,
          createdAt: connectedAt,
          sealedFields: copyBytes(sealedFields)
        })
      }
      return Result.succeed(undefined)
    }),

  exportPage: ({ after, limit }) =>
    atomically((now) => {
      const credentialOf = ({ credentialId, provider, tenantId }: Integration) =>
        credentialId === undefined
          ? undefined
          : state.credentials.get(compositeKey(tenantId, provider, credentialId))
      const connections = [...state.integrations.values()].flatMap(
        ({ grant, integration }): ReadonlyArray<StoredConnection> => {
          const copy = copyIntegration(integration)
          if (grant !== undefined)
            return [
              {
                integration: copy,
                with: { _tag: "Grant", grant: readGrant(integration, grant, now) }
              }
            ]
          const credential = credentialOf(integration)
          return credential === undefined
            ? []
            : [{ integration: copy, with: { _tag: "Credential", credential: copied(credential) } }]
        }
      )
      return Result.succeed(
        connections
          .filter(({ integration }) => after === undefined || byKey(after, integration) < 0)
          .toSorted((a, b) => byKey(a.integration, b.integration))
          .slice(0, limit)
      )
    }),

  ofProvider: ({ after, limit, provider, status }) =>
    atomically(() =>
      Result.succeed(
        [...state.integrations.values()]
          .map(({ integration }) => integration)
          .filter((one) => one.provider === provider && status.includes(one.status))
          .filter((one) => after === undefined || byKey({ ...after, provider }, one) < 0)
          .toSorted(byKey)
          .slice(0, limit)
          .map(copyIntegration)
      )
    ),

  findByAccount: ({ accountId, provider }) =>
    atomically(() =>
      Result.succeed(
        [...state.integrations.values()]
          .map(({ integration }) => integration)
          .filter((one) => one.provider === provider && one.account?.id === accountId)
          .toSorted(byKey)
          .map(({ id, status, tenantId }) => ({ tenantId, integrationId: id, status }))
      )
    )
})

const copied = (credential: StoredCredential): StoredCredential => ({
  ...credential,
  sealedFields: copyBytes(credential.sealedFields)
})
