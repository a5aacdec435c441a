import {
  type GrantId,
  type Integration,
  type IntegrationId,
  keyText,
  owningUser
} from "@hawser/core"
import { Duration } from "effect"
import { Hex } from "effect/encoding"
import {
  actorAt,
  isUsersOwn,
  lasts,
  ownerOfLastPlace,
  places,
  type PreparedCommand,
  tenantOf
} from "./Command.ts"
import type { Answer } from "./Answer.ts"
import { type Cast, flowLimits } from "./Cast.ts"
import type { SeenGrant, Snapshot } from "./Snapshot.ts"

/**
 * What every store promises, whatever it is told. Nothing here knows a store or the rules that a store runs: it is said of what
 * was told, what was answered and what can be read.
 */

/** One command that was told, and what came back. */
interface Said {
  readonly prepared: PreparedCommand
  readonly answer: Answer
}

/** One command, or some at once, between two looks at the store. */
export interface Turn {
  readonly said: ReadonlyArray<Said>
  readonly before: Snapshot
  readonly after: Snapshot
  /** Minutes of the story. */
  readonly now: number
}

interface TenantUser {
  readonly tenant: number
  readonly user: number
}

interface PendingFlow extends TenantUser {
  /** For a connection of a user's own. */
  readonly isUsers: boolean
  readonly sealed: string
  readonly endsAt: number
}

type Connection = Snapshot["connections"][number][number]

const minutes = Duration.toMinutes
/** Ten minutes, a share of a half, three tenants: of three in all the third is one too many. */
const brakeWindow = 10
const dayInMinutes = 24 * 60

/** These say that nothing was done. */
const isRefusal = ({ tag }: Answer): boolean =>
  !["done", "live", "expired", "Acquired", "Ended"].includes(tag)

const isEndReason = (problem: Integration["problem"]): boolean =>
  problem !== undefined &&
  ["refresh_failed", "refresh_interrupted", "revoked", "token_expired"].includes(problem)

const connectionsOf = ({ connections }: Snapshot): ReadonlyArray<Connection> => connections.flat()

const readable = (snapshot: Snapshot): string => JSON.stringify({ ...snapshot, events: [] })

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const firstOf = ({ value }: Answer): string | undefined =>
  Array.isArray(value) && typeof value[0] === "string" ? value[0] : undefined

const values = ({ value }: Answer): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** What a story has shown so far, as far as promises about a later turn want to know it. */
export class Oracle {
  readonly #cast: Cast
  readonly #published = new Set<string>()
  readonly #received = new Set<string>()
  readonly #burned = new Set<string>()
  readonly #pending = new Map<string, PendingFlow>()
  readonly #parked = new Map<string, PendingFlow>()
  /** By flow id: the tokens that wait for the choice of an account, and until when. */
  readonly #choices = new Map<string, { readonly grant: GrantId; readonly endsAt: number }>()
  /** The tokens of consents that cover both accounts, of which none was chosen. */
  readonly #unchosen = new Set<GrantId>()
  /** Burned or taken last. */
  readonly #heldFlows = new Map<number, PendingFlow>()
  readonly #leases = new Map<GrantId, { readonly fence: number; readonly until: number }>()
  readonly #fences = new Map<GrantId, number>()
  /** By grant and generation: what it was, and since when. */
  readonly #tokens = new Map<string, readonly [SeenGrant, number]>()
  readonly #generations = new Map<GrantId, number>()
  /** Since when a grant has its first tokens: what is ended at once is seen only if it is restored. */
  readonly #issuedAt = new Map<GrantId, number>()
  readonly #held = new Map<GrantId, number>()
  readonly #clients = new Map<GrantId, number>()
  /** By connection: the grant that was in use last. */
  readonly #lastGrant = new Map<IntegrationId, GrantId>()
  #ended: ReadonlyArray<{
    readonly grant: GrantId
    readonly client: number
    readonly tenant: number
    readonly at: number
  }> = []
  /** Grants that were in use or waited, and are to be revoked since this minute. */
  readonly #leftAt = new Map<GrantId, number>()
  /** Those that go nowhere: replaced by tokens that keep theirs, expired, revoked or given up. */
  readonly #over = new Set<GrantId>()
  /** Clients whose brake may have gone on: what was refused meanwhile is believed later. */
  readonly #braked = new Set<number>()
  /** By tenant and user. */
  readonly #barred = new Map<
    string,
    { readonly reason: "erased" | "suspended"; readonly until: number }
  >()
  /** Tenants in which what the owner of the last place has is suspended, and not resumed since. */
  readonly #suspended = new Set<number>()
  /** Commands at once may have come in any order, so that what flows wait is not known any more. */
  #knowsFlows = true

  constructor(cast: Cast) {
    this.#cast = cast
  }

  /** Fails with the promises that a turn breaks. */
  check(turn: Turn): void {
    for (const { prepared } of turn.said)
      for (const id of [prepared.ids.event, prepared.ids.secondEvent]) this.#published.add(id)
    this.#learnGrants(turn)
    this.#learnBars(turn)
    const broken = [
      ...this.#always(turn),
      ...(turn.said.length === 1 ? turn.said.flatMap((said) => this.#alone(turn, said)) : [])
    ].flatMap(([promise, isKept]) => (isKept ? [] : [promise]))
    if (broken.length > 0) throw new BrokenPromise(broken, turn)
    this.#learn(turn)
  }

  #placeOf = (connection: Connection): number =>
    this.#cast.keys.findIndex((key) => keyText(key) === keyText(connection))

  #at = (snapshot: Snapshot, place: number): Connection | undefined =>
    connectionsOf(snapshot).find((one) => this.#placeOf(one) === place)

  #grantAt = ({ grants }: Snapshot, place: number): SeenGrant | undefined => {
    const grant = grants[place]
    return typeof grant === "string" ? undefined : grant
  }

  /** The grant that a connection is made with, if it can be read or is its owner's who is suspended. */
  #usedAt = (snapshot: Snapshot, place: number): GrantId | undefined => {
    const one = this.#at(snapshot, place)
    return snapshot.grants[place] === "Misconfigured: owner_suspended" && one !== undefined
      ? this.#lastGrant.get(one.id)
      : this.#grantAt(snapshot, place)?.id
  }

  /** Why nothing may be written for a user. */
  #barrier = ({ tenant, user }: TenantUser, now: number): "erased" | "suspended" | undefined => {
    const barred = this.#barred.get(`${tenant} ${user}`)
    return barred !== undefined && barred.until > now ? barred.reason : undefined
  }

  /** In whose name a command writes, if it does. */
  #actorOf = ({ answer, prepared: { command } }: Said): TenantUser | undefined => {
    if (command._tag === "Park")
      return answer.tag === "nothing" ? undefined : this.#heldFlows.get(command.flow)
    if (!("place" in command) || !usersCommands.has(command._tag)) return undefined
    if (answer.tag === "nothing") return undefined
    const user =
      command._tag === "Start"
        ? command.user
        : command._tag === "Reauthorize"
          ? 0
          : actorAt(command.place)
    return { tenant: tenantOf(command.place), user }
  }

  #isRefusedAsBarred = (said: Said, now: number): boolean => {
    const actor = this.#actorOf(said)
    const barrier = actor && this.#barrier(actor, now)
    // A suspended user's connections may still be ended.
    const isBarred =
      barrier === "erased" ||
      (barrier === "suspended" && said.prepared.command._tag !== "Disconnect")
    return actor === undefined || isBarred === (said.answer.tag === "Forbidden")
  }

  /** The ids of grants that are in use or wait in quarantine. */
  #alive = (snapshot: Snapshot): ReadonlyArray<GrantId> => [
    ...snapshot.grants.flatMap((_, place) => this.#usedAt(snapshot, place) ?? []),
    ...snapshot.quarantined.flatMap(({ integrationId }) => this.#lastGrant.get(integrationId) ?? [])
  ]

  /** A grant as it was seen first with these tokens, and since when it has them. */
  #known = (grant: SeenGrant, now: number): readonly [SeenGrant, number] =>
    this.#tokens.get(`${grant.id} ${grant.generation}`) ?? [
      grant,
      grant.generation === 1 ? (this.#issuedAt.get(grant.id) ?? now) : now
    ]

  #hasNoTwins = (connections: ReadonlyArray<Connection>): boolean => {
    // The same id at another host, which a region or the like names, is another account.
    const accounts = connections.flatMap(({ account, fields, owner, provider, status, tenantId }) =>
      status === "disconnected" || account === undefined
        ? []
        : [JSON.stringify([tenantId, owner, provider, account.id, fields])]
    )
    return new Set(accounts).size === accounts.length
  }

  /** Promises about whatever is told, at once or not. */
  #always = (turn: Turn): ReadonlyArray<readonly [promise: string, isKept: boolean]> => {
    const { after, now, said } = turn
    const connections = connectionsOf(after)
    const keys = connections.map(keyText)
    const answers = (tag: string) => said.filter(({ prepared }) => prepared.command._tag === tag)
    const used = [...answers("Burn"), ...answers("TakeParked")].flatMap(({ answer }) =>
      values(answer).slice(0, 1)
    )
    const eventIds = after.events.map(({ id }) => id)
    const acquired = answers("Acquire").filter(({ answer }) => answer.tag === "Acquired")
    const claimed = answers("ClaimRevocations").flatMap(({ answer }) =>
      values(answer).flatMap((one) => (Array.isArray(one) ? [one[0] as GrantId] : []))
    )
    const holders = this.#alive(after).flatMap((id) => this.#held.get(id) ?? [])
    return [
      ["one connection for each key", new Set(keys).size === keys.length],
      ["an owner is connected with an account once", this.#hasNoTwins(connections)],
      [
        "no tenant reads another's",
        after.foreign.every((count) => count === 0) &&
          after.connections.every((list, tenant) =>
            list.every(({ tenantId }) => tenantId === this.#cast.tenants[tenant])
          ) &&
          after.events.every(({ data, tenantId }) =>
            connections.every((one) => one.id !== data.integrationId || one.tenantId === tenantId)
          )
      ],
      ["what is connected has what it is connected with", this.#isWhole(after)],
      ["what is ended has no tokens", this.#isEmptyWhereEnded(after)],
      [
        "what a suspended user owns is neither read nor leased, and nothing else is suspended",
        this.#isClosedWhereSuspended(turn)
      ],
      [
        "an event is one that a command published, and comes once",
        new Set(eventIds).size === eventIds.length &&
          eventIds.every((id) => this.#published.has(id) && !this.#received.has(id))
      ],
      [
        "a state is used once, and so is a parked response",
        new Set(used).size === used.length && used.every((hash) => !this.#burned.has(String(hash)))
      ],
      [
        "a lease has one holder",
        acquired.every(({ answer }) => {
          const [id, fence] = values(answer) as [GrantId, number]
          const lease = this.#leases.get(id)
          const isReleased = said.some(
            (other) =>
              other.prepared.command._tag !== "Acquire" && this.#releases(other, turn).includes(id)
          )
          return (
            fence > (this.#fences.get(id) ?? 0) &&
            (lease === undefined || lease.until <= now || isReleased) &&
            acquired.filter((other) => values(other.answer)[0] === id).length === 1
          )
        })
      ],
      [
        "generations only rise, and tokens change with them alone",
        after.grants.every((grant) => {
          if (typeof grant === "string") return true
          const [known, since] = this.#known(grant, now)
          return (
            grant.generation >= (this.#generations.get(grant.id) ?? 1) &&
            grant.accessToken === known.accessToken &&
            grant.refreshToken === known.refreshToken &&
            grant.expired === now - since >= minutes(lasts.accessToken)
          )
        })
      ],
      ["what one may hold is held by one", new Set(holders).size === holders.length],
      ["what is alive is not revoked", claimed.every((id) => !this.#alive(after).includes(id))]
    ]
  }

  #isClosedWhereSuspended = ({ after, now, said }: Turn): boolean => {
    const last = places - 1
    const owner = { tenant: tenantOf(last), user: ownerOfLastPlace }
    return (
      (this.#barrier(owner, now) !== "suspended" ||
        (this.#grantAt(after, last) === undefined &&
          said.every(
            ({ answer, prepared: { command } }) =>
              command._tag !== "Acquire" || command.place !== last || answer.tag !== "Acquired"
          ))) &&
      connectionsOf(after).every(
        (one) =>
          one.isSuspended !== true ||
          (this.#placeOf(one) === last && this.#suspended.has(owner.tenant))
      )
    )
  }

  #isWhole = (after: Snapshot): boolean =>
    connectionsOf(after).every((one) => {
      if (one.status === "disconnected") return true
      if (one.isSuspended === true && one.credentialId === undefined)
        return this.#usedAt(after, this.#placeOf(one)) !== undefined
      const grant = this.#grantAt(after, this.#placeOf(one))
      const isProblem = one.problem !== undefined && !isEndReason(one.problem)
      const credentials = after.credentials[tenantOf(this.#placeOf(one))] ?? []
      return (
        isProblem === (one.status === "error") &&
        (one.credentialId === undefined
          ? grant !== undefined &&
            same(grant.scopes, one.scopes) &&
            same(grant.fields, one.fields) &&
            grant.accountId === one.account?.id
          : grant === undefined && credentials.some(({ id }) => id === one.credentialId))
      )
    })

  #isEmptyWhereEnded = (after: Snapshot): boolean =>
    after.grants.every((grant, place) => {
      const one = this.#at(after, place)
      if (one === undefined) return grant === "NotConnected"
      if (one.status !== "disconnected") return true
      const why = isEndReason(one.problem) ? `ReconnectRequired: ${one.problem}` : "NotConnected"
      return (
        grant === why &&
        one.credentialId === undefined &&
        one.scopes.length === 0 &&
        same(one.fields, {}) &&
        (one.problem !== undefined || one.account === undefined)
      )
    }) &&
    after.quarantined.every(({ integrationId, reason }) =>
      connectionsOf(after).some(
        ({ id, problem, status }) =>
          id === integrationId && status === "disconnected" && problem === reason
      )
    )

  /** Promises about a command that nothing else was told at once with. */
  #alone = (
    turn: Turn,
    { answer, prepared }: Said
  ): ReadonlyArray<readonly [promise: string, isKept: boolean]> => {
    const { after, before, now } = turn
    const { command } = prepared
    const place = "place" in command ? command.place : undefined
    const [was, is] =
      place === undefined
        ? [undefined, undefined]
        : [this.#at(before, place), this.#at(after, place)]
    const forgetsEnded = command._tag === "Disconnect" && was?.status === "disconnected"
    const isDone = answer.tag === "done"
    const connects =
      command._tag === "Connect" || command._tag === "Choose" || command._tag === "ConnectKey"
    const grantBefore = place === undefined ? undefined : this.#grantAt(before, place)
    const grantAfter = place === undefined ? undefined : this.#grantAt(after, place)
    const tenant = place === undefined ? -1 : tenantOf(place)
    return [
      [
        "what is refused writes nothing",
        !isRefusal(answer) || forgetsEnded || readable(before) === readable(after)
      ],
      ["an event if and only if a write", this.#eventsAreThoseOf(turn, { answer, prepared })],
      [
        "what is connected is connected over only by who reauthorizes it",
        !connects ||
          !isDone ||
          was?.status !== "connected" ||
          ((command._tag === "Choose" || command._tag === "Connect") && command.reauthorizes)
      ],
      [
        "another account never takes the place of one that is remembered",
        was?.account === undefined || is?.account === undefined || was.account.id === is.account.id
      ],
      ["a connection keeps its id", was === undefined || is === undefined || was.id === is.id],
      [
        "flows wait up to the limit, and no more",
        command._tag !== "Start" || !this.#knowsFlows || this.#mayStart(command, answer, now, was)
      ],
      [
        "nothing is written in the name of who is barred, and nobody else is refused as barred",
        this.#isRefusedAsBarred({ answer, prepared }, now)
      ],
      [
        "a connection has the scopes that were granted last",
        (command._tag !== "Connect" || !isDone || same(is?.scopes, command.scopes)) &&
          (command._tag !== "Renew" ||
            values(answer)[0] !== true ||
            same(is?.scopes, command.scopes))
      ],
      [
        "a flow is given out as it was begun, with whether its time is over",
        command._tag !== "Burn" || !this.#knowsFlows || this.#isAsBegun(answer, now)
      ],
      [
        "the worker finds each choice that nobody made in time",
        command._tag !== "RevokeAbandoned" ||
          [...this.#choices.values()].every(
            ({ endsAt, grant }) => endsAt > now || values(answer).includes(grant)
          )
      ],
      [
        "a consent is not revoked while one of its accounts is live through the same client",
        command._tag !== "ClaimRevocations" || this.#sparesLive(after, values(answer))
      ],
      [
        "the third tenant that a client is refused for within ten minutes is not ended",
        answer.tag !== "Ended" || this.#mayEnd(values(answer)[1] as GrantId, tenant, turn)
      ],
      [
        "an access token ends a connection after its time only, and one that can be refreshed never",
        command._tag !== "Expire" ||
          was?.status === is?.status ||
          (grantBefore?.expired === true && grantBefore.refreshToken === undefined)
      ],
      [
        "what is restored is what was ended",
        command._tag !== "Restore" ||
          answer.value !== true ||
          (was?.status === "disconnected" &&
            is?.connectedBy === was.connectedBy &&
            grantAfter?.id === (this.#lastGrant.get(was.id) ?? grantAfter?.id))
      ],
      [
        "a user who was erased is nowhere",
        command._tag !== "EraseUser" || this.#isNowhere(after, tenant, command.user)
      ],
      [
        "of a tenant that is removed nothing stays but what is connected",
        command._tag !== "RemoveTenant" ||
          ((after.connections[tenant] ?? []).every(({ status }) => status !== "disconnected") &&
            (after.credentials[tenant] ?? []).every(({ id }) =>
              (after.connections[tenant] ?? []).some(({ credentialId }) => credentialId === id)
            ))
      ],
      [
        "an API key goes with the last connection that is made with it",
        command._tag !== "Disconnect" ||
          !isDone ||
          was?.credentialId === undefined ||
          (after.connections[tenant] ?? []).some(
            ({ credentialId }) => credentialId === was.credentialId
          ) === (after.credentials[tenant] ?? []).some(({ id }) => id === was.credentialId)
      ]
    ]
  }

  #sparesLive = (after: Snapshot, claimed: ReadonlyArray<unknown>): boolean => {
    const live = connectionsOf(after).flatMap((one) =>
      one.account === undefined ? [] : (this.#usedAt(after, this.#placeOf(one)) ?? [])
    )
    const clients = new Set(live.map((id) => this.#clients.get(id)))
    return claimed.every((one) => {
      const [id, , isShared] = one as [GrantId, number, boolean]
      return isShared || !this.#unchosen.has(id) || !clients.has(this.#clients.get(id))
    })
  }

  /** What a user owns goes with its connection, which is ended by another command. */
  #isNowhere = (after: Snapshot, tenant: number, user: number): boolean => {
    const userId = this.#cast.users[user]
    const connections = after.connections[tenant] ?? []
    const own = connections.filter(({ owner }) => owningUser(owner) === userId)
    return (
      own.every(({ status }) => status !== "disconnected") &&
      connections.every((one) => one.connectedBy !== userId || own.includes(one)) &&
      (after.credentials[tenant] ?? []).every(
        ({ createdBy, id }) =>
          createdBy !== userId || own.some(({ credentialId }) => credentialId === id)
      )
    )
  }

  /** The events of each connection are those of what can be read of it before and after, in order. */
  #eventsAreThoseOf = (
    { after, before }: Turn,
    { answer, prepared: { command } }: Said
  ): boolean => {
    const place = "place" in command ? command.place : undefined
    const isSilent = ["Import", "ImportKey", "RemoveTenant", "EraseUser"].includes(command._tag)
    const connects =
      answer.tag === "done" && ["Choose", "Connect", "ConnectKey"].includes(command._tag)
    const expected = this.#cast.keys.flatMap((_, at): ReadonlyArray<string> => {
      const [was, is] = [this.#at(before, at), this.#at(after, at)]
      if (isSilent || is === undefined) return []
      if (connects && at === place) return ["integration.connected"]
      const from = was?.status ?? "disconnected"
      const isSameGrant = this.#grantAt(before, at)?.id === this.#grantAt(after, at)?.id
      const moves =
        from !== "disconnected" &&
        is.status !== "disconnected" &&
        isSameGrant &&
        !same(was?.fields, is.fields)
      const changed =
        from === is.status
          ? []
          : is.status === "disconnected"
            ? ["integration.disconnected"]
            : is.status === "error"
              ? ["integration.error"]
              : from === "error"
                ? ["integration.recovered"]
                : ["integration.connected"]
      return [...changed, ...(moves ? ["integration.moved"] : [])]
    })
    // That it was told before is not to be seen.
    const told = after.events.filter(
      ({ event }) => command._tag !== "TellExpiry" || event !== "integration.expiring"
    )
    return same(
      told.map(({ event }) => event),
      expected
    )
  }

  #waiting = (now: number): ReadonlyArray<PendingFlow> =>
    [...this.#pending.values(), ...this.#parked.values()].filter(({ endsAt }) => endsAt > now)

  #mayStart = (
    command: { readonly place: number; readonly user: number },
    { tag }: Answer,
    now: number,
    connection: Connection | undefined
  ): boolean => {
    if (tag === "Forbidden") return true
    if (connection?.status === "connected") return tag === "AlreadyConnected"
    const ofTenant = this.#waiting(now).filter(({ tenant }) => tenant === tenantOf(command.place))
    const ofUser = ofTenant.filter(({ user }) => user === command.user)
    // Flows for users' own connections are counted apart.
    const ofKind = ofTenant.filter(({ isUsers }) => isUsers === isUsersOwn(command.place))
    const isFull = ofKind.length >= flowLimits.perTenant || ofUser.length >= flowLimits.perUser
    return tag === (isFull ? "TooManyPendingFlows" : "done")
  }

  #isAsBegun = (answer: Answer, now: number): boolean => {
    const hash = firstOf(answer)
    if (hash === undefined) return true
    const begun = this.#pending.get(hash)
    return (
      begun !== undefined &&
      begun.sealed === values(answer)[1] &&
      (answer.tag === "expired") === begun.endsAt <= now
    )
  }

  /** What was refused counts as long as its tokens wait in quarantine. */
  #mayEnd = (grant: GrantId, tenant: number, { before, now }: Turn): boolean => {
    const client = this.#clients.get(grant)
    if (client === undefined || this.#braked.has(client)) return true
    const waiting = before.quarantined.map(({ integrationId }) =>
      this.#lastGrant.get(integrationId)
    )
    const others = this.#ended.filter(
      (one) =>
        one.client === client &&
        one.tenant !== tenant &&
        now - one.at < brakeWindow &&
        waiting.includes(one.grant)
    )
    return new Set(others.map((one) => one.tenant)).size < 2
  }

  /** The grants whose lease a command may have given back. */
  #releases = (
    { answer, prepared: { command } }: Said,
    { before }: Turn
  ): ReadonlyArray<GrantId> => {
    const given = values(answer)
    const heldAs = (id: GrantId, fence: unknown) =>
      this.#leases.get(id)?.fence === fence ? [id] : []
    if (command._tag === "Defer") return heldAs(given[0] as GrantId, given[1])
    if (command._tag === "Renew" || command._tag === "End") {
      const isWritten = command._tag === "Renew" ? given[0] === true : answer.tag !== "Superseded"
      return isWritten ? heldAs(given[1] as GrantId, given[2]) : []
    }
    if (
      command._tag === "MarkRevoked" ||
      command._tag === "Disconnect" ||
      command._tag === "Choose" ||
      command._tag === "Connect"
    ) {
      const id = this.#usedAt(before, command.place)
      return id === undefined ? [] : [id]
    }
    return []
  }

  /** What of grants is known before a turn is judged: whose they are, from what was told. */
  #learnGrants({ now, said }: Turn): void {
    for (const { prepared } of said) {
      const { command, ids } = prepared
      if (command._tag === "Park") this.#clients.set(ids.grant, 0)
      if (command._tag !== "Connect" && command._tag !== "Import") continue
      this.#clients.set(ids.grant, command.client)
      this.#issuedAt.set(ids.grant, now)
      if (command.isHeld && command.account !== undefined)
        this.#held.set(ids.grant, command.account)
    }
  }

  /** Who is barred is known before a turn is judged: what bars is never told at once with what is refused for it. */
  #learnBars({ now, said }: Turn): void {
    for (const { command } of said.map(({ prepared }) => prepared)) {
      if (command._tag === "RemoveTenant")
        for (const user of this.#cast.users.keys())
          this.#barred.delete(`${tenantOf(command.place)} ${user}`)
      if (!("user" in command) || command._tag === "Start") continue
      const who = { tenant: tenantOf(command.place), user: command.user }
      const barrier = this.#barrier(who, now)
      const key = `${who.tenant} ${who.user}`
      const owns = who.user === ownerOfLastPlace && who.tenant === tenantOf(places - 1)
      if (command._tag === "EraseUser")
        this.#barred.set(key, { reason: "erased", until: now + minutes(lasts.tombstone) })
      if (command._tag === "SuspendUser" && barrier !== "erased") {
        this.#barred.set(key, { reason: "suspended", until: Infinity })
        if (owns) this.#suspended.add(who.tenant)
      }
      if (command._tag === "ResumeUser") {
        if (barrier === "suspended") this.#barred.delete(key)
        if (owns) this.#suspended.delete(who.tenant)
      }
    }
  }

  #learn(turn: Turn): void {
    const { after, before, now, said } = turn
    for (const { id } of after.events) this.#received.add(id)
    for (const one of said) for (const id of this.#releases(one, turn)) this.#leases.delete(id)
    for (const one of said) this.#learnAnswer(one, turn)
    const isAlive = new Set(this.#alive(after))
    for (const id of this.#alive(before)) if (!isAlive.has(id)) this.#leftAt.set(id, now)
    for (const grant of after.grants) {
      if (typeof grant === "string") continue
      this.#generations.set(grant.id, grant.generation)
      this.#tokens.set(`${grant.id} ${grant.generation}`, this.#known(grant, now))
    }
    for (const connection of connectionsOf(after)) {
      const grant = this.#grantAt(after, this.#placeOf(connection))
      if (grant !== undefined) this.#lastGrant.set(connection.id, grant.id)
    }
    // Which of two that were told at once came last is not to be seen where nothing is left in use.
    if (said.length > 1)
      for (const connection of connectionsOf(after))
        if (this.#usedAt(after, this.#placeOf(connection)) === undefined)
          this.#lastGrant.delete(connection.id)
    if (
      said.length > 1 &&
      said.some(({ prepared }) => touchesFlows.includes(prepared.command._tag))
    )
      this.#knowsFlows = false
    if (said.length > 1 && said.some(({ prepared }) => prepared.command._tag === "End"))
      for (const client of this.#cast.clients.keys()) this.#braked.add(client)
  }

  #learnAnswer({ answer, prepared }: Said, { after, before, now }: Turn): void {
    const { command, hashes, sealed } = prepared
    const given = values(answer)
    switch (command._tag) {
      case "Start":
      case "Reauthorize":
        if (answer.tag === "done")
          this.#pending.set(Hex.encode(hashes[0]), {
            tenant: tenantOf(command.place),
            isUsers: isUsersOwn(command.place),
            user: command._tag === "Start" ? command.user : 0,
            sealed: Hex.encode(sealed[0]),
            endsAt: now + minutes(lasts.flow)
          })
        return
      case "Burn": {
        const hash = firstOf(answer)
        if (hash === undefined) return
        const begun = this.#pending.get(hash)
        this.#burned.add(hash)
        this.#pending.delete(hash)
        this.#hold(command.flow, begun)
        return
      }
      case "Park": {
        const begun = this.#heldFlows.get(command.flow)
        if (answer.tag === "done" && begun !== undefined)
          this.#parked.set(Hex.encode(hashes[0]), {
            ...begun,
            endsAt: now + minutes(lasts.parked)
          })
        if (answer.tag === "done" && command.as === "choosing")
          this.#choices.set(Hex.encode(hashes[0]), {
            grant: answer.value as GrantId,
            endsAt: now + minutes(lasts.parked)
          })
        return
      }
      case "TakeParked": {
        const hash = firstOf(answer)
        if (hash === undefined) return
        const begun = this.#parked.get(hash)
        this.#burned.add(hash)
        this.#parked.delete(hash)
        this.#choices.delete(hash)
        this.#hold(command.flow, begun)
        return
      }
      case "Choose":
      case "LeaveChoice":
      case "RevokeAbandoned":
        if (command._tag === "Choose" && answer.tag === "done") return
        for (const id of given as ReadonlyArray<GrantId>) {
          this.#leftAt.set(id, now)
          this.#unchosen.add(id)
        }
        for (const [hash, { grant }] of this.#choices)
          if (given.includes(grant)) this.#choices.delete(hash)
        return
      case "Acquire": {
        const [id, fence] = given as [GrantId, number]
        if (answer.tag !== "Acquired") return
        this.#leases.set(id, { fence, until: now + minutes(lasts.lease) })
        this.#fences.set(id, fence)
        return
      }
      case "End": {
        const id = given[1] as GrantId
        const client = this.#clients.get(id)
        if (client === undefined) return
        if (answer.tag === "Braked") this.#braked.add(client)
        if (answer.tag === "Ended")
          this.#ended = [
            ...this.#ended,
            { grant: id, client, tenant: tenantOf(command.place), at: now }
          ]
        return
      }
      case "ReleaseBrake":
        this.#ended = this.#ended.filter(({ client }) => client !== command.client)
        return
      case "RemoveTenant":
      case "EraseUser":
        for (const flows of [this.#pending, this.#parked])
          for (const [hash, { tenant, user }] of flows)
            if (
              tenant === tenantOf(command.place) &&
              (command._tag === "RemoveTenant" || user === command.user)
            )
              flows.delete(hash)
        return
      case "Connect": {
        const former = this.#grantAt(before, command.place)
        const current = this.#grantAt(after, command.place)
        if (
          former !== undefined &&
          current?.id === prepared.ids.grant &&
          former.refreshToken === current.refreshToken
        )
          this.#over.add(former.id)
        return
      }
      case "Expire": {
        const former = this.#usedAt(before, command.place)
        if (former !== undefined && this.#usedAt(after, command.place) === undefined)
          this.#over.add(former)
        return
      }
      case "RemoveRevocation":
        if (answer.tag === "done") this.#over.add(answer.value as GrantId)
        return
      case "ClaimDue":
      case "ClaimRevocations":
      case "ClearWithdrawal":
      case "ConnectKey":
      case "Defer":
      case "DeleteKey":
      case "Disconnect":
      case "Enqueue":
      case "GiveUp":
      case "Import":
      case "ImportKey":
      case "MarkRevoked":
      case "NoteWithdrawal":
      case "PostponeDue":
      case "PostponeRevocation":
      case "Renew":
      case "Restore":
      case "ResumeUser":
      case "StoreKey":
      case "SuspendUser":
      case "SwapKey":
      case "SweepEvents":
      case "SweepFlows":
      case "SweepKeys":
      case "SweepQuarantine":
      case "TellExpiry":
        return
    }
  }

  /** Remembers what was burned or taken last, and forgets a flow that the oracle lost sight of. */
  #hold(flow: number, begun: PendingFlow | undefined): void {
    if (begun === undefined) this.#heldFlows.delete(flow)
    else this.#heldFlows.set(flow, begun)
  }

  /** Everything was disconnected, every tenant removed, and what is to be revoked was claimed. */
  checkEnd(after: Snapshot, claimed: ReadonlyArray<unknown>, now: number): void {
    const wanted = [...this.#leftAt].flatMap(([id, at]) =>
      now - at < dayInMinutes && !this.#over.has(id) ? [id] : []
    )
    const broken = [
      ...(wanted.every((id) => claimed.includes(id))
        ? []
        : ["tokens that are kept no longer are on their way to be revoked"]),
      ...(after.connections.flat().length + after.credentials.flat().length === 0
        ? []
        : ["of a tenant that is removed nothing stays"])
    ]
    if (broken.length > 0) throw new BrokenPromise(broken, { said: [], before: after, after, now })
  }
}

/** What a user does, and not a worker or an operator. */
const usersCommands: ReadonlySet<string> = new Set([
  "Choose",
  "Start",
  "Reauthorize",
  "Connect",
  "ConnectKey",
  "Disconnect",
  "Import",
  "ImportKey",
  "StoreKey",
  "SwapKey"
])

const touchesFlows: ReadonlyArray<string> = [
  "Start",
  "Reauthorize",
  "Burn",
  "Park",
  "TakeParked",
  "RemoveTenant",
  "EraseUser"
]

export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise"
  readonly promises: ReadonlyArray<string>

  constructor(promises: ReadonlyArray<string>, turn: Turn) {
    super(
      `${promises.join("; ")}\n${JSON.stringify(
        {
          said: turn.said.map(({ answer, prepared }) => ({ told: prepared.command, answer })),
          before: turn.before,
          after: turn.after
        },
        undefined,
        1
      )}`
    )
    this.promises = promises
  }
}
