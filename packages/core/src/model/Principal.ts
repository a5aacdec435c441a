import { Schema } from "effect"
import { TenantId, UserId } from "./Ids.ts"

/** What a user may do in a tenant: an `admin` connects and disconnects, a `member` may look. */
export const Role = Schema.Literals(["admin", "member"])
export type Role = typeof Role.Type

/** The verified caller. From the moment it exists, nothing else names a tenant. */
export class Principal extends Schema.Class<Principal>("@hawser/core/Principal")({
  tenantId: TenantId,
  userId: UserId,
  roles: Schema.Array(Role),
  /** Somebody else acts as this user: the token has `act` (RFC 8693 §4.1). */
  isImpersonated: Schema.optionalKey(Schema.Boolean)
}) {
  get isAdmin(): boolean {
    return this.roles.includes("admin")
  }
}
