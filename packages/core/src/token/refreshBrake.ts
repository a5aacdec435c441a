import { Duration } from "effect"

/**
 * When refusals are the fault of a client, or of its provider, and not the choice of users. They are counted by tenants, so
 * that one tenant is one voice, however many grants it has.
 */
export const refreshBrake = {
  /** How far back refusals and renewals are counted. */
  window: Duration.minutes(10),
  /** It goes on when so many tenants were refused, and more than this share of those that were tried. */
  rules: [
    { tenants: 3, share: 0.5 },
    { tenants: 10, share: 0.1 }
  ],
  /** While it is on, one grant is tried in each such time. */
  probeEvery: Duration.minutes(1),
  /** So many tenants whose grants were renewed while it was on let it go. */
  successes: 3,
  /** How long it is known of a client that nobody uses any more. */
  keptFor: Duration.days(1)
} as const

/** Whether so many refused tenants, of so many that were tried, put the brake on. */
export const isTooMany = (refused: number, tried: number): boolean =>
  refreshBrake.rules.some(({ share, tenants }) => refused >= tenants && refused > share * tried)
