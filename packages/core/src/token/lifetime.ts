import type { StoredGrant } from "../model/index.ts"
import { beginsByConsent, type ConfiguredProvider } from "../provider/index.ts"

/** Seconds before its end at which a token is refreshed, unless the definition says otherwise. */
export const refreshMargin = 5 * 60

/** The margin of a provider's tokens, in seconds. */
export const refreshMarginFor = (provider: ConfiguredProvider): number =>
  beginsByConsent(provider) ? (provider.definition.refreshMargin ?? refreshMargin) : refreshMargin

/** Seconds before its end at which the host is told of a token that cannot be refreshed. */
const expiryNotice = 7 * 24 * 60 * 60

/** A margin longer than half of the lifetime would refresh again and again: half is the most. */
const within = (margin: number, lifetime: number): number => Math.min(margin, lifetime / 2)

/** Seconds that even the shortest-lived token is left alone. */
const leastRest = 10

/** Seconds after which the keeper looks at tokens just issued; undefined for those that never end. */
export const dueIn = (
  expiresIn: number | undefined,
  isRefreshable: boolean,
  margin = refreshMargin
): number | undefined =>
  expiresIn === undefined
    ? undefined
    : Math.max(leastRest, expiresIn - within(isRefreshable ? margin : expiryNotice, expiresIn))

/** Seconds after which the host is told that a refresh token ends; undefined for one whose end nobody tells. */
export const refreshNoticeIn = (refreshExpiresIn: number | undefined): number | undefined =>
  refreshExpiresIn === undefined
    ? undefined
    : refreshExpiresIn - within(expiryNotice, refreshExpiresIn)

/** Whether the access token stays valid for the margin (seconds) that a caller asks for, as far as anyone knows. */
export const isFresh = (
  { lifetime, remaining }: Pick<StoredGrant, "lifetime" | "remaining">,
  margin: number
): boolean => remaining === undefined || remaining > within(margin, lifetime ?? margin * 2)
