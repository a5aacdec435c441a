import type { TenantId } from "../model/index.ts"
import { setBounded } from "./setBounded.ts"

/** How many requests one server gets at once as one client. */
export interface SlotLimits {
  readonly least: number
  /** Until it is known how the server does. */
  readonly first: number
  readonly most: number
}

/** One tenant gets a quarter of the slots at most, however many grants it has. */
const tenantShare = 4
/** How many tenants have to fail before it is the server's failure: as for the breaker. */
const enoughTenants = 3
/** Answers take longer when their median is twice what it was at best, and by more than this: milliseconds. */
const leastRise = 100

/** A slot that is held or waited for. */
export interface Slot {
  readonly tenantId: TenantId
  state: "held" | "waiting" | "left"
  /** Called once it is held. */
  begin: () => void
}

/** What is known of a server while nobody asks it. */
interface Learned {
  readonly limit: number
  readonly ceiling: number
  readonly best: number
}

/** What a tenant met last in this round of answers. */
interface Answer {
  readonly failed: boolean
  readonly milliseconds: number
}

/**
 * The slots of one server. Like the windows of TCP (RFC 5681): they double while every answer comes in time and somebody waits,
 * halve when the server fails, lose a quarter when its answers take longer, and then grow one by one.
 *
 * Answers are counted by tenant: one tenant whose requests all fail takes no slots from the others.
 */
export class ServerSlots {
  readonly #limits: SlotLimits
  #limit: number
  /** Above this they no longer double. */
  #ceiling: number
  /** The lowest median so far, in milliseconds; it rises slowly, because servers move. */
  #best: number
  #held = 0
  readonly #heldOf = new Map<TenantId, number>()
  /** In the order of whose turn it is. */
  readonly #waiting = new Map<TenantId, Array<Slot>>()
  /** Of the present round. */
  #answers = 0
  readonly #met = new Map<TenantId, Answer>()

  constructor(
    limits: SlotLimits,
    { best, ceiling, limit }: Learned = {
      limit: limits.first,
      ceiling: limits.most,
      best: Infinity
    }
  ) {
    this.#limits = limits
    this.#limit = limit
    this.#ceiling = ceiling
    this.#best = best
  }

  get learned(): Learned {
    return { limit: this.#limit, ceiling: this.#ceiling, best: this.#best }
  }

  get isIdle(): boolean {
    return this.#held === 0 && this.#waiting.size === 0
  }

  /** Takes a slot, or a place among those who wait for one. */
  enter(tenantId: TenantId): Slot {
    const slot: Slot = { tenantId, state: "waiting", begin: () => undefined }
    if (this.#isFreeFor(tenantId)) {
      this.#hold(slot)
      return slot
    }
    const others = this.#waiting.get(tenantId)
    if (others === undefined) this.#waiting.set(tenantId, [slot])
    else others.push(slot)
    return slot
  }

  /** Gives it back, or no longer waits for it. */
  leave(slot: Slot): void {
    const { state, tenantId } = slot
    slot.state = "left"
    if (state === "held") {
      this.#held -= 1
      const left = (this.#heldOf.get(tenantId) ?? 0) - 1
      if (left > 0) this.#heldOf.set(tenantId, left)
      else this.#heldOf.delete(tenantId)
      this.#next()
    }
    if (state === "waiting") this.#forget(slot)
  }

  answered(tenantId: TenantId, answer: Answer): void {
    this.#met.set(tenantId, answer)
    this.#answers += 1
    if (answer.failed && this.#isFailing()) return this.#resize(this.#limit / 2)
    if (this.#answers < this.#limit) return
    const times = [...this.#met.values()].map(({ milliseconds }) => milliseconds)
    const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0
    const isSlower = median > 2 * this.#best && median > this.#best + leastRise
    this.#best = Math.min(median, this.#best * 1.05)
    if (isSlower) return this.#resize((this.#limit * 3) / 4)
    const isFull = this.#held >= this.#limit && this.#waiting.size > 0
    const grown = !isFull
      ? this.#limit
      : this.#limit < this.#ceiling
        ? Math.min(this.#limit * 2, this.#ceiling)
        : this.#limit + 1
    this.#begin(grown)
  }

  /** Three tenants and half of those of this round, or all of fewer than three. */
  #isFailing(): boolean {
    const met = [...this.#met.values()]
    const failing = met.filter(({ failed }) => failed).length
    return failing >= Math.min(enoughTenants, met.length) && failing * 2 >= met.length
  }

  #resize(limit: number): void {
    this.#ceiling = Math.max(this.#limits.least, Math.floor(limit))
    this.#begin(this.#ceiling)
  }

  /** A round of answers, with so many slots. */
  #begin(limit: number): void {
    this.#limit = Math.min(limit, this.#limits.most)
    this.#answers = 0
    this.#met.clear()
    while (this.#next());
  }

  #isFreeFor(tenantId: TenantId): boolean {
    const share = Math.max(1, Math.floor(this.#limit / tenantShare))
    return this.#held < this.#limit && (this.#heldOf.get(tenantId) ?? 0) < share
  }

  #hold(slot: Slot): void {
    slot.state = "held"
    this.#held += 1
    this.#heldOf.set(slot.tenantId, (this.#heldOf.get(slot.tenantId) ?? 0) + 1)
  }

  /** Gives a free slot to the tenant whose turn it is. Returns false if there is none for anybody. */
  #next(): boolean {
    if (this.#held >= this.#limit) return false
    for (const [tenantId, [slot]] of this.#waiting) {
      if (slot === undefined || !this.#isFreeFor(tenantId)) continue
      const others = this.#forget(slot)
      if (others !== undefined) {
        this.#waiting.delete(tenantId)
        this.#waiting.set(tenantId, others)
      }
      this.#hold(slot)
      slot.begin()
      return true
    }
    return false
  }

  /** The others of its tenant that wait; undefined if there are none. */
  #forget(slot: Slot): Array<Slot> | undefined {
    const others = this.#waiting.get(slot.tenantId)?.filter((one) => one !== slot) ?? []
    if (others.length === 0) {
      this.#waiting.delete(slot.tenantId)
      return undefined
    }
    this.#waiting.set(slot.tenantId, others)
    return others
  }
}

/** The slots of each server, which exist while they are in use or waited for. What was learned of it is kept longer. */
export const makeServers = (limits: SlotLimits) => {
  const servers = new Map<string, ServerSlots>()
  const learned = new Map<string, Learned>()
  return {
    of: (key: string): ServerSlots => {
      const there = servers.get(key)
      if (there !== undefined) return there
      const made = new ServerSlots(limits, learned.get(key))
      servers.set(key, made)
      return made
    },
    leave: (key: string, server: ServerSlots, slot: Slot): void => {
      server.leave(slot)
      if (!server.isIdle) return
      servers.delete(key)
      setBounded(learned, key, server.learned)
    }
  }
}
