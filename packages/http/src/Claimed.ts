/** What a verified token or the host's function says of a caller, not yet believed. */
export interface Claimed {
  readonly tenantId: unknown
  readonly userId: unknown
  readonly roles: unknown
}
