import type { StoredGrant } from "../domain/Grant.ts"

/** Seconds before its end at which a token is refreshed. */
export const refreshMargin = 5 * 60

/** Seconds before its end at which the host is told of a token that cannot be refreshed. */
const expiryNotice = 7 * 24 * 60 * 60

/** A margin longer than half of the lifetime would refresh again and again: half is the most. */
const within = (margin: number, lifetime: number): number => Math.min(margin, lifetime / 2)

/** Seconds that even the shortest-lived token is left alone. */
const leastRest = 10

/** Seconds after which the keeper looks at tokens just issued; undefined for those that never end. */
export const dueIn = (expiresIn: number | undefined, isRefreshable: boolean): number | undefined =>
  expiresIn === undefined
    ? undefined
    : Math.max(
        leastRest,
        expiresIn - within(isRefreshable ? refreshMargin : expiryNotice, expiresIn)
      )

/** Whether the access token stays valid for the margin (seconds) that a caller asks for, as far as anyone knows. */
export const isFresh = (
  { lifetime, remaining }: Pick<StoredGrant, "lifetime" | "remaining">,
  margin: number
): boolean => remaining === undefined || remaining > within(margin, lifetime ?? margin * 2)
