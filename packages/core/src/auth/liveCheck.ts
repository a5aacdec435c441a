import { Effect, Option } from "effect"
import type { TenantId } from "../model/index.ts"
import {
  ownTraffic,
  type Probe,
  probeHeaders,
  makeProbe,
  ProviderTraffic,
  withQuery
} from "../protocol/index.ts"
import {
  type ApiKeyProvider,
  type ConfiguredProvider,
  type EndpointNotAllowed,
  type FieldValues,
  type LiveCheck,
  passes,
  secretUrl
} from "../provider/index.ts"
import { Egress, type EgressError } from "../services/index.ts"
import type { CheckVerdict, KeyKind, OpenedCredential } from "./AuthKind.ts"

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

/** One request that the definition fixes. Nothing of the answer leaves this function but the verdict. */
export const liveCheck = Effect.fnUntraced(function* <E, R>(
  { definition, id }: ConfiguredProvider,
  tenantId: TenantId,
  values: FieldValues,
  ask: (probe: Probe) => Effect.Effect<Response, EgressError | E, R>
): Effect.fn.Return<CheckVerdict, EndpointNotAllowed, R | ProviderTraffic> {
  const { apiHeaders, check } = definition
  if (check === undefined) return "not_supported"
  const url = yield* secretUrl(definition, "check.url", values)
  const traffic = yield* ProviderTraffic
  const answer = yield* Effect.option(
    traffic.through(ownTraffic(id, tenantId, url), () =>
      ask(makeProbe(check, url, apiHeaders, values))
    )
  )
  if (Option.isNone(answer)) return "unreachable"
  const response = answer.value
  if ((check.rejectedStatus ?? [401, 403]).includes(response.status)) return "rejected"
  if (!(check.acceptedStatus ?? [200]).includes(response.status)) return "unexpected_answer"
  return yield* Effect.promise(() => verdictOfBody(check, response))
})

/** The definition's check, with what `use` makes each request carry. */
export const checkByRequest =
  (use: KeyKind["use"]) =>
  (
    provider: ApiKeyProvider,
    tenantId: TenantId,
    credential: OpenedCredential
  ): Effect.Effect<CheckVerdict, EndpointNotAllowed, Egress | ProviderTraffic> =>
    liveCheck(
      provider,
      tenantId,
      credential.fields,
      Effect.fnUntraced(function* (probe) {
        const egress = yield* Egress
        const { body, method = "GET" } = probe
        const headers = probeHeaders(probe)
        const carried = yield* use(provider, credential, {
          method,
          url: probe.url,
          headers,
          body: body === undefined ? undefined : new TextEncoder().encode(body)
        })
        const url = withQuery(new URL(probe.url), carried)
        return yield* egress.request({
          method,
          url,
          headers: { ...headers, ...carried.headers },
          ...(body !== undefined && { body }),
          hosts: [url.host],
          ...(probe.maxBodyBytes !== undefined && { maxBodyBytes: probe.maxBodyBytes })
        })
      })
    )
