import {
  type BoundFlow,
  type CredentialId,
  type DueGrant,
  type GrantId,
  type IntegrationId,
  type IntegrationKey,
  type ParkedFlow,
  type RefreshLease,
  type SealedGrant,
  type SecretHash,
  type StoredGrant,
  type TenantId,
  type UserId,
  keyText
} from "@hawser/core"
import { Duration } from "effect"
import { hashOf } from "../stores/fixtures.ts"
import type { Cast } from "./Cast.ts"
import { actorAt, lasts, type PreparedCommand } from "./Command.ts"
import type { Snapshot } from "./Snapshot.ts"

/** The tokens of a consent that covers both accounts. */
export interface UnchosenTokens {
  readonly flow: BoundFlow | ParkedFlow
  readonly integrationId: IntegrationId
  readonly grant: SealedGrant
}

/** A store's part of a story: what it has answered and shown, as far as a later command wants to know it. */
export class World {
  readonly cast: Cast
  readonly begun = new Map<number, SecretHash>()
  /** Burned or taken, and not parked since. */
  readonly held = new Map<number, BoundFlow | ParkedFlow>()
  readonly parked = new Map<number, SecretHash>()
  /** By flow id: the tokens that wait for a choice. */
  readonly choices = new Map<string, UnchosenTokens>()
  /** Those of flows that were taken, and not parked since. */
  readonly taken = new Map<number, ReadonlyArray<UnchosenTokens>>()
  readonly keys = new Map<string, CredentialId>()
  /** The grants that were seen last and, of another grant or generation, before that. */
  readonly grants = new Map<number, readonly [StoredGrant, StoredGrant | undefined]>()
  readonly leases = new Map<number, RefreshLease>()
  readonly due = new Map<number, DueGrant>()
  readonly revocations: Array<{
    readonly tenantId: TenantId
    readonly grant: { readonly id: GrantId }
  }> = []

  shown: Snapshot = {
    connections: [],
    grants: [],
    credentials: [],
    quarantined: [],
    foreign: [],
    events: []
  }

  constructor(cast: Cast) {
    this.cast = cast
  }

  key(place: number): IntegrationKey {
    return this.cast.keys[place] as IntegrationKey
  }

  placeOf(key: IntegrationKey): number {
    const wanted = keyText(key)
    return this.cast.keys.findIndex((one) => keyText(one) === wanted)
  }

  isOwn = ({ tenantId }: { readonly tenantId: TenantId }): boolean =>
    this.cast.tenants.includes(tenantId)

  used(place: number) {
    const [grant] = this.grants.get(place) ?? []
    return grant && { ...this.key(place), grantId: grant.id, generation: grant.generation }
  }

  grantOf(
    { ids, sealed }: PreparedCommand,
    client: number,
    refreshable: boolean,
    account?: number
  ): SealedGrant {
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
      clientFingerprint: this.cast.clients[client] as string,
      grantSubject: this.accountOf(account)?.id
    }
  }

  /** Of a person who is neither of the accounts. */
  unchosen(prepared: PreparedCommand, flow: BoundFlow | ParkedFlow): UnchosenTokens {
    const grant = this.grantOf(prepared, 0, true)
    return {
      flow,
      integrationId: prepared.ids.integration,
      grant: { ...grant, grantSubject: "person" }
    }
  }

  /** Takes out of the hand what the flow's last taking has brought, or what `of` says. */
  letGo(flow: number, of?: BoundFlow | ParkedFlow): UnchosenTokens | undefined {
    const held = this.taken.get(flow) ?? []
    const tokens = of === undefined ? held.at(-1) : held.find((one) => one.flow === of)
    this.taken.set(
      flow,
      held.filter((one) => one !== tokens)
    )
    return tokens
  }

  take(flow: number, tokens: UnchosenTokens): void {
    this.taken.set(flow, [...(this.taken.get(flow) ?? []), tokens])
  }

  accountOf = (account: number | undefined) => {
    const id = account === undefined ? undefined : this.cast.accounts[account]?.id
    return id === undefined ? undefined : { id, label: undefined }
  }

  heldAccount = (account: number | undefined, isHeld: boolean) =>
    isHeld && account !== undefined ? this.cast.accounts[account]?.hash : undefined

  user = (place: number): UserId => this.cast.users[actorAt(place)] as UserId

  /** The keyed hash of a user of the tenant of this place. */
  userHash = (place: number, userId: UserId): Uint8Array => hashOf(this.key(place).tenantId, userId)

  noticeGrant(place: number, grant: StoredGrant): void {
    const [last, before] = this.grants.get(place) ?? []
    const isSame = last?.id === grant.id && last.generation === grant.generation
    this.grants.set(place, [grant, isSame ? before : last])
  }
}
