import type { TenantId } from "../model/index.ts"
import { setBounded } from "./setBounded.ts"

/** How long an answer counts for its server, in milliseconds. */
const window = 60_000
/** If this many tenants meet failures, the server is at fault, and not one tenant's account. */
const enoughTenants = 3
/** The longest that a breaker stays open, and the longest that one tenant waits because the server asked, in seconds. */
const longestOpening = 60
const longestRetryAfter = 900
/** The share of its backoff after which an opening may end. */
export const shortestJitter = 0.75
/** The wait to report, in milliseconds, if the tenant's own trial request or enough of others' are under way already. */
const findingOut = 1_000

/** The outcome of one request, for the breaker of its server. */
interface ServerAdmission {
  readonly healthy: (now: number) => void
  /** True if this failure opened the breaker. `retryAfter` in seconds; `jitter` shortens the backoff, from `shortestJitter` to 1. */
  readonly failed: (now: number, retryAfter: number, jitter: number) => boolean
  readonly nothingSent: () => void
}

/** Which servers fail, and for which tenants. Times are milliseconds of Effect's clock. */
export interface ServerHealth {
  /** Milliseconds that this tenant must wait; 0 for none. */
  readonly remainingWait: (server: string, tenantId: TenantId, now: number) => number
  /** Admits a request, or returns the milliseconds to wait. */
  readonly admit: (server: string, tenantId: TenantId, now: number) => ServerAdmission | number
}

interface Server {
  /** The last outcome of each tenant of the last minute, the oldest first. */
  readonly met: Map<TenantId, { readonly at: number; readonly failed: boolean }>
  failing: number
  /** Until when the server asked single tenants to wait. */
  readonly asked: Map<string, number>
  /** How often the breaker opened since the last good answer; 0 while it is closed. */
  openings: number
  openUntil: number
  /** When tenants without a failure may send a trial request: before those with one, which could otherwise take every turn. */
  othersFrom: number
  /** Tenants whose trial request is under way. */
  readonly finding: Set<TenantId>
}

/**
 * A circuit breaker for each server that counts tenants. It opens when three tenants, and half of those of the last minute,
 * met failures; if fewer than three tenants asked, when all of them did. The tenant that asks is counted too, so one tenant
 * alone never blocks another. After the backoff, three tenants send one trial request each.
 */
export const makeServerHealth = (): ServerHealth => {
  const servers = new Map<string, Server>()

  const refusal = (server: Server, tenantId: TenantId, now: number): number => {
    const asked = server.asked.get(tenantId) ?? 0
    if (isAhead(asked, longestRetryAfter, now)) return asked - now
    server.asked.delete(tenantId)
    if (server.openings === 0) return 0
    forget(server, now)
    const last = server.met.get(tenantId)
    const until = last?.failed === true ? server.openUntil : server.othersFrom
    if (isAhead(until, longestOpening, now) && isSick(server, last === undefined ? 1 : 0))
      return until - now
    return server.finding.has(tenantId) || server.finding.size >= enoughTenants ? findingOut : 0
  }

  return {
    remainingWait: (name, tenantId, now) => {
      const server = servers.get(name)
      return server === undefined ? 0 : refusal(server, tenantId, now)
    },
    admit: (name, tenantId, now) => {
      const server = servers.get(name) ?? newServer()
      setBounded(servers, name, server)
      const wait = refusal(server, tenantId, now)
      if (wait > 0) return wait
      const { openings } = server
      if (openings > 0) server.finding.add(tenantId)
      const answered = () => {
        if (openings > 0) server.finding.delete(tenantId)
      }
      return {
        nothingSent: answered,
        healthy: (at) => {
          answered()
          // A request that was sent before the breaker opened does not tell that the outage is over.
          if (openings > 0 && server.openings >= openings) closeBreaker(server)
          note(server, tenantId, at, false)
        },
        failed: (at, retryAfter, jitter) => {
          answered()
          if (retryAfter > 0)
            setBounded(server.asked, tenantId, at + Math.min(retryAfter, longestRetryAfter) * 1000)
          note(server, tenantId, at, true)
          return openBreaker(server, at, retryAfter, jitter)
        }
      }
    }
  }
}

/** No wait is longer than `longest` seconds: an instant further ahead comes from before the clock was set back. */
const isAhead = (until: number, longest: number, now: number): boolean =>
  until > now && until <= now + longest * 1000

const newServer = (): Server => ({
  met: new Map(),
  failing: 0,
  asked: new Map(),
  openings: 0,
  openUntil: 0,
  othersFrom: 0,
  finding: new Set()
})

const isSick = ({ failing, met }: Server, others: number): boolean => {
  const tenants = met.size + others
  return failing >= Math.min(enoughTenants, tenants) && failing * 2 >= tenants
}

const forget = (server: Server, now: number): void => {
  for (const [tenantId, { at, failed }] of server.met) {
    // An instant in the future comes from before the clock was set back.
    if (at > now - window && at <= now) return
    server.met.delete(tenantId)
    if (failed) server.failing -= 1
  }
}

const note = (server: Server, tenantId: TenantId, at: number, failed: boolean): void => {
  forget(server, at)
  if (server.met.get(tenantId)?.failed === true) server.failing -= 1
  server.met.delete(tenantId)
  server.met.set(tenantId, { at, failed })
  if (failed) server.failing += 1
}

const closeBreaker = (server: Server): void => {
  server.openings = 0
  server.openUntil = 0
  for (const [tenantId, { failed }] of server.met) if (failed) server.met.delete(tenantId)
  server.failing = 0
}

/** Opens for one second, doubling up to a minute with each failed trial, or for as long as the server asked, up to a minute. */
const openBreaker = (server: Server, now: number, retryAfter: number, jitter: number): boolean => {
  if (isAhead(server.openUntil, longestOpening, now) || !isSick(server, 0)) return false
  // After a minute without requests, earlier failures no longer count.
  if (server.openUntil + window < now) server.openings = 0
  const backoff = Math.min(2 ** server.openings, longestOpening)
  const asked = Math.min(retryAfter, longestOpening)
  server.openings += 1
  server.openUntil = now + Math.max(backoff * jitter, asked) * 1000
  server.othersFrom = now + Math.max(backoff * shortestJitter, asked) * 1000
  return true
}
