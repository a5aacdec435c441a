import {
  ConnectionName,
  defaultName,
  type IntegrationKey,
  ownedBy,
  ProviderId,
  type SecretHash,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { freshHash, keyOf } from "../stores/fixtures.ts"
import { isUsersOwn, ownerOfLastPlace, places, tenantOf } from "./Command.ts"

/** The tenants, users, clients and accounts of one story, the same for every store that it is told to. */
export interface Cast {
  readonly tenants: ReadonlyArray<TenantId>
  readonly keys: ReadonlyArray<IntegrationKey>
  readonly provider: ProviderId
  readonly clients: ReadonlyArray<string>
  readonly accounts: ReadonlyArray<{ readonly id: string; readonly hash: SecretHash }>
  readonly users: ReadonlyArray<UserId>
  readonly subscriber: string
}

const users = ["user-ann", "user-bob", "user-cleo"].map((id) => UserId.make(id))

/** Stands where the id of a user who was erased stood. */
export const erased = UserId.make("erased")

export const newCast = (): Cast => {
  const name = crypto.randomUUID()
  const provider = ProviderId.make(`story-${name}`)
  const keys = Array.from({ length: places }, (_, place) => ({
    ...keyOf(TenantId.make(`tenant-${tenantOf(place)}-${name}`), provider),
    owner: isUsersOwn(place) ? ownedBy(users[ownerOfLastPlace] as UserId) : tenantsOwn,
    name: place === 1 ? ConnectionName.make("second") : defaultName
  }))
  return {
    tenants: [...new Set(keys.map(({ tenantId }) => tenantId))],
    keys,
    provider,
    clients: [`client-0-${name}`, `client-1-${name}`],
    accounts: ["0", "1"].map((id) => ({ id, hash: freshHash() })),
    users,
    subscriber: `subscriber-${name}`
  }
}

/** Few enough to be reached. */
export const flowLimits = { perUser: 2, perTenant: 3 }
