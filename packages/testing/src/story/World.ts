import {
  type BurnedFlow,
  type ConnectedWith,
  ConnectionName,
  ConnectionStore,
  type CredentialId,
  CredentialStore,
  defaultConnection,
  type DueGrant,
  EventBus,
  type GrantId,
  type Integration,
  type IntegrationEvent,
  type IntegrationId,
  type IntegrationKey,
  Maintenance,
  OAuthStateStore,
  ProviderId,
  type QuarantinedGrant,
  type RefreshLease,
  type SealedGrant,
  type SecretHash,
  type StoredGrant,
  type Stores,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { Hex } from "effect/encoding"
import { assumeBound, freshHash, keyOf, newFlow } from "../stores/fixtures.ts"
import { dueOf, system } from "../stores/grants.ts"
import { outcomesOf } from "../stores/subscriber.ts"
import { lasts, places, tenantOf, type PreparedCommand } from "./Command.ts"

/** Who is who in one story, the same for every store that it is told to. */
export interface Cast {
  readonly tenants: ReadonlyArray<TenantId>
  readonly keys: ReadonlyArray<IntegrationKey>
  readonly provider: ProviderId
  readonly clients: ReadonlyArray<string>
  readonly accounts: ReadonlyArray<{ readonly id: string; readonly hash: SecretHash }>
  readonly users: ReadonlyArray<UserId>
  readonly subscriber: string
}

const erased = UserId.make("erased")

export const newCast = (): Cast => {
  const name = crypto.randomUUID()
  const provider = ProviderId.make(`story-${name}`)
  const keys = Array.from({ length: places }, (_, place) => ({
    ...keyOf(TenantId.make(`tenant-${tenantOf(place)}-${name}`), provider),
    connection: place === 1 ? ConnectionName.make("second") : defaultConnection
  }))
  return {
    tenants: [...new Set(keys.map(({ tenantId }) => tenantId))],
    keys,
    provider,
    clients: [`client-0-${name}`, `client-1-${name}`],
    accounts: ["0", "1"].map((id) => ({ id, hash: freshHash() })),
    users: [UserId.make("user-ann"), UserId.make("user-bob")],
    subscriber: `subscriber-${name}`
  }
}

/** What a command answered: one word, and what else of it is the same in every store. */
export interface Answer {
  readonly tag: string
  readonly value?: unknown
}

export interface SeenGrant {
  readonly id: GrantId
  readonly generation: number
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly dpopKey: string | undefined
  readonly scopes: ReadonlyArray<string>
  readonly fields: StoredGrant["fields"]
  readonly accountId: string | undefined
  readonly expired: boolean
  readonly withdrawal: StoredGrant["withdrawal"]
}

interface SeenEvent extends Pick<IntegrationEvent, "id" | "event" | "tenantId"> {
  readonly data: { readonly integrationId: IntegrationId }
}

/** All that can be read of the story's world through the services, without instants. */
export interface Snapshot {
  /** By tenant, as they are listed. */
  readonly connections: ReadonlyArray<
    ReadonlyArray<Omit<Integration, "connectedAt"> & { readonly connectedAt: undefined }>
  >
  /** By place: the grant, or why there is none. */
  readonly grants: ReadonlyArray<SeenGrant | string>
  /** By tenant. */
  readonly credentials: ReadonlyArray<
    ReadonlyArray<{ readonly id: CredentialId; readonly createdBy: UserId }>
  >
  readonly quarantined: ReadonlyArray<
    Pick<QuarantinedGrant, "tenantId" | "integrationId" | "reason">
  >
  /** How many of a tenant's API keys another tenant can read. */
  readonly foreign: number
  /** Since the snapshot before. */
  readonly events: ReadonlyArray<SeenEvent>
}

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Hex.encode(bytes)

const seen = (grant: StoredGrant): SeenGrant => ({
  id: grant.id,
  generation: grant.generation,
  accessToken: Hex.encode(grant.accessToken),
  refreshToken: hex(grant.refreshToken),
  dpopKey: hex(grant.dpopKey),
  scopes: grant.scopes,
  fields: grant.fields,
  accountId: grant.accountId,
  expired: grant.expired,
  withdrawal: grant.withdrawal
})

const withoutInstants = (event: IntegrationEvent): SeenEvent => ({
  id: event.id,
  event: event.event,
  tenantId: event.tenantId,
  data: { ...event.data, ...(event.event === "integration.expiring" && { expiresAt: undefined }) }
})

const leaseOf = ({ fence, grant }: RefreshLease) => [grant.id, Number(fence)] as const

const nothing: Answer = { tag: "nothing" }
const done: Answer = { tag: "done" }

/** A store's part of a story: what it has answered, and what it is told next because of that. */
export class World {
  readonly cast: Cast
  readonly #begun = new Map<number, SecretHash>()
  readonly #burned = new Map<number, BurnedFlow>()
  readonly #parked = new Map<number, SecretHash>()
  readonly #keys = new Map<string, CredentialId>()
  /** The grants that were seen last and, of another grant or generation, before that. */
  readonly #grants = new Map<number, readonly [StoredGrant, StoredGrant | undefined]>()
  readonly #leases = new Map<number, RefreshLease>()
  readonly #due = new Map<number, DueGrant>()
  readonly #revocations: Array<{
    readonly tenantId: TenantId
    readonly grant: { readonly id: GrantId }
  }> = []

  constructor(cast: Cast) {
    this.cast = cast
  }

  #key(place: number): IntegrationKey {
    return this.cast.keys[place] as IntegrationKey
  }

  #placeOf(key: IntegrationKey): number {
    return this.cast.keys.findIndex(
      ({ connection, tenantId }) => connection === key.connection && tenantId === key.tenantId
    )
  }

  #isOwn = ({ tenantId }: { readonly tenantId: TenantId }): boolean =>
    this.cast.tenants.includes(tenantId)

  #used(place: number) {
    const [grant] = this.#grants.get(place) ?? []
    return grant && { ...this.#key(place), grantId: grant.id, generation: grant.generation }
  }

  #grantOf({ ids, sealed }: PreparedCommand, client: number, refreshable: boolean): SealedGrant {
    return {
      id: ids.grant,
      accessToken: sealed[0],
      refreshToken: refreshable ? sealed[1] : undefined,
      dpopKey: sealed[2],
      tokenType: "bearer",
      expiresIn: Duration.toSeconds(lasts.accessToken),
      dueIn: Duration.toSeconds(lasts.due),
      refreshExpiresIn: refreshable ? Duration.toSeconds(lasts.refreshToken) : undefined,
      refreshNoticeIn: refreshable ? Duration.toSeconds(lasts.notice) : undefined,
      clientFingerprint: this.cast.clients[client] as string
    }
  }

  #accountOf = (account: number | undefined) => {
    const id = account === undefined ? undefined : this.cast.accounts[account]?.id
    return id === undefined ? undefined : { id, label: undefined }
  }

  #heldAccount = (account: number | undefined, isHeld: boolean) =>
    isHeld && account !== undefined ? this.cast.accounts[account]?.hash : undefined

  #user = (place: number): UserId => this.cast.users[place % 2] as UserId

  #connect = Effect.fnUntraced(
    { self: this },
    function* (this: World, { ids }: PreparedCommand, place: number, connectedWith: ConnectedWith) {
      const key = this.#key(place)
      const store = yield* ConnectionStore
      const found = yield* Effect.option(store.find(key))
      const connectedBy = this.#user(place)
      return store
        .connect({
          ...key,
          newId: Option.match(found, { onNone: () => ids.integration, onSome: ({ id }) => id }),
          connectedBy,
          with: connectedWith,
          publish: { id: ids.event, event: "integration.connected", connectedBy }
        })
        .pipe(Effect.map(({ id }): Answer => ({ tag: "done", value: id })))
    }
  )

  /** What a command does with what is known by now: commands at once know nothing of each other. */
  bind = Effect.fnUntraced({ self: this }, function* (this: World, prepared: PreparedCommand) {
    const run = yield* this.#bind(prepared)
    return run.pipe(
      Effect.catch((error) =>
        error._tag === "StorageUnavailable"
          ? Effect.die(error)
          : Effect.succeed<Answer>({ tag: error._tag })
      )
    )
  })

  #bind = Effect.fnUntraced(
    { self: this },
    function* (
      this: World,
      prepared: PreparedCommand
    ): Effect.fn.Return<Effect.Effect<Answer, { readonly _tag: string }, Stores>, never, Stores> {
      const { command, hashes, ids, sealed } = prepared
      const store = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const flows = yield* OAuthStateStore
      const credentials = yield* CredentialStore
      const bus = yield* EventBus
      const as = (effect: Effect.Effect<unknown, { readonly _tag: string }>) =>
        Effect.as(effect, done)
      const disconnected = {
        id: ids.event,
        event: "integration.disconnected" as const,
        disconnectedBy: system,
        reason: "refresh_failed" as const
      }
      switch (command._tag) {
        case "Start":
        case "Reauthorize": {
          const key = this.#key(command.place)
          const user = command._tag === "Start" ? command.user : 0
          this.#begun.set(command.flow, hashes[0])
          const flow = newFlow(key.tenantId, {
            ...key,
            userId: this.cast.users[user] as UserId,
            reauthorizes: command._tag === "Reauthorize",
            stateHash: hashes[0],
            browserHash: hashes[1],
            sealedSecrets: sealed[0]
          })
          return as(flows.start(flow, { lifetime: lasts.flow, limits: flowLimits }))
        }
        case "Burn": {
          const stateHash = this.#begun.get(command.flow) ?? hashes[0]
          return Effect.map(
            flows.burn(stateHash),
            Option.match({
              onNone: () => ({ tag: "none" }),
              onSome: (burned): Answer => {
                this.#burned.set(command.flow, burned)
                return {
                  tag: burned.expired ? "expired" : "live",
                  value: [hex(burned.stateHash), hex(burned.sealedSecrets)]
                }
              }
            })
          )
        }
        case "Park": {
          const burned = this.#burned.get(command.flow)
          if (burned === undefined) return Effect.succeed(nothing)
          this.#burned.delete(command.flow)
          this.#parked.set(command.flow, hashes[0])
          return as(
            flows.park(assumeBound(burned), {
              flowIdHash: hashes[0],
              sealedResponse: sealed[0],
              lifetime: lasts.parked
            })
          )
        }
        case "TakeParked":
          return Effect.map(
            flows.takeParked(this.#parked.get(command.flow) ?? hashes[0]),
            Option.match({
              onNone: () => ({ tag: "none" }),
              onSome: (taken): Answer => ({
                tag: taken.expired ? "expired" : "live",
                value: [hex(taken.flowIdHash), hex(taken.sealedResponse), taken.userId]
              })
            })
          )
        case "Connect": {
          const [former] = this.#grants.get(command.place) ?? []
          const keeps = command.keeps && former?.refreshToken !== undefined ? former : undefined
          const grant = this.#grantOf(prepared, command.client, command.refreshable)
          return yield* this.#connect(prepared, command.place, {
            _tag: "Grant",
            grant: keeps === undefined ? grant : { ...grant, refreshToken: keeps.refreshToken },
            scopes: ["read"],
            fields: {},
            account: this.#accountOf(command.account),
            reauthorizes: command.reauthorizes,
            heldAccount: this.#heldAccount(command.account, command.isHeld),
            keeps: keeps && { id: keeps.id, generation: keeps.generation }
          })
        }
        case "Import":
          return this.#answerImport(
            maintenance.importConnection({
              ...this.#key(command.place),
              newId: ids.integration,
              connectedBy: this.#user(command.place),
              connectedAt: undefined,
              with: {
                _tag: "Grant",
                grant: this.#grantOf(prepared, command.client, true),
                scopes: ["read"],
                fields: {},
                account: this.#accountOf(command.account),
                heldAccount: this.#heldAccount(command.account, command.isHeld)
              }
            })
          )
        case "StoreKey":
        case "ImportKey": {
          const { place } = command
          const key = this.#key(place)
          const isImport = command._tag === "ImportKey"
          const id = ids.credential
          if (!isImport) this.#keys.set(`${tenantOf(place)} ${command.key}`, id)
          const createdBy = this.#user(place)
          return isImport
            ? this.#answerImport(
                maintenance.importConnection({
                  ...key,
                  newId: ids.integration,
                  connectedBy: createdBy,
                  connectedAt: undefined,
                  with: {
                    _tag: "Credential",
                    credential: { id, label: undefined, sealedFields: sealed[0] }
                  }
                })
              )
            : as(
                credentials.insert({
                  id,
                  tenantId: key.tenantId,
                  provider: key.provider,
                  label: undefined,
                  status: "validated",
                  createdBy,
                  sealedFields: sealed[0]
                })
              )
        }
        case "ConnectKey":
        case "SwapKey":
        case "DeleteKey": {
          const { place } = command
          const key = this.#key(place)
          const credentialId = this.#keys.get(`${tenantOf(place)} ${command.key}`) ?? ids.credential
          if (command._tag === "ConnectKey")
            return yield* this.#connect(prepared, place, { _tag: "Credential", credentialId })
          return as(
            command._tag === "SwapKey"
              ? store.swapCredential({ ...key, credentialId })
              : credentials.delete({ ...key, id: credentialId })
          )
        }
        case "Disconnect":
          return as(
            store.disconnect({
              ...this.#key(command.place),
              publish: {
                id: ids.event,
                event: "integration.disconnected",
                disconnectedBy: this.#user(command.place),
                reason: "user"
              }
            })
          )
        case "MarkRevoked":
          return Effect.map(
            store.markRevoked(this.#key(command.place), {
              quarantine: lasts.quarantine,
              publish: { ...disconnected, reason: "revoked" }
            }),
            (value) => ({ tag: "done", value })
          )
        case "Restore":
          return Effect.map(
            maintenance.restore(this.#key(command.place), {
              id: ids.event,
              event: "integration.connected"
            }),
            (value) => ({ tag: "done", value })
          )
        case "Acquire": {
          const [now, before] = this.#grants.get(command.place) ?? []
          const grant = command.stale ? (before ?? now) : now
          if (grant === undefined) return Effect.succeed(nothing)
          return Effect.map(
            store.acquireLease({
              ...this.#key(command.place),
              grantId: grant.id,
              generation: grant.generation,
              owner: "worker",
              clientVersion: grant.clientFingerprint,
              lease: lasts.lease
            }),
            (acquisition): Answer => {
              if (acquisition._tag !== "Acquired") return { tag: acquisition._tag }
              const { failures, interrupted } = acquisition.lease
              this.#leases.set(command.place, acquisition.lease)
              return {
                tag: "Acquired",
                value: [...leaseOf(acquisition.lease), grant.generation, interrupted, failures]
              }
            }
          )
        }
        case "Renew": {
          const lease = this.#leases.get(command.place)
          if (lease === undefined) return Effect.succeed(nothing)
          const { dpopKey: _, ...tokens } = this.#grantOf(prepared, 0, true)
          return Effect.map(
            store.renewGrant(lease, {
              tokens,
              scopes: ["read", "write"],
              publish: { id: ids.event, event: "integration.recovered" },
              moves: command.moves
                ? {
                    fields: { region: ids.grant },
                    dpopKey: sealed[2],
                    publish: { id: ids.secondEvent, event: "integration.moved" }
                  }
                : undefined
            }),
            (isStored) => ({ tag: "done", value: [isStored, ...leaseOf(lease)] })
          )
        }
        case "Defer": {
          const lease = this.#leases.get(command.place)
          if (lease === undefined) return Effect.succeed(nothing)
          return Effect.as(
            store.deferRefresh(lease, {
              retryIn: lasts.retry,
              problem: "provider_unavailable",
              ambiguous: command.ambiguous,
              publish: {
                id: ids.event,
                event: "integration.error",
                error: "provider_unavailable"
              }
            }),
            { tag: "done", value: leaseOf(lease) }
          )
        }
        case "End": {
          const lease = this.#leases.get(command.place)
          if (lease === undefined) return Effect.succeed(nothing)
          return Effect.map(
            store.endGrant(lease, {
              reason: "refresh_failed",
              quarantine: lasts.quarantine,
              publish: disconnected
            }),
            (ending): Answer => ({
              tag: ending._tag,
              value: [ending._tag === "Braked" && ending.first, ...leaseOf(lease)]
            })
          )
        }
        case "ClaimDue":
          return Effect.map(
            maintenance.claimDueGrants({ limit: everything, hold: lasts.hold }),
            (due): Answer => {
              const own = due.filter(this.#isOwn)
              for (const one of own) this.#due.set(this.#placeOf(one), one)
              return {
                tag: "done",
                value: own
                  .map((one) => [one.grant.id, one.expiryTold, one.refreshEndsSoon])
                  .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))
              }
            }
          )
        case "PostponeDue":
        case "TellExpiry":
        case "Expire": {
          const key = this.#key(command.place)
          const [grant] = this.#grants.get(command.place) ?? []
          const due = this.#due.get(command.place) ?? (grant && dueOf(key, grant))
          if (due === undefined) return Effect.succeed(nothing)
          if (command._tag === "PostponeDue") return as(maintenance.postponeGrant(due, lasts.retry))
          return as(
            command._tag === "Expire"
              ? maintenance.expireGrant(due, disconnected)
              : maintenance.tellExpiry(due, { id: ids.event, event: "integration.expiring" })
          )
        }
        case "NoteWithdrawal": {
          const used = this.#used(command.place)
          if (used === undefined) return Effect.succeed(nothing)
          return Effect.map(
            store.noteWithdrawal(used, {
              isProven: command.isProven,
              publish: { id: ids.event, event: "integration.error", error: "grant_revoked" }
            }),
            (value) => ({ tag: "done", value })
          )
        }
        case "ClearWithdrawal": {
          const used = this.#used(command.place)
          if (used === undefined) return Effect.succeed(nothing)
          return as(store.clearWithdrawal(used, { id: ids.event, event: "integration.recovered" }))
        }
        case "ReleaseBrake":
          return as(maintenance.releaseBrake(this.cast.clients[command.client] as string))
        case "Enqueue": {
          const key = this.#key(command.place)
          const [stored] = this.#grants.get(command.place) ?? []
          if (!command.late && stored === undefined) return Effect.succeed(nothing)
          const grant =
            command.late || stored === undefined ? this.#grantOf(prepared, 0, true) : stored
          return as(
            store.enqueueRevocation({
              ...key,
              owner: tenantsOwn,
              integrationId: stored?.integrationId ?? ids.integration,
              grant,
              fields: {},
              account: undefined
            })
          )
        }
        case "ClaimRevocations":
          return Effect.map(
            maintenance.claimRevocations({ limit: everything, hold: lasts.hold }),
            (claimed): Answer => {
              const own = claimed
                .filter(this.#isOwn)
                .toSorted((a, b) => (a.grant.id < b.grant.id ? -1 : 1))
              this.#revocations.splice(0, this.#revocations.length, ...own)
              return {
                tag: "done",
                value: own.map(({ attempt, grant, shared }) => [grant.id, attempt, shared])
              }
            }
          )
        case "RemoveRevocation":
        case "PostponeRevocation": {
          const revocation = this.#revocations[command.revocation]
          if (revocation === undefined) return Effect.succeed(nothing)
          return Effect.as(
            command._tag === "RemoveRevocation"
              ? maintenance.removeRevocation(revocation)
              : maintenance.postponeRevocation(revocation, lasts.retry),
            { tag: "done", value: revocation.grant.id }
          )
        }
        case "RemoveTenant":
          return Effect.map(
            maintenance.removeTenant(this.#key(command.place).tenantId),
            (value) => ({
              tag: "done",
              value
            })
          )
        case "EraseUser":
          return Effect.map(
            maintenance.eraseUser({
              tenantId: this.#key(command.place).tenantId,
              userId: this.cast.users[command.user] as UserId,
              by: erased
            }),
            // How many of the events are still kept is for the sweeps to say.
            ({ credentials: keys, flows: begun, integrations: connections }) => ({
              tag: "done",
              value: [keys, begun, connections]
            })
          )
        // How many there were is of other tenants too.
        case "SweepFlows":
          return as(flows.sweep)
        case "SweepKeys":
          return as(credentials.sweepUnused(lasts.unusedKey))
        case "SweepQuarantine":
          return as(maintenance.sweepQuarantine)
        case "GiveUp":
          return Effect.map(maintenance.giveUpRevocations, (given) => ({
            tag: "done",
            value: given.filter(this.#isOwn).length
          }))
        case "SweepEvents":
          return as(bus.sweep(Duration.zero))
      }
    }
  )

  #answerImport = (imported: Effect.Effect<Integration | undefined, { readonly _tag: string }>) =>
    Effect.map(imported, (existing): Answer => ({
      tag: existing === undefined ? "done" : "there",
      value: existing?.id
    }))

  #look = Effect.fnUntraced(
    { self: this },
    function* (this: World) {
      const { keys, provider, subscriber, tenants } = this.cast
      const store = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const maintenance = yield* Maintenance
      const connections: Array<Snapshot["connections"][number]> = []
      const stored: Array<Snapshot["credentials"][number]> = []
      let foreign = 0
      for (const tenantId of tenants) {
        const { items } = yield* store.list({
          tenantId,
          status: undefined,
          provider: undefined
        })
        connections.push(items.map((one) => ({ ...one, connectedAt: undefined })))
        const { items: keysOfTenant } = yield* credentials.list({ tenantId, provider })
        const other = tenants.find((one) => one !== tenantId) as TenantId
        for (const { id } of keysOfTenant)
          foreign += yield* credentials.find({ tenantId: other, provider, id }).pipe(
            Effect.as(1),
            Effect.catchTag("CredentialNotFound", () => Effect.succeed(0))
          )
        stored.push(
          keysOfTenant
            .map(({ createdBy, id }) => ({ id, createdBy }))
            // Two of one instant are ordered by id, and two stores' instants differ.
            .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        )
      }
      const seenGrants: Array<SeenGrant | string> = []
      for (const [place, key] of keys.entries()) {
        const found = yield* store.grant(key).pipe(
          Effect.catchTags({
            NotConnected: ({ _tag }) => Effect.succeed(_tag),
            ReconnectRequired: ({ _tag, reason }) => Effect.succeed(`${_tag}: ${reason}`)
          })
        )
        if (typeof found !== "string") this.#notice(place, found)
        seenGrants.push(typeof found === "string" ? found : seen(found))
      }
      const snapshot: Snapshot = {
        connections,
        grants: seenGrants,
        credentials: stored,
        quarantined: (yield* maintenance.quarantined({ provider, tenantId: undefined }))
          .map(({ integrationId, reason, tenantId }) => ({ tenantId, integrationId, reason }))
          .toSorted((a, b) => (a.integrationId < b.integrationId ? -1 : 1)),
        foreign,
        events: yield* this.#receive(subscriber)
      }
      return snapshot
    },
    Effect.orDie
  )

  /** Reads all that is to be seen. */
  look = Effect.suspend(this.#look)

  #notice(place: number, grant: StoredGrant): void {
    const [last, before] = this.#grants.get(place) ?? []
    const isSame = last?.id === grant.id && last.generation === grant.generation
    this.#grants.set(place, [grant, isSame ? before : last])
  }

  #receive = Effect.fnUntraced({ self: this }, function* (this: World, subscriber: string) {
    const bus = yield* EventBus
    const events: Array<SeenEvent> = []
    while (true) {
      const claimed = yield* bus.claim(subscriber, { limit: 1000, lease: lasts.lease })
      if (Option.isNone(claimed)) return events
      const claim = claimed.value
      yield* bus.settle(claim, outcomesOf(claim))
      for (const { event } of claim.deliveries) {
        if (this.#isOwn(event)) events.push(withoutInstants(event))
      }
    }
  })
}

/** Few enough to be reached. */
export const flowLimits = { perUser: 2, perTenant: 3 }

const everything = 1_000_000
