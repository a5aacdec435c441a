import type { JWTPayload } from "jose"
import type { Claimed } from "./Caller.ts"
import type { ClaimPath, JwtOptions } from "../jwt.ts"

/** Reads the caller out of a verified token; what it finds is believed by nobody yet. */
export const claimsReader = ({
  roleMap,
  roles = "roles",
  tenantId = "tenant_id",
  userId = "sub"
}: NonNullable<JwtOptions["claims"]>) => {
  const toRole = (role: unknown): unknown => {
    if (roleMap === undefined || typeof role !== "string") return role
    return Object.hasOwn(roleMap, role) ? roleMap[role] : undefined
  }
  return (payload: JWTPayload): Claimed => {
    const found = claimAt(payload, roles)
    return {
      tenantId: claimAt(payload, tenantId),
      userId: claimAt(payload, userId),
      // A list with something else than strings in it is not a list of roles.
      roles:
        typeof found === "string"
          ? [toRole(found)]
          : Array.isArray(found) && found.every((role) => typeof role === "string")
            ? found.map(toRole)
            : [],
      isImpersonated: payload["act"] !== undefined
    }
  }
}

const claimAt = (payload: JWTPayload, path: ClaimPath): unknown =>
  [path]
    .flat()
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      payload
    )

/** Claims that users write for themselves, at Supabase, Auth0 and Clerk. */
const writtenByUsers = ["user_metadata", "unsafe_metadata"]

/** The first path of these that leads into a claim that a user may write: nobody names a tenant or a role of their own. */
export const pathWrittenByUsers = ({
  roles,
  tenantId,
  userId
}: NonNullable<JwtOptions["claims"]>): string | undefined =>
  [tenantId, userId, roles]
    .map((path) => [path ?? []].flat()[0])
    .find((name) => name !== undefined && writtenByUsers.includes(name))
