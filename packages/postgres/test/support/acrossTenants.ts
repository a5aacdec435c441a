import type { CrossTenantStatements } from "../../src/CrossTenantStatements.ts"

/**
 * Everything that is not of one tenant, with its reason: what a database that is split by tenants, into partitions or over servers,
 * cannot answer from one of them. Whoever adds to it makes Hawser dearer there.
 */

/** Tables without a tenant. They are small, and a copy of them on every server is one that all share. */
export const tablesWithoutTenant: Readonly<Record<string, string>> = {
  hash_key: "One key for all keyed hashes.",
  migration: "What the tables are, and not what is in them.",
  refresh_brake: "Of an OAuth client, which many tenants share.",
  subscriber: "The host's own place among the events.",
  user_fence: "Sixteen rows that are locked, whoever it is for."
}

/** Unique indexes without the tenant, of tables that have one. */
export const keysWithoutTenant: Readonly<Record<string, string>> = {
  flow_pkey: "A callback knows the hash of a state and not the tenant.",
  flow_flow_id_hash_key: "A page that returns knows a flow's id and not the tenant.",
  oauth_grant_held: "No two tenants hold the same account."
}

/** Foreign keys without the tenant. */
export const foreignKeysWithoutTenant: Readonly<Record<string, string>> = {
  delivery_retry_subscriber_fkey: "Subscribers are the host's and not a tenant's."
}

/** Statements without a tenant. */
export const statementsAcrossTenants: Readonly<Record<keyof CrossTenantStatements, string>> = {
  burnFlow: "Finds a flow by the hash of its state.",
  findFlow: "Finds a flow by the hash of its state.",
  findParkedFlow: "Finds a flow by the hash of its id.",
  takeParkedFlow: "Finds a flow by the hash of its id.",
  abandonedChoices: "A worker's: ends what nobody chose, of whatever tenant.",
  removeChoice: "A worker's: finds a flow by the hash of its id.",
  claimDueGrants: "A worker's: takes the grants that are due, of whatever tenant.",
  endGrant:
    "Ends one tenant's grant, and counts what other tenants' refreshes came to through the same client.",
  findEndedUnderBrake: "An operator's: what ended through one client.",
  findAllQuarantined: "An operator's: what is kept of a provider.",
  releaseBrake: "An operator's: forgets refusals through one client.",
  sweepQuarantine: "A worker's: deletes what was kept long enough.",
  exportConnections: "An operator's: everything, tenant after tenant.",
  integrationsOfProvider:
    "A host's job over all who are connected to a provider, tenant after tenant.",
  findByAccount: "A vendor's webhook names an account and not the tenant.",
  claimRevocations:
    "A worker's: takes what is to be revoked, and looks who else shares the vendor's grant.",
  giveUpRevocations: "A worker's: gives up what could not be revoked for a day.",
  nextDue: "A worker's: when there is something to do next.",
  sweepUnusedCredentials: "A worker's: deletes keys that were never used.",
  sweepFlows: "A worker's: deletes flows that are over.",
  subscribe: "A subscriber hears of all tenants.",
  unsubscribe: "A subscriber hears of all tenants.",
  claim: "A subscriber reads the events of all tenants in one order.",
  settle: "A subscriber has read events of all tenants.",
  conclude: "Locks the subscriber, whose event it was.",
  sweepEvents: "A worker's: deletes events that everybody has heard.",
  findHashKey: "One key for all keyed hashes.",
  keepHashKey: "One key for all keyed hashes."
}

/** Statements of key rotation, which is an operator's. */
export const rotationAcrossTenants: Readonly<Record<"batch" | "inUse", string>> = {
  batch: "Finds values under an old key, row after row.",
  inUse: "Counts what each key still opens."
}
