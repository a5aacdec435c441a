import type {
  CredentialId,
  GrantId,
  Integration,
  IntegrationEvent,
  IntegrationId,
  QuarantinedGrant,
  StoredGrant,
  UserId
} from "@hawser/core"

export interface SeenGrant {
  readonly id: GrantId
  readonly generation: number
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly dpopKey: string | undefined
  readonly scopes: ReadonlyArray<string>
  readonly fields: StoredGrant["fields"]
  readonly accountId: string | undefined
  readonly expired: boolean
  readonly withdrawal: StoredGrant["withdrawal"]
}

export interface SeenEvent extends Pick<IntegrationEvent, "id" | "event" | "tenantId"> {
  readonly data: { readonly integrationId: IntegrationId }
}

/** All that can be read of the story's world through the services, without instants. */
export interface Snapshot {
  /** By tenant, as they are listed. */
  readonly connections: ReadonlyArray<
    ReadonlyArray<Omit<Integration, "connectedAt"> & { readonly connectedAt: undefined }>
  >
  /** By place: the grant, or why there is none. */
  readonly grants: ReadonlyArray<SeenGrant | string>
  /** By tenant. */
  readonly credentials: ReadonlyArray<
    ReadonlyArray<{ readonly id: CredentialId; readonly createdBy: UserId }>
  >
  readonly quarantined: ReadonlyArray<
    Pick<QuarantinedGrant, "tenantId" | "integrationId" | "reason">
  >
  /** By tenant: how many of its API keys another tenant can read. */
  readonly foreign: ReadonlyArray<number>
  /** Since the snapshot before. */
  readonly events: ReadonlyArray<SeenEvent>
}
