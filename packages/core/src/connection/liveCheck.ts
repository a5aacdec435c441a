import { Effect, Option } from "effect"
import type { ProviderId, TenantId } from "../model/index.ts"
import {
  type ApiCredential,
  AuthorizationServerClient,
  keyCredential,
  ownTraffic,
  type Probe,
  probeHeaders,
  probeOf,
  ProviderTraffic,
  type UsableToken,
  withClientToken,
  withQuery
} from "../protocol/index.ts"
import {
  type ApiKeyDefinition,
  type EndpointNotAllowed,
  type FieldValues,
  type LiveCheck,
  type OAuth2Definition,
  passes,
  type ProviderDefinition,
  reportingEndpoints,
  secretUrl
} from "../provider/index.ts"
import { Egress, type EgressError, type SecurityLog } from "../services/index.ts"
import { exchangeCredentials } from "../token/index.ts"

/** `unreachable` and `unexpected_answer`: the provider did not say either way, so the key is neither. */
export type CheckVerdict =
  | "accepted"
  | "rejected"
  | "unreachable"
  | "unexpected_answer"
  | "not_supported"

/** A body that is not the vendor's JSON comes from something in between, so it says nothing about the key. */
const verdictOfBody = async (check: LiveCheck, response: Response): Promise<CheckVerdict> => {
  const { acceptedBody, rejectedBody } = check
  if (acceptedBody === undefined && rejectedBody === undefined) return "accepted"
  try {
    const body: unknown = await response.json()
    if (rejectedBody !== undefined && passes(body, rejectedBody)) return "rejected"
    if (acceptedBody === undefined || passes(body, acceptedBody)) return "accepted"
    return rejectedBody === undefined ? "rejected" : "unexpected_answer"
  } catch {
    return "unexpected_answer"
  }
}

/** Whose key or token is checked, and by which definition. */
interface Subject<Definition> {
  readonly id: ProviderId
  readonly definition: Definition
  readonly tenantId: TenantId
}

/** One request that the definition fixes. Nothing of the answer leaves this function but the verdict. */
const liveCheck = Effect.fnUntraced(function* <R>(
  { definition, id, tenantId }: Subject<ProviderDefinition>,
  values: FieldValues,
  ask: (probe: Probe) => Effect.Effect<Response, EgressError, R>
): Effect.fn.Return<CheckVerdict, EndpointNotAllowed, R | ProviderTraffic> {
  const { apiHeaders, check } = definition
  if (check === undefined) return "not_supported"
  const url = yield* secretUrl(definition, "check.url", values)
  const traffic = yield* ProviderTraffic
  const answer = yield* Effect.option(
    traffic.through(ownTraffic(id, tenantId, url), () =>
      ask(probeOf(check, url, apiHeaders, values))
    )
  )
  if (Option.isNone(answer)) return "unreachable"
  const response = answer.value
  if ((check.rejectedStatus ?? [401, 403]).includes(response.status)) return "rejected"
  if (!(check.acceptedStatus ?? [200]).includes(response.status)) return "unexpected_answer"
  return yield* Effect.promise(() => verdictOfBody(check, response))
})

/**
 * Asks the provider whether it accepts an API key. Client credentials are exchanged first: a vendor that gives a token for
 * them has accepted them, unless the definition knows of a check besides.
 */
export const checkApiKey = (
  subject: Subject<ApiKeyDefinition>,
  values: FieldValues
): Effect.Effect<CheckVerdict, never, Egress | ProviderTraffic | SecurityLog> =>
  nobodyElse(subject)(askWithKey(subject, values))

const askWithKey = Effect.fnUntraced(function* (
  subject: Subject<ApiKeyDefinition>,
  values: FieldValues
): Effect.fn.Return<CheckVerdict, EndpointNotAllowed, Egress | ProviderTraffic> {
  const { definition, tenantId } = subject
  const { check, clientCredentials } = definition
  const credential = keyCredential(definition, values)
  if (clientCredentials === undefined) return yield* checkWith(subject, values, credential)
  const exchanged = yield* Effect.result(
    exchangeCredentials(definition, tenantId, clientCredentials, values)
  )
  if (exchanged._tag === "Failure") {
    const { failure } = exchanged
    if (failure._tag === "EndpointNotAllowed") return yield* failure
    return failure._tag === "ClientTokenFailed" && failure.isRejected ? "rejected" : "unreachable"
  }
  if (check === undefined) return "accepted"
  const { accessToken } = exchanged.success
  return yield* checkWith(
    subject,
    values,
    withClientToken(credential, clientCredentials, accessToken)
  )
})

/** Stored under other rules for what stands in the URL: nobody was asked. */
const nobodyElse =
  (who: { readonly tenantId: TenantId }) =>
  <R>(check: Effect.Effect<CheckVerdict, EndpointNotAllowed, R>) =>
    check.pipe(
      reportingEndpoints(who),
      Effect.catchTag("EndpointNotAllowed", () => Effect.succeed<CheckVerdict>("unexpected_answer"))
    )

const checkWith = (
  subject: Subject<ProviderDefinition>,
  values: FieldValues,
  credential: ApiCredential
): Effect.Effect<CheckVerdict, EndpointNotAllowed, Egress | ProviderTraffic> =>
  liveCheck(subject, values, (probe) =>
    Effect.flatMap(Egress, (egress) => {
      const url = withQuery(new URL(probe.url), credential)
      return egress.request({
        method: probe.method ?? "GET",
        url,
        headers: { ...probeHeaders(probe), ...credential.headers },
        ...(probe.body !== undefined && { body: probe.body }),
        hosts: [url.host],
        ...(probe.maxBodyBytes !== undefined && { maxBodyBytes: probe.maxBodyBytes })
      })
    })
  )

/** Asks the provider whether it accepts an access token. */
export const checkAccessToken = (
  subject: Subject<OAuth2Definition>,
  fields: FieldValues,
  token: UsableToken
): Effect.Effect<CheckVerdict, never, AuthorizationServerClient | ProviderTraffic | SecurityLog> =>
  nobodyElse(subject)(
    liveCheck(subject, fields, (probe) =>
      Effect.flatMap(AuthorizationServerClient, (client) =>
        client.ask(subject.definition, probe, token)
      )
    )
  )
