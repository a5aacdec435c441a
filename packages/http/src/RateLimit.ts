import type { Clock } from "effect"

/** What a call may know of its bucket after drawing on it. */
export interface Draw {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** When the window ends: seconds since 1970. */
  readonly reset: number
  /** Seconds until then, at least 1. */
  readonly retryAfter: number
}

export interface RateLimit {
  readonly draw: (key: string) => Draw
}

const windowMillis = 60_000

/** Keys counted apart in one window; those that come later share one count, so that memory stays bounded. */
const mostKeys = 100_000

/** The count of those who came too late for one of their own. No key of ours is empty. */
const sharedKey = ""

/**
 * Counts calls per key in windows of one minute, in this process. All keys share the window's bounds, so the end of a
 * window forgets everything at once. (Effect's own `RateLimiter` never forgets a key in its memory store.)
 *
 * The first window ends with a minute of the wall clock, and the later ones follow it by a clock that only goes forward:
 * nobody's count begins again because the time of a machine is set, and nobody waits for longer.
 */
export const makeRateLimit = (limit: number, clock: Clock.Clock): RateLimit => {
  let counts = new Map<string, number>()
  let currentWindow = 0
  const uptime = (): number => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
  const begin = uptime() - (clock.currentTimeMillisUnsafe() % windowMillis)
  return {
    draw: (key) => {
      const elapsed = uptime() - begin
      const window = Math.floor(elapsed / windowMillis)
      if (window !== currentWindow) {
        currentWindow = window
        counts = new Map()
      }
      const counted = counts.has(key) || counts.size < mostKeys ? key : sharedKey
      const used = (counts.get(counted) ?? 0) + 1
      counts.set(counted, used)
      const left = (window + 1) * windowMillis - elapsed
      return {
        allowed: used <= limit,
        limit,
        remaining: Math.max(0, limit - used),
        reset: Math.round((clock.currentTimeMillisUnsafe() + left) / 1000),
        retryAfter: Math.ceil(left / 1000)
      }
    }
  }
}

/**
 * What a client address is counted as: an IPv6 network of 64 bits belongs to one customer line, so the rest of the
 * address is free to change.
 */
export const addressKey = (address: string): string => {
  // An IPv4 address inside IPv6, as dual-stack sockets report it.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(":")) return address
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::")
  const groups = head === "" ? [] : head.split(":")
  if (tail !== undefined) {
    const after = tail === "" ? 0 : tail.split(":").length
    groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - after) }, () => "0"))
    if (after > 0) groups.push(...tail.split(":"))
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")
}
