import { refreshBrake } from "@hawser/core"
import { transferStatements } from "./ConnectionTransferStatements.ts"
import { flowTerms } from "./flowTerms.ts"
import { interval } from "./grantSql.ts"
import { grantWorkerStatements } from "./GrantWorkerStatements.ts"
import type { Tables } from "./Namespace.ts"
import { revocationWorkerStatements } from "./RevocationStatements.ts"

/**
 * All statements that name no tenant: a state or a flow id only proves knowledge of a secret, and the workers serve every
 * tenant. (Migrations, which read no rows, are elsewhere.)
 */
export const crossTenantStatements = (t: Tables) => ({
  ...burningStatements(t),
  ...grantWorkerStatements(t),
  ...transferStatements(t),
  ...revocationWorkerStatements(t),
  ...workerStatements(t),

  findHashKey: `SELECT sealed_key FROM ${t.hashKey}`,

  keepHashKey: `INSERT INTO ${t.hashKey} (name, sealed_key) VALUES ('keyed_hash', $1::bytea) ON CONFLICT (name) DO NOTHING`
})

const parkedFlow = (t: Tables) => `
  SELECT ${parkedColumns}
  FROM ${t.flow}
  WHERE flow_id_hash = $1::bytea`

/**
 * A flow by the hash of its state, a parked response by that of its flow id.
 *
 * The row is locked and read before it is emptied, in one statement. A statement that waits for the lock reads the row
 * again afterwards (READ COMMITTED), finds it consumed, and returns nothing.
 */
const burningStatements = (t: Tables) => ({
  burnFlow: `
WITH presented AS (
  SELECT ${flowTerms}, state_hash, browser_hash, sealed_secrets, expires_at <= statement_timestamp() AS expired
  FROM ${t.flow}
  WHERE state_hash = $1::bytea AND status = 'pending'
  FOR UPDATE
)
UPDATE ${t.flow} f SET status = 'consumed', browser_hash = NULL, sealed_secrets = NULL
FROM presented p
WHERE f.state_hash = p.state_hash
RETURNING p.*`,

  findFlow: `SELECT FROM ${t.flow} WHERE state_hash = $1::bytea`,

  findParkedFlow: parkedFlow(t),

  takeParkedFlow: `
WITH presented AS (${parkedFlow(t)}
  FOR UPDATE
)
UPDATE ${t.flow} f SET status = 'consumed', flow_id_hash = NULL, sealed_response = NULL, response_expires_at = NULL
FROM presented p
WHERE f.state_hash = p.state_hash
RETURNING p.*`,

  abandonedChoices: `
SELECT ${parkedColumns}
FROM ${t.flow}
WHERE ${isAbandoned}
ORDER BY response_expires_at
LIMIT $1::bigint`,

  removeChoice: `DELETE FROM ${t.flow} WHERE flow_id_hash = $1::bytea AND ${isAbandoned}`
})

const isAbandoned = "status = 'choosing' AND response_expires_at <= statement_timestamp()"

/** A parked flow as it is read back. */
const parkedColumns = `${flowTerms}, state_hash, status, flow_id_hash, sealed_response,
  response_expires_at <= statement_timestamp() AS expired,
  greatest(0, extract(epoch FROM response_expires_at - statement_timestamp()) * 1000)::float8 AS remaining`

/** Milliseconds until an instant; null for none. */
const inMilliseconds = (instant: string): string =>
  `extract(epoch FROM (${instant}) - statement_timestamp()) * 1000`

/** What is due, sweeps, and the delivery of events. */
const workerStatements = (t: Tables) => ({
  // For all workers at once: each part reads the first entry of an index. $1 are the subscribers, $2 and $3 the milliseconds
  // that events and unused keys are kept.
  nextDue: `
WITH delivery AS (
  SELECT s.name, s.lease_until, next.position >= pg_snapshot_xmin(pg_current_snapshot()) AS is_held_back,
    least(
      CASE WHEN next.position < pg_snapshot_xmin(pg_current_snapshot()) THEN statement_timestamp() END,
      (SELECT min(r.due_at) FROM ${t.deliveryRetry} r WHERE r.subscriber = s.name)
    ) AS due_at
  FROM ${t.subscriber} s
  LEFT JOIN LATERAL (
    SELECT e.position
    FROM ${t.outbox} e
    WHERE e.position > s.cursor AND (s.since IS NULL OR NOT pg_visible_in_snapshot(e.tx_id, s.since))
    ORDER BY e.position
    LIMIT 1
  ) AS next ON true
  WHERE s.name = ANY ($1::text[])
)
SELECT jsonb_build_object(
  'keeper', ${inMilliseconds(`SELECT min(refresh_due_at) FROM ${t.oauthGrant}`)},
  'revoker', ${inMilliseconds(
    `SELECT due_at FROM ${t.revocation} WHERE expires_at > statement_timestamp() ORDER BY due_at LIMIT 1`
  )},
  'sweeper', ${inMilliseconds(`SELECT least(
    (SELECT min(expires_at) FROM ${t.flow}),
    (SELECT min(expires_at) FROM ${t.barredUser}),
    (SELECT min(quarantined_until) FROM ${t.oauthGrant}),
    (SELECT min(expires_at) FROM ${t.revocation}),
    (SELECT min(next_probe_at) + ${interval(refreshBrake.keptFor)} FROM ${t.refreshBrake}),
    (SELECT min(created_at) + $2::float8 * interval '1 millisecond' FROM ${t.outbox}),
    (SELECT min(created_at) + $3::float8 * interval '1 millisecond' FROM ${t.credential} WHERE NOT connected_once)
  )`)},
  'deliverers', (
    SELECT coalesce(jsonb_object_agg(name, ${inMilliseconds("greatest(due_at, lease_until)")}), '{}')
    FROM delivery
    WHERE due_at IS NOT NULL
  ),
  'awaitsCommit', (SELECT coalesce(bool_or(is_held_back), false) FROM delivery)
) AS times`,

  sweepUnusedCredentials: `
WITH swept AS (
  DELETE FROM ${t.credential}
  WHERE NOT connected_once AND created_at < statement_timestamp() - $1::float8 * interval '1 millisecond'
  RETURNING 1
)
SELECT count(*)::int AS swept FROM swept`,

  sweepFlows: `
WITH swept AS (
  DELETE FROM ${t.flow}
  WHERE expires_at <= statement_timestamp()
    AND (response_expires_at IS NULL OR response_expires_at <= statement_timestamp())
    AND status <> 'choosing'
  RETURNING 1
), outlived AS (
  DELETE FROM ${t.barredUser} WHERE expires_at <= statement_timestamp()
)
SELECT count(*)::int AS swept FROM swept`,

  // "From now" is exact: an event that this statement's snapshot sees is past, and one that commits later is not, whichever
  // transaction began first. The cursor, a transaction id, cannot decide this for transactions that are open now.
  subscribe: `
INSERT INTO ${t.subscriber} (name, cursor, since, fence)
SELECT $1,
  CASE WHEN $2::boolean THEN (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text ELSE '0' END::xid8,
  CASE WHEN $2::boolean THEN pg_current_snapshot() END,
  pg_current_xact_id()
ON CONFLICT (name) DO NOTHING`,

  unsubscribe: `DELETE FROM ${t.subscriber} WHERE name = $1`,

  // Takes the lease only if there is something to deliver, and only if the row is the one that its snapshot saw: retries
  // and cursor must be of the same moment. The fence is the id of the transaction that last wrote the row, so it never
  // repeats, even if a name is deleted and used again.
  claim: `
WITH candidate AS MATERIALIZED (
  SELECT name, cursor, since, fence
  FROM ${t.subscriber}
  WHERE name = $1 AND (lease_until IS NULL OR lease_until <= statement_timestamp())
), due AS MATERIALIZED (
  SELECT r.attempt, e.*
  FROM ${t.deliveryRetry} r
  JOIN ${t.outbox} e USING (tenant_id, integration_id, version)
  WHERE r.subscriber = (SELECT name FROM candidate) AND r.due_at <= statement_timestamp()
  ORDER BY e.position, e.version
  LIMIT $2::bigint
), reach AS MATERIALIZED (
  SELECT max(position) AS position
  FROM (
    SELECT e.position
    FROM ${t.outbox} e
    WHERE ${after("candidate")} AND e.position < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY e.position
    LIMIT greatest(0, $2::bigint - (SELECT count(*) FROM due))
  ) AS next
), fresh AS MATERIALIZED (
  SELECT 1 AS attempt, e.*, EXISTS (
    SELECT FROM ${t.deliveryRetry} r
    WHERE r.tenant_id = e.tenant_id AND r.integration_id = e.integration_id AND r.subscriber = $1
      AND NOT EXISTS (
        SELECT FROM due d
        WHERE d.tenant_id = r.tenant_id AND d.integration_id = r.integration_id AND d.version = r.version
      )
  ) AS blocked
  FROM ${t.outbox} e
  WHERE ${after("candidate")} AND e.position <= (SELECT position FROM reach)
), claimed AS (
  UPDATE ${t.subscriber} s SET
    lease_until = statement_timestamp() + $3::float8 * interval '1 millisecond',
    fence = pg_current_xact_id()
  FROM candidate c
  WHERE s.name = c.name AND s.fence = c.fence AND (EXISTS (SELECT FROM due) OR EXISTS (SELECT FROM fresh))
  RETURNING s.fence, coalesce((SELECT position FROM reach), s.cursor) AS cursor
)
SELECT claimed.fence::text, claimed.cursor::text, ${deliveryColumns}, blocked
FROM claimed
CROSS JOIN (
  SELECT ${deliveryColumns}, position, version, false AS blocked FROM due
  UNION ALL
  SELECT ${deliveryColumns}, position, version, blocked FROM fresh
) AS batch
ORDER BY position, version`,

  // Computes again, from the cursor that the row still has, which events the claim covered, so that none is lost between
  // the two. The remaining events become due in order: none before an earlier one of its integration.
  settle: `
WITH locked AS MATERIALIZED (
  SELECT name, cursor, since
  FROM ${t.subscriber}
  WHERE name = $1 AND fence = $2::xid8 AND lease_until IS NOT NULL
  FOR UPDATE
), settled AS (
  UPDATE ${t.subscriber} s SET cursor = $3::xid8, lease_until = NULL, fence = pg_current_xact_id()
  FROM locked
  WHERE s.name = locked.name
  RETURNING s.name
), outcome AS MATERIALIZED (
  SELECT e.tenant_id, e.integration_id, e.version, o.delivered, o.retry_after, o.attempted
  FROM jsonb_to_recordset($4::jsonb) AS o (tenant_id text, id text, delivered boolean, retry_after float8, attempted boolean)
  JOIN ${t.outbox} e ON e.tenant_id = o.tenant_id AND e.id = o.id
), fresh AS MATERIALIZED (
  SELECT e.tenant_id, e.integration_id, e.version
  FROM ${t.outbox} e
  WHERE ${after("locked")} AND e.position <= $3::xid8
), queue AS MATERIALIZED (
  SELECT tenant_id, integration_id, version, 1 AS attempt, statement_timestamp() AS due_at FROM fresh
  UNION ALL
  SELECT r.tenant_id, r.integration_id, r.version, r.attempt, r.due_at
  FROM locked
  CROSS JOIN (
    SELECT tenant_id, integration_id FROM outcome UNION SELECT tenant_id, integration_id FROM fresh
  ) AS touched
  JOIN ${t.deliveryRetry} r
    ON r.tenant_id = touched.tenant_id AND r.integration_id = touched.integration_id AND r.subscriber = locked.name
), remaining AS (
  SELECT q.tenant_id, q.integration_id, q.version,
    q.attempt + CASE WHEN o.attempted THEN 1 ELSE 0 END AS attempt,
    max(coalesce(statement_timestamp() + o.retry_after * interval '1 millisecond', q.due_at))
      OVER (PARTITION BY q.tenant_id, q.integration_id ORDER BY q.version) AS due_at
  FROM queue q
  LEFT JOIN outcome o USING (tenant_id, integration_id, version)
  WHERE o.delivered IS NOT TRUE
), received AS (
  DELETE FROM ${t.deliveryRetry} r
  USING locked, outcome o
  WHERE r.tenant_id = o.tenant_id AND r.integration_id = o.integration_id AND r.version = o.version
    AND r.subscriber = locked.name AND o.delivered
), waiting AS (
  INSERT INTO ${t.deliveryRetry} (tenant_id, integration_id, version, subscriber, attempt, due_at)
  SELECT tenant_id, integration_id, version, locked.name, attempt, due_at
  FROM remaining CROSS JOIN locked
  ON CONFLICT (tenant_id, integration_id, version, subscriber) DO UPDATE SET
    attempt = excluded.attempt,
    due_at = excluded.due_at
)
SELECT name FROM settled`,

  // The attempt's number is the fence: a worker that takes the delivery over increases it.
  conclude: `
WITH locked AS MATERIALIZED (
  SELECT name FROM ${t.subscriber} WHERE name = $1 FOR UPDATE
), concluded AS MATERIALIZED (
  SELECT r.tenant_id, r.integration_id, r.version, r.subscriber
  FROM locked
  JOIN ${t.outbox} e ON e.tenant_id = $2 AND e.id = $3
  JOIN ${t.deliveryRetry} r
    ON r.tenant_id = e.tenant_id AND r.integration_id = e.integration_id AND r.version = e.version
      AND r.subscriber = locked.name
  WHERE r.attempt = $4::int
  FOR UPDATE OF r
), received AS (
  DELETE FROM ${t.deliveryRetry} r
  USING concluded c
  WHERE r.tenant_id = c.tenant_id AND r.integration_id = c.integration_id AND r.version = c.version
    AND r.subscriber = c.subscriber AND $5::float8 IS NULL
), waiting AS (
  UPDATE ${t.deliveryRetry} r SET due_at = statement_timestamp() + coalesce($5::float8, 0) * interval '1 millisecond'
  FROM concluded c
  WHERE r.tenant_id = c.tenant_id AND r.integration_id = c.integration_id AND r.subscriber = c.subscriber
    AND (r.version > c.version OR (r.version = c.version AND $5::float8 IS NOT NULL))
)
SELECT 1 FROM concluded`,

  // A cursor that began with "now" may lie before events that were past at that moment, if another transaction was open.
  // Those events are not kept for the subscriber either.
  sweepEvents: `
WITH swept AS (
  DELETE FROM ${t.outbox} e
  WHERE e.created_at < statement_timestamp() - $1::float8 * interval '1 millisecond'
    AND NOT EXISTS (
      SELECT FROM ${t.subscriber} s
      WHERE s.cursor < e.position AND (s.since IS NULL OR NOT pg_visible_in_snapshot(e.tx_id, s.since))
    )
    AND NOT EXISTS (
      SELECT FROM ${t.deliveryRetry} r
      WHERE r.tenant_id = e.tenant_id AND r.integration_id = e.integration_id AND r.version = e.version
    )
  RETURNING 1
)
SELECT count(*)::int AS swept FROM swept`
})

const deliveryColumns = "attempt, tenant_id, id, integration_id, event, data, created_at"

/**
 * The events after a subscriber's cursor that were not past when it began. Sub-selects instead of a join: their values are
 * known before the index is read, so both ends of the range limit the scan.
 */
const after = (subscriber: string): string =>
  `e.position > (SELECT cursor FROM ${subscriber})
      AND ((SELECT since FROM ${subscriber}) IS NULL
        OR NOT pg_visible_in_snapshot(e.tx_id, (SELECT since FROM ${subscriber})))`

export type CrossTenantStatements = ReturnType<typeof crossTenantStatements>
