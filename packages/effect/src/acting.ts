import {
  ConnectionName,
  defaultName,
  type DurationInput,
  OwnerKind,
  parseDuration,
  Principal,
  ProviderRegistry,
  requireActor,
  requireReader,
  TenantId,
  UserId,
  UserRequired,
  ValidationError
} from "@hawser/core"
import { type Duration, Effect, Option, Schema } from "effect"

/** A tenant, and the user who acts if one does, as the host's code names them. */
export interface Acting {
  readonly tenantId: string
  readonly user: string | undefined
}

const decodeTenant = Schema.decodeUnknownEffect(TenantId)
const decodeUser = Schema.decodeUnknownEffect(UserId)
const decodeName = Schema.decodeUnknownEffect(ConnectionName)
const isOwnerKind = Schema.is(OwnerKind)

export const invalid = (path: string) =>
  new ValidationError({ details: [{ path, code: "invalid" }] })

/** Fails with `ValidationError`, which names the option. */
export const checkDuration = (
  path: string,
  value: DurationInput | undefined
): Effect.Effect<Duration.Duration | undefined, ValidationError> =>
  value === undefined
    ? Effect.succeed(undefined)
    : Option.match(parseDuration(value), {
        onNone: () => Effect.fail(invalid(path)),
        onSome: Effect.succeed
      })

export const checkTenantId = (tenantId: string) =>
  Effect.mapError(decodeTenant(tenantId), () => invalid("tenantId"))

export const checkUserId = (userId: string) =>
  Effect.mapError(decodeUser(userId), () => invalid("userId"))

/** Default `default`. */
export const checkName = (name: string | undefined) =>
  name === undefined
    ? Effect.succeed(defaultName)
    : Effect.mapError(decodeName(name), () => invalid("name"))

export const providerById = Effect.fnUntraced(function* (id: string) {
  const registry = yield* ProviderRegistry
  return yield* registry.get(id)
})

/** In process the host vouches for the user, so the caller is not verified. */
const vouchedPrincipal = Effect.fnUntraced(function* (
  tenantId: string,
  userId: string,
  role: "admin" | "member"
) {
  return new Principal({
    tenantId: yield* checkTenantId(tenantId),
    userId: yield* checkUserId(userId),
    roles: [role]
  })
})

/** Fails with `UserRequired` if nobody acts. */
export const requireUser = ({ user }: Acting, call: string): Effect.Effect<string, UserRequired> =>
  user === undefined ? Effect.fail(new UserRequired({ call })) : Effect.succeed(user)

/** The user who acts, on what this owner has. */
export const actorFor = Effect.fnUntraced(function* (
  acting: Acting,
  call: string,
  owner: OwnerKind = "tenant"
) {
  const user = yield* requireUser(acting, call)
  if (!isOwnerKind(owner)) return yield* invalid("owner")
  return yield* requireActor(yield* vouchedPrincipal(acting.tenantId, user, "admin"), owner)
})

/** Reading what the tenant owns needs no user; this name marks the host as the reader. */
export const readerFor = Effect.fnUntraced(function* (acting: Acting, owner: OwnerKind = "tenant") {
  if (!isOwnerKind(owner)) return yield* invalid("owner")
  const reader = owner === "tenant" ? "host" : yield* requireUser(acting, 'owner: "user"')
  return yield* requireReader(yield* vouchedPrincipal(acting.tenantId, reader, "member"), owner)
})
