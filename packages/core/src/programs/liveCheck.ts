import { Effect, Option } from "effect"
import type { ProviderId, TenantId } from "../domain/Ids.ts"
import type {
  ApiKeyDefinition,
  LiveCheck,
  OAuth2Definition,
  ProviderDefinition
} from "../domain/ProviderDefinition.ts"
import {
  AuthorizationServerClient,
  type Probe,
  type UsableToken
} from "../ports/AuthorizationServerClient.ts"
import { Egress, type EgressError } from "../ports/Egress.ts"
import {
  type ApiCredential,
  keyCredential,
  probeHeaders,
  probeOf,
  withClientToken,
  withQuery
} from "./apiCredential.ts"
import { exchangeCredentials } from "./exchangeCredentials.ts"
import type { FieldValues } from "./fields.ts"
import { passes } from "./memberAt.ts"
import { ownTraffic, ProviderTraffic } from "./ProviderTraffic.ts"
import { type Placed, tenantUrl } from "./tenantUrl.ts"

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

type Checked = Placed & Pick<ProviderDefinition, "apiHeaders" | "check">

/** Whose key or token is checked, and by which definition. */
interface Subject<Definition> {
  readonly id: ProviderId
  readonly definition: Definition
  readonly tenantId: TenantId
}

/** One request that the definition fixes. Nothing of the answer leaves this function but the verdict (S-67). */
const liveCheck = Effect.fnUntraced(function* <R>(
  { definition, id, tenantId }: Subject<Checked>,
  values: FieldValues,
  ask: (probe: Probe) => Effect.Effect<Response, EgressError, R>
): Effect.fn.Return<CheckVerdict, never, R | ProviderTraffic> {
  const { apiHeaders, check } = definition
  if (check === undefined) return "not_supported"
  const url = tenantUrl(definition, check.url, values)
  // Connected under other rules for what stands in the URL: nobody was asked.
  if (url === undefined) return "unexpected_answer"
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

type CheckedKey = Checked &
  Pick<ApiKeyDefinition, "basic" | "clientCredentials" | "headers" | "query">

/**
 * Asks the provider whether it accepts an API key. Client credentials are exchanged first: a vendor that gives a token for
 * them has accepted them, unless the definition knows of a check besides.
 */
export const checkApiKey = Effect.fnUntraced(function* (
  subject: Subject<CheckedKey>,
  values: FieldValues
): Effect.fn.Return<CheckVerdict, never, Egress | ProviderTraffic> {
  const { definition, id, tenantId } = subject
  const { check, clientCredentials } = definition
  const credential = keyCredential(definition, values)
  if (clientCredentials === undefined) return yield* checkWith(subject, values, credential)
  const exchanged = yield* Effect.result(
    exchangeCredentials(id, tenantId, clientCredentials, values)
  )
  if (exchanged._tag === "Failure") {
    const { failure } = exchanged
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

const checkWith = (
  subject: Subject<Checked>,
  values: FieldValues,
  credential: ApiCredential
): Effect.Effect<CheckVerdict, never, Egress | ProviderTraffic> =>
  liveCheck(subject, values, (probe) =>
    Effect.flatMap(Egress, (egress) => {
      const url = withQuery(probe.url, credential)
      return egress.request({
        method: probe.method ?? "GET",
        url,
        headers: { ...probeHeaders(probe), ...credential.headers },
        ...(probe.body !== undefined && { body: probe.body }),
        hosts: [url.host]
      })
    })
  )

/** Asks the provider whether it accepts an access token. */
export const checkAccessToken = (
  subject: Subject<Checked & Pick<OAuth2Definition, "tokenHeader">>,
  fields: FieldValues,
  token: UsableToken
): Effect.Effect<CheckVerdict, never, AuthorizationServerClient | ProviderTraffic> =>
  liveCheck(subject, fields, (probe) =>
    Effect.flatMap(AuthorizationServerClient, (client) =>
      client.ask(subject.definition, probe, token)
    )
  )
