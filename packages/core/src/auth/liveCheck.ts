import { Effect, Option } from "effect"
import { type Account, shownText, storableText, type TenantId } from "../model/index.ts"
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
  keyIssuer,
  secretUrl,
  valueAtPath
} from "../provider/index.ts"
import { Egress, type EgressError } from "../services/index.ts"
import type { CheckedKey, CheckVerdict, KeyKind, OpenedCredential } from "./AuthKind.ts"

const verdictOfBody = ({ acceptedBody, rejectedBody }: LiveCheck, body: unknown): CheckVerdict => {
  if (rejectedBody !== undefined && passes(body, rejectedBody)) return "rejected"
  if (acceptedBody === undefined || passes(body, acceptedBody)) return "accepted"
  return rejectedBody === undefined ? "rejected" : "unexpected_answer"
}

/** Where the answer to a check names the account of a key. A grant's is learnt when it is issued. */
type KeyAccount = ApiKeyProvider["definition"]["account"]

const accountIn = (
  account: KeyAccount,
  issuer: string | undefined,
  verdict: CheckVerdict,
  body: unknown
): Account | undefined => {
  if (account === undefined || verdict !== "accepted") return undefined
  const id = storableText(valueAtPath(body, account.id), 255)
  if (id === undefined) return undefined
  const { label } = account
  const named = { id, label: label && shownText(valueAtPath(body, label), 200) }
  return issuer === undefined ? named : { ...named, issuer }
}

const readAnswer = async (
  account: KeyAccount,
  check: LiveCheck,
  issuer: string | undefined,
  response: Response
): Promise<CheckedKey> => {
  const isTested = check.acceptedBody !== undefined || check.rejectedBody !== undefined
  if (!isTested && account === undefined) return verdictAlone("accepted")
  try {
    const body: unknown = await response.json()
    const verdict = verdictOfBody(check, body)
    return { verdict, account: accountIn(account, issuer, verdict, body) }
  } catch {
    // A body that is not the vendor's JSON comes from something in between, so it says nothing about the key.
    return verdictAlone(isTested ? "unexpected_answer" : "accepted")
  }
}

export const verdictAlone = (verdict: CheckVerdict): CheckedKey => ({ verdict, account: undefined })

/** One request that the definition fixes. Nothing of the answer leaves this function but verdict and, for a key, account. */
export const liveCheck = Effect.fnUntraced(function* <E, R>(
  { definition, id }: ConfiguredProvider,
  tenantId: TenantId,
  values: FieldValues,
  ask: (probe: Probe) => Effect.Effect<Response, EgressError | E, R>,
  account?: KeyAccount
): Effect.fn.Return<CheckedKey, EndpointNotAllowed, R | ProviderTraffic> {
  const { apiHeaders, check } = definition
  if (check === undefined) return verdictAlone("not_supported")
  const url = yield* secretUrl(definition, "check.url", values)
  const traffic = yield* ProviderTraffic
  const answer = yield* Effect.option(
    traffic.through(ownTraffic(id, tenantId, url), () =>
      ask(makeProbe(check, url, apiHeaders, values))
    )
  )
  if (Option.isNone(answer)) return verdictAlone("unreachable")
  const response = answer.value
  if ((check.rejectedStatus ?? [401, 403]).includes(response.status))
    return verdictAlone("rejected")
  if (!(check.acceptedStatus ?? [200]).includes(response.status))
    return verdictAlone("unexpected_answer")
  return yield* Effect.promise(() => readAnswer(account, check, keyIssuer(check, url), response))
})

/** The definition's check, with what `use` makes each request carry. */
export const checkByRequest =
  (use: KeyKind["use"]) =>
  (
    provider: ApiKeyProvider,
    tenantId: TenantId,
    credential: OpenedCredential
  ): Effect.Effect<CheckedKey, EndpointNotAllowed, Egress | ProviderTraffic> =>
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
      }),
      provider.definition.account
    )
