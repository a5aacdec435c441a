import {
  tenantsDefault,
  type NewFlow,
  ProviderId,
  type Sealed,
  type SecretHash,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"

export const ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
export const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)

export const key = {
  tenantId: TenantId.make("tenant"),
  provider: ProviderId.make("github"),
  ...tenantsDefault
}
export const userId = UserId.make("ann")
export const userHash = bytes(11)

export const stateHash = bytes(4) as SecretHash

export const flow: NewFlow = {
  ...key,
  owner: tenantsOwn,
  userId,
  userHash,
  binding: "complete",
  redirectUrl: "https://app.example/",
  redirectUri: "https://api.example/callback",
  server: {
    issuer: "https://as.example",
    authorizationEndpoint: "https://as.example/authorize",
    tokenEndpoint: "https://as.example/token",
    clientId: "client"
  },
  scopes: [],
  fields: {},
  reauthorizes: false,
  stateHash,
  browserHash: bytes(1) as SecretHash,
  sealedSecrets: bytes(2) as Sealed
}
