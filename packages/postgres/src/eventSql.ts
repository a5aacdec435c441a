import type { EventName } from "@hawser/core"
import type { Tables } from "./Namespace.ts"

/**
 * The place of an integration's next event. Transactions take their ids in another order than the row's lock, so an
 * event may have a lower transaction id than the one before it; its place never does (docs/decisions).
 */
export const nextPosition = "greatest(i.last_position, pg_current_xact_id())"

/**
 * Records the event of the integrations that `written` holds, as they are since. Its data are what the integration is
 * known by and what is given here: names and SQL in turn.
 */
export const recordEvent = (
  t: Tables,
  event: EventName,
  {
    data = "",
    id,
    version = "version",
    where
  }: {
    readonly id: string
    readonly data?: string
    readonly where?: string
    /** Where it is not the last of a statement's events. */
    readonly version?: string
  }
): string =>
  `INSERT INTO ${t.outbox} (tenant_id, id, integration_id, version, event, data, position, created_at)
  SELECT tenant_id, ${id}, id, ${version}, '${event}', jsonb_build_object(
    'integrationId', id, 'provider', provider, 'name', name,
    'owner', CASE WHEN owner = '' THEN 'tenant' ELSE 'user' END${data === "" ? "" : `, ${data}`}
  ) || CASE WHEN owner = '' THEN '{}' ELSE jsonb_build_object('userId', owner) END, last_position, statement_timestamp()
  FROM written${where === undefined ? "" : ` WHERE ${where}`}`
