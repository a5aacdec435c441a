import { type Brand, Effect } from "effect"
import {
  Forbidden,
  type Integration,
  IntegrationNotFound,
  kindOfOwner,
  type Owner,
  ownedBy,
  type OwnerKind,
  type Principal,
  type Role,
  type StorageUnavailable,
  type TenantId,
  tenantsOwn,
  type UserId
} from "../model/index.ts"
import { ConnectionStore, SecurityLog } from "../services/index.ts"

/** A caller proven to belong to the tenant with any role. */
export type Member = Principal & Brand.Brand<"Member">

/** A caller, and an owner whose connections that caller may see. */
export interface Reader extends Brand.Brand<"Reader"> {
  readonly tenantId: TenantId
  readonly userId: UserId
  readonly owner: Owner
}

/** A caller, and an owner whose connections that caller may make, use, change and end. */
export type Actor = Reader & Brand.Brand<"Actor">

/** What an admin may know of a user's own connection. */
export interface UsersIntegration extends Pick<
  Integration,
  "connectedAt" | "id" | "owner" | "provider" | "status" | "tenantId"
> {
  readonly isOfAnotherUser: true
}

const denied = Effect.fnUntraced(function* (principal: Principal, reason: Forbidden["reason"]) {
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

/** Whether the caller has at least this role, for what must be known before the call is refused. */
export const hasRole = (principal: Principal, role: Role): boolean =>
  role === "admin" ? principal.isAdmin : isMember(principal)

/** Fails with `Forbidden` unless the caller has a role in the tenant. */
export const requireMember = (
  principal: Principal
): Effect.Effect<Member, Forbidden, SecurityLog> =>
  isMember(principal) ? Effect.succeed(principal) : denied(principal, "no_tenant")

const withOwner = ({ tenantId, userId }: Principal, owner: Owner) =>
  ({ tenantId, userId, owner }) as Actor

const requireSelf = Effect.fnUntraced(function* (principal: Principal) {
  const member = yield* requireMember(principal)
  return member.isImpersonated === true ? yield* denied(member, "impersonated") : member
})

/**
 * Everybody in the tenant may see what the tenant owns, and a user what that user owns. Fails with `Forbidden` for a caller
 * without a role, and for one who acts as the user.
 */
export const requireReader = Effect.fnUntraced(function* (
  principal: Principal,
  kind: OwnerKind
): Effect.fn.Return<Reader, Forbidden, SecurityLog> {
  if (kind === "tenant") return withOwner(yield* requireMember(principal), tenantsOwn)
  return withOwner(yield* requireSelf(principal), ownedBy(principal.userId))
})

/** An admin may change what the tenant owns, and a user what that user owns. Fails with `Forbidden` for all others. */
export const requireActor = Effect.fnUntraced(function* (
  principal: Principal,
  kind: OwnerKind
): Effect.fn.Return<Actor, Forbidden, SecurityLog> {
  if (kind === "user") return withOwner(yield* requireSelf(principal), ownedBy(principal.userId))
  return principal.isAdmin ? withOwner(principal, tenantsOwn) : yield* denied(principal, "role")
})

/** Whether the caller may act for this owner: the same rule where nobody is to be refused with a word. */
export const mayActFor = (principal: Principal, owner: Owner): boolean =>
  kindOfOwner(owner) === "tenant"
    ? principal.isAdmin
    : isMember(principal) &&
      principal.isImpersonated !== true &&
      owner === ownedBy(principal.userId)

const isOwn = (principal: Principal, { owner }: Pick<Integration, "owner">): boolean =>
  owner === ownedBy(principal.userId)

/**
 * The connection with this id. Everybody in the tenant sees the tenant's, a user the own, an admin that those of users are
 * there.
 *
 * Fails with `IntegrationNotFound` for one that the caller does not see, as for one that never existed; with `Forbidden` for a
 * caller who acts as another.
 */
export const findVisible = Effect.fnUntraced(function* (
  member: Member,
  id: Integration["id"]
): Effect.fn.Return<
  Integration,
  Forbidden | IntegrationNotFound | StorageUnavailable,
  ConnectionStore | SecurityLog
> {
  const connections = yield* ConnectionStore
  const integration = yield* connections.findById({ tenantId: member.tenantId, id })
  if (kindOfOwner(integration.owner) === "tenant") return integration
  if (!isOwn(member, integration) && !member.isAdmin) return yield* new IntegrationNotFound()
  return member.isImpersonated === true ? yield* denied(member, "impersonated") : integration
})

/** What the caller may know of a connection that it sees. */
export const shownTo = <Shown extends Integration>(
  member: Member,
  integration: Shown
): Shown | UsersIntegration => {
  if (kindOfOwner(integration.owner) === "tenant" || isOwn(member, integration)) return integration
  const { connectedAt, id, owner, provider, status, tenantId } = integration
  return { connectedAt, id, owner, provider, status, tenantId, isOfAnotherUser: true }
}

/** Whoever may change a connection that the caller sees: its user, and for the tenant's an admin. */
export const requireActorOn = Effect.fnUntraced(function* (
  member: Member,
  integration: Integration
): Effect.fn.Return<Actor, Forbidden, SecurityLog> {
  const kind = kindOfOwner(integration.owner)
  if (kind === "user" && !isOwn(member, integration)) return yield* denied(member, "owner")
  return yield* requireActor(member, kind)
})

/** Whoever may end a connection that the caller sees: an admin any of them. */
export const requireEnder = (
  member: Member,
  integration: Integration
): Effect.Effect<Actor, Forbidden, SecurityLog> =>
  member.isAdmin
    ? Effect.succeed(withOwner(member, integration.owner))
    : requireActorOn(member, integration)
