import {
  ConnectionStore,
  CredentialStore,
  EventBus,
  type IntegrationEvent,
  Maintenance,
  type StoredGrant,
  type TenantId
} from "@hawser/core"
import { Effect, Option } from "effect"
import { Hex } from "effect/encoding"
import { outcomesOf } from "../stores/subscriber.ts"
import { type Command, lasts, tenantOf } from "./Command.ts"
import type { SeenEvent, SeenGrant, Snapshot } from "./Snapshot.ts"
import type { World } from "./World.ts"

/** By number: the tenants whose part of the world is read. What is shown of the others is what was read last. */
export type Reads = ReadonlyArray<number>

export const everything: Reads = [0, 1, 2]

/** The tenants of whom something that can be read may be another after a command. Events are read after each. */
export const changedBy = (command: Command): Reads => {
  switch (command._tag) {
    case "Start":
    case "Reauthorize":
    case "Burn":
    case "Park":
    case "TakeParked":
    case "Acquire":
    case "ClaimDue":
    case "PostponeDue":
    case "TellExpiry":
    case "ReleaseBrake":
    case "Enqueue":
    case "ClaimRevocations":
    case "LeaveChoice":
    case "RevokeAbandoned":
    case "RemoveRevocation":
    case "PostponeRevocation":
    case "SweepFlows":
    case "SweepEvents":
    case "GiveUp":
      return []
    case "SweepKeys":
    case "SweepQuarantine":
      return everything
    case "Choose":
    case "Connect":
    case "Import":
    case "StoreKey":
    case "ImportKey":
    case "ConnectKey":
    case "SwapKey":
    case "DeleteKey":
    case "Disconnect":
    case "MarkRevoked":
    case "Restore":
    case "Renew":
    case "Defer":
    case "End":
    case "Expire":
    case "NoteWithdrawal":
    case "ClearWithdrawal":
    case "RemoveTenant":
    case "EraseUser":
    case "SuspendUser":
    case "ResumeUser":
      return [tenantOf(command.place)]
  }
}

export const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Hex.encode(bytes)

const seen = (grant: StoredGrant): SeenGrant => ({
  id: grant.id,
  generation: grant.generation,
  accessToken: Hex.encode(grant.accessToken),
  refreshToken: hex(grant.refreshToken),
  dpopKey: hex(grant.dpopKey),
  scopes: grant.scopes,
  fields: grant.fields,
  accountId: grant.account?.id,
  expired: grant.expired,
  withdrawal: grant.withdrawal
})

const withoutInstants = (event: IntegrationEvent): SeenEvent => ({
  id: event.id,
  event: event.event,
  tenantId: event.tenantId,
  data: { ...event.data, ...(event.event === "integration.expiring" && { expiresAt: undefined }) }
})

const readTenant = Effect.fnUntraced(function* ({ cast }: World, tenantId: TenantId) {
  const { provider, tenants } = cast
  const store = yield* ConnectionStore
  const credentials = yield* CredentialStore
  const { items } = yield* store.list({
    tenantId,
    owners: "all"
  })
  const owners = [...new Set(cast.keys.map(({ owner }) => owner))]
  const ofOwners = yield* Effect.forEach(owners, (owner) =>
    credentials.list({ tenantId, owner, provider })
  )
  const keys = ofOwners.flatMap(({ items: own }) => own)
  const other = tenants.find((one) => one !== tenantId) as TenantId
  let foreign = 0
  for (const { id, owner } of keys)
    for (const wrong of [
      { tenantId: other, owner },
      ...owners.filter((one) => one !== owner).map((one) => ({ tenantId, owner: one }))
    ])
      foreign += yield* credentials.find({ ...wrong, provider, id }).pipe(
        Effect.as(1),
        Effect.catchTag("CredentialNotFound", () => Effect.succeed(0))
      )
  return {
    connections: items.map((one) => ({ ...one, connectedAt: undefined })),
    credentials: keys
      .map(({ createdBy, id }) => ({ id, createdBy }))
      // Two of one instant are ordered by id, and two stores' instants differ.
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    foreign
  }
})

const readGrant = Effect.fnUntraced(function* (world: World, place: number) {
  const store = yield* ConnectionStore
  const found = yield* store.grant(world.key(place)).pipe(
    Effect.catchTags({
      NotConnected: ({ _tag }) => Effect.succeed(_tag),
      Misconfigured: ({ _tag, reason }) => Effect.succeed(`${_tag}: ${reason}`),
      ReconnectRequired: ({ _tag, reason }) => Effect.succeed(`${_tag}: ${reason}`)
    })
  )
  if (typeof found === "string") return found
  world.noticeGrant(place, found)
  return seen(found)
})

const readQuarantine = Effect.fnUntraced(function* ({ cast: { provider } }: World) {
  const maintenance = yield* Maintenance
  const waiting = yield* maintenance.quarantined({ provider, tenantId: undefined })
  return waiting
    .map(({ integrationId, reason, tenantId }) => ({ tenantId, integrationId, reason }))
    .toSorted((a, b) => (a.integrationId < b.integrationId ? -1 : 1))
})

const mostEvents = 1000

const receive = Effect.fnUntraced(function* ({ cast: { subscriber }, isOwn }: World) {
  const bus = yield* EventBus
  const events: Array<SeenEvent> = []
  while (true) {
    const claimed = yield* bus.claim(subscriber, { limit: mostEvents, lease: lasts.lease })
    if (Option.isNone(claimed)) return events
    const claim = claimed.value
    yield* bus.settle(claim, outcomesOf(claim))
    for (const { event } of claim.deliveries) if (isOwn(event)) events.push(withoutInstants(event))
    if (claim.deliveries.length < mostEvents) return events
  }
})

/** Reads what is to be seen of some tenants, and adds what was read of the others before. */
export const look = Effect.fnUntraced(function* (world: World, reads: Reads) {
  const { keys, tenants } = world.cast
  const read = yield* Effect.forEach(tenants, (tenantId, tenant) =>
    reads.includes(tenant) ? readTenant(world, tenantId) : Effect.undefined
  )
  const grants = yield* Effect.forEach(keys, (_, place) =>
    reads.includes(tenantOf(place)) ? readGrant(world, place) : Effect.undefined
  )
  const last = world.shown
  const snapshot: Snapshot = {
    connections: read.map((one, tenant) => one?.connections ?? last.connections[tenant] ?? []),
    grants: grants.map((one, place) => one ?? last.grants[place] ?? "NotConnected"),
    credentials: read.map((one, tenant) => one?.credentials ?? last.credentials[tenant] ?? []),
    quarantined: reads.length === 0 ? last.quarantined : yield* readQuarantine(world),
    foreign: read.map((one, tenant) => one?.foreign ?? last.foreign[tenant] ?? 0),
    events: yield* receive(world)
  }
  world.shown = snapshot
  return snapshot
}, Effect.orDie)
