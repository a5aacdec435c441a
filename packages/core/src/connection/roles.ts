import { type Brand, Effect } from "effect"
import { Forbidden, type Principal, type Role } from "../model/index.ts"
import { SecurityLog } from "../services/index.ts"

/** A caller proven to be an admin of the tenant: what every changing program takes. */
export type Admin = Principal & Brand.Brand<"Admin">

/** A caller proven to belong to the tenant with any role: what the reading programs take. */
export type Member = Principal & Brand.Brand<"Member">

const denied = Effect.fnUntraced(function* (principal: Principal, reason: "role" | "no_tenant") {
  const log = yield* SecurityLog
  yield* log.report({
    type: "role_denied",
    tenantId: principal.tenantId,
    userId: principal.userId,
    reason
  })
  return yield* new Forbidden({ reason })
})

const isMember = (principal: Principal): principal is Member => principal.roles.length > 0
const isAdmin = (principal: Principal): principal is Admin => principal.isAdmin

/** Whether the caller has at least this role, for what must be known before the call is refused. */
export const hasRole = (principal: Principal, role: Role): boolean =>
  role === "admin" ? isAdmin(principal) : isMember(principal)

/** Fails with `Forbidden` unless the caller is an admin of the tenant. */
export const requireAdmin = (principal: Principal): Effect.Effect<Admin, Forbidden, SecurityLog> =>
  isAdmin(principal) ? Effect.succeed(principal) : denied(principal, "role")

/** Fails with `Forbidden` unless the caller has a role in the tenant. */
export const requireMember = (
  principal: Principal
): Effect.Effect<Member, Forbidden, SecurityLog> =>
  isMember(principal) ? Effect.succeed(principal) : denied(principal, "no_tenant")
