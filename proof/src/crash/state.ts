import { query } from "../../../test-support/postgres-query.ts"

/** What the database knows of a tenant. */
export interface DatabaseState {
  /** Undefined if the tenant has no integration. */
  readonly status: string | undefined
  /** Of the grant, ended or not; 0 if there is none. */
  readonly generation: number
  readonly hasGrant: boolean
  readonly isQuarantined: boolean
  readonly isLeased: boolean
  /** Of the outbox, by version. */
  readonly events: ReadonlyArray<string>
  readonly versions: ReadonlyArray<number>
}

interface Row {
  readonly status: string | null
  readonly generation: number | null
  readonly ended: boolean | null
  readonly leased: boolean | null
  readonly events: ReadonlyArray<string>
  readonly versions: ReadonlyArray<number>
}

/** Tenants are named by this program, so their names need no escaping. */
export const databaseState = async (url: string, tenantId: string): Promise<DatabaseState> => {
  const [row] = await query<Row>(
    url,
    `SELECT i.status, g.generation::int, g.ended_at IS NOT NULL AS ended, g.lease_holder IS NOT NULL AS leased,
  ARRAY(SELECT event FROM hawser.outbox o WHERE o.tenant_id = t.id ORDER BY version) AS events,
  ARRAY(SELECT version::int FROM hawser.outbox o WHERE o.tenant_id = t.id ORDER BY version) AS versions
FROM (VALUES ('${tenantId}')) AS t (id)
LEFT JOIN hawser.integration i ON i.tenant_id = t.id
LEFT JOIN hawser.oauth_grant g ON g.tenant_id = t.id AND g.integration_id = i.id`
  )
  if (row === undefined) throw new Error("no row")
  return {
    status: row.status ?? undefined,
    generation: row.generation ?? 0,
    hasGrant: row.generation !== null && row.ended !== true,
    isQuarantined: row.generation !== null && row.ended === true,
    isLeased: row.leased === true,
    events: row.events,
    versions: row.versions
  }
}

/** The access token ends now, and is due. */
export const expireToken = async (url: string, tenantId: string): Promise<void> => {
  await query(
    url,
    `UPDATE hawser.oauth_grant SET expires_at = statement_timestamp(), refresh_due_at = statement_timestamp()
WHERE tenant_id = '${tenantId}'`
  )
}

/** As if this fault lay an hour back: as many at once would put the brake on, which is another proof's matter. */
export const ageEnds = async (url: string, tenantId: string): Promise<void> => {
  await query(
    url,
    `UPDATE hawser.oauth_grant SET ended_at = ended_at - interval '1 hour', refused_at = refused_at - interval '1 hour'
WHERE tenant_id = '${tenantId}'`
  )
}

/** Where tables contradict each other: half of a write, a lost event, or an invented one. */
export const stateProblems = (state: DatabaseState): ReadonlyArray<string> => {
  const { events, hasGrant, isLeased, isQuarantined, status, versions } = state
  const isConnected = status === "connected"
  const told = events.findLast((event) => /\.(?:dis)?connected$/.test(event))
  const checks: ReadonlyArray<readonly [boolean, string]> = [
    [isConnected === hasGrant, "integration and grant disagree"],
    [isConnected === (told === "integration.connected"), "integration and events disagree"],
    [isQuarantined === (told === "integration.disconnected"), "quarantine and events disagree"],
    [versions.every((version, index) => version === index + 1), "the versions have a hole"],
    [!isLeased, "a lease was left behind"]
  ]
  return checks.flatMap(([holds, problem]) => (holds ? [] : [problem]))
}

/**
 * What a refresh that was cut must end as. If the provider had answered and rotates without grace, the old token is
 * tried once more, refused, and the end is told; everywhere else nothing is lost.
 */
export const refreshProblems = (
  outcome: string,
  isLost: boolean,
  { events }: DatabaseState
): ReadonlyArray<string> => {
  const expected = isLost
    ? {
        outcome: "reconnect_required refresh_interrupted",
        events: "integration.connected integration.disconnected"
      }
    : { outcome: "token", events: "integration.connected" }
  return [
    ...(outcome === expected.outcome ? [] : [`the host got "${outcome}"`]),
    ...(events.join(" ") === expected.events ? [] : [`the events are ${events.join(" ")}`])
  ]
}

/** What a callback that was cut must end as: connected and told once, or not at all; which of the two it told first. */
export const callbackProblems = (
  again: string,
  { events }: DatabaseState
): ReadonlyArray<string> => [
  ...(events.filter((event) => event === "integration.connected").length <= 1
    ? []
    : ["connected twice"]),
  ...(again === "no_flow" || again === "connected" ? [] : [`the second visit ended as "${again}"`])
]
