import { type Brand, Effect } from "effect"
import {
  type AuthorizationServerSnapshot,
  type ProviderId,
  TaggedError,
  type TenantId,
  type UserId
} from "../model/index.ts"
import { SecurityLog } from "../services/index.ts"
import { capturedValue } from "./capturedValue.ts"
import { CurrentEndpointLock, isLocked, lockedEndpoints } from "./EndpointLock.ts"
import { accepts } from "./fields.ts"
import { capturesOf, type ProviderDefinition } from "./ProviderDefinition.ts"
import { renderUrl } from "./renderUrl.ts"
import { placeholders, type TemplateValues } from "./template.ts"

/**
 * A URL that a secret may be sent to: the template is in the definition, the definition accepts the values, and the host's
 * lock approves both. Only `secretUrl` makes one.
 */
export type SecretUrl = string & Brand.Brand<"SecretUrl">

/** The server as this tenant reaches it by the current definition. Secrets may go to its URLs. */
export interface CheckedServer extends AuthorizationServerSnapshot {
  readonly authorizationEndpoint: SecretUrl
  readonly tokenEndpoint: SecretUrl
  readonly introspectionEndpoint?: SecretUrl
  readonly tokenExchangeEndpoint?: SecretUrl
  readonly pushedAuthorizationRequestEndpoint?: SecretUrl
}

/** The URLs of a definition that receive secrets or identify the account, by member. */
export type SecretMember =
  | "issuer"
  | "authorizationEndpoint"
  | "tokenEndpoint"
  | "refreshEndpoint"
  | "pushedAuthorizationRequestEndpoint"
  | "introspection.endpoint"
  | "tokenExchange.endpoint"
  | "discovery.url"
  | "account.url"
  | "revocation.endpoint"
  | "check.url"
  | "api.baseUrl"
  | "clientCredentials.tokenEndpoint"

/** No secret may be sent: the definition has no such URL for this tenant, or the host's lock does not approve it. */
export class EndpointNotAllowed extends TaggedError("EndpointNotAllowed")<{
  readonly provider: ProviderId
  /** As the lock names it: `tokenEndpoint`. */
  readonly member: string
}> {
  override get message(): string {
    return `Nothing was sent to ${this.provider}: the stored values no longer match its ${this.member}, or the endpoint lock does not have it.`
  }
}

/** A definition's URL template, by its member. */
export const templateOf = (
  definition: ProviderDefinition,
  member: SecretMember
): string | undefined => {
  let found: unknown = definition
  for (const part of member.split("."))
    found = typeof found === "object" && found !== null ? Reflect.get(found, part) : undefined
  return typeof found === "string" ? found : undefined
}

/** Whether the definition accepts a value under this name. */
const isTaken = (
  definition: ProviderDefinition,
  name: string,
  value: string,
  stored: TemplateValues
): boolean => {
  const fields = definition.fields ?? []
  const field = fields.find((one) => one.name === name)
  if (field !== undefined) return accepts(field, value)
  const capture = capturesOf(definition)[name]
  return capture !== undefined && capturedValue(capture, fields, stored, value) === value
}

/**
 * A URL of the definition for one tenant. Every URL that a secret goes to is made here (an import rule enforces it): the
 * template comes from the definition and never from a row, the definition accepts each value, and the lock approves both.
 * `clientId` fills `{client_id}`.
 */
export const secretUrl = Effect.fnUntraced(function* (
  definition: ProviderDefinition,
  member: SecretMember,
  stored: TemplateValues,
  clientId?: string
): Effect.fn.Return<SecretUrl, EndpointNotAllowed> {
  const refused = () => new EndpointNotAllowed({ provider: definition.id, member })
  const template = templateOf(definition, member)
  if (template === undefined) return yield* refused()
  const lock = yield* CurrentEndpointLock
  if (lock !== undefined) {
    const locked = lockedEndpoints(lock, definition.id)
    if (!isLocked(locked, definition, member, template)) return yield* refused()
  }
  const values: Record<string, string> = {}
  for (const name of placeholders(template)) {
    if (name === "client_id" && clientId !== undefined) {
      values[name] = clientId
      continue
    }
    const value = Object.hasOwn(stored, name)
      ? stored[name]
      : definition.fields?.find((one) => one.name === name)?.default
    if (value === undefined || !isTaken(definition, name, value, stored)) return yield* refused()
    values[name] = value
  }
  const url = renderUrl(template, values)
  return URL.canParse(url) ? (url as SecretUrl) : yield* refused()
})

/** Writes to the host's log and its security events, once, which endpoint did not get secrets. */
export const reportingEndpoints =
  (who: { readonly tenantId: TenantId; readonly userId?: UserId }) =>
  <A, E, R>(sending: Effect.Effect<A, E | EndpointNotAllowed, R>) =>
    Effect.tapError(sending, (error) =>
      error instanceof EndpointNotAllowed ? report(who, error) : Effect.void
    )

const report = Effect.fnUntraced(function* (
  { tenantId, userId }: { readonly tenantId: TenantId; readonly userId?: UserId },
  { member, message, provider }: EndpointNotAllowed
) {
  const log = yield* SecurityLog
  yield* log.report({
    type: "endpoint_not_allowed",
    tenantId,
    ...(userId !== undefined && { userId }),
    provider,
    reason: member
  })
  yield* Effect.logWarning(message, { provider, tenantId })
})
