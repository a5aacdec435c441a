import { Duration, Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

/** Every column that holds an instant, by table. */
const instants = {
  credential: ["created_at"],
  integration: ["connected_at"],
  oauth_grant: [
    "issued_at",
    "expires_at",
    "refresh_due_at",
    "lease_deadline",
    "sent_at",
    "retry_at",
    "renewed_at",
    "refused_at",
    "challenged_at",
    "ended_at",
    "quarantined_until",
    "refresh_expires_at",
    "refresh_notice_at"
  ],
  refresh_brake: ["since", "next_probe_at", "released_at"],
  revocation: ["due_at", "expires_at"],
  flow: ["expires_at", "response_expires_at"],
  barred_user: ["expires_at"],
  outbox: ["created_at"],
  subscriber: ["lease_until"],
  delivery_retry: ["due_at"]
}

/** A server's clock cannot be moved; everything that was stored moves back instead. */
export const advance = (duration: Duration.Duration): Effect.Effect<void, unknown, SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    for (const [table, columns] of Object.entries(instants)) {
      const set = columns.map((one) => `${one} = ${one} - $1::float8 * interval '1 millisecond'`)
      yield* sql.unsafe(`UPDATE hawser.${table} SET ${set.join(", ")}`, [
        Duration.toMillis(duration)
      ])
    }
  })
