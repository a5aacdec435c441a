import { answerOf, jsonAnswer, protocolError } from "./answers.ts"
import { type ApiCall, apiCallOf, callApi } from "./apiEndpoint.ts"
import { authorize, type PendingRequests } from "./authorize.ts"
import { issueForCredentials } from "./clientCredentials.ts"
import { exchange } from "./exchangeEndpoint.ts"
import { ConnectionReset, type Failure, withWrongTypes } from "./failures.ts"
import { askGithub, installationToken } from "./githubApp.ts"
import { introspect } from "./introspectionEndpoint.ts"
import { pushRequest } from "./pushedRequest.ts"
import { parseJson, type Received } from "./Received.ts"
import { refresh } from "./refreshEndpoint.ts"
import type { Resolved } from "./resolveRequest.ts"
import { revoke } from "./revocationEndpoint.ts"
import type { RequestKind, Simulation, Visit } from "./Simulation.ts"
import { redeemCode } from "./tokenEndpoint.ts"
import { isApiKey, isOAuth2 } from "./Vendor.ts"

/** What a request is, and how it is answered where nothing goes wrong. */
export interface Planned {
  readonly kinds: ReadonlyArray<RequestKind>
  readonly answer: (twist: Failure | undefined) => Response
}

/** Sorts a request, without answering it yet. */
export const planAnswer = (
  simulation: Simulation,
  pending: PendingRequests,
  received: Received,
  { credential, target, vendor }: Resolved
): Planned => {
  const visitWith = (path: Visit["path"], twist: Failure | undefined): Visit => ({
    simulation,
    vendor,
    received,
    path,
    twist
  })
  switch (target._tag) {
    case "Endpoint": {
      const { kind } = target.endpoint
      return {
        kinds: [kind],
        answer: (twist) => answerAt(kind, visitWith(target.path, twist), pending, credential)
      }
    }
    case "Api": {
      const call: ApiCall = apiCallOf({ received, vendor }, target.probes)
      return {
        kinds: call.kinds,
        answer: (twist) => callApi(visitWith({}, twist), call, credential(), target.isOfApi)
      }
    }
    case "Nothing":
      return {
        kinds: ["unknown"],
        answer: () => {
          simulation.report(vendor, "unknown", [target.problem])
          return protocolError(404, "not_found", [target.problem])
        }
      }
  }
}

/** The endpoint of a kind, of a vendor that has it: a route leads here only from its facts. */
const answerAt = (
  kind: RequestKind,
  visit: Visit,
  pending: PendingRequests,
  credential: Resolved["credential"]
): Response => {
  const { vendor } = visit
  if (isOAuth2(vendor)) {
    const at = { ...visit, vendor }
    const { authKind, refresh: refreshFacts, revocation, tokenExchange } = vendor.facts
    if (kind === "authorize") return authorize(at, pending)
    if (kind === "pushed") return pushRequest(at)
    if (kind === "token") return redeemCode(at)
    if (kind === "introspection") return introspect(at)
    if (kind === "account") return askGithub(at)
    if (kind === "exchange" && tokenExchange !== undefined) return exchange(at, tokenExchange)
    if (kind === "revocation" && revocation !== null) return revoke(at, revocation, credential())
    if (kind === "refresh" && refreshFacts !== null)
      return authKind === "github_app"
        ? installationToken(at, refreshFacts)
        : refresh(at, refreshFacts)
  }
  if (isApiKey(vendor) && vendor.facts.clientCredentials !== undefined)
    return issueForCredentials({ ...visit, vendor }, vendor.facts.clientCredentials)
  return answerOf({ status: 404 })
}

/** Answers as planned, unless a failure comes first. */
export const answerWith = async (
  { answer }: Planned,
  failure: Failure | undefined,
  signal: AbortSignal
): Promise<Response> => {
  switch (failure?.kind) {
    case "slow":
      await passing(failure.ms, signal)
      return answer(undefined)
    case "status":
      return new Response(`<h1>${failure.status}</h1>`, {
        status: failure.status,
        headers: { "content-type": "text/html" }
      })
    case "answer":
      return answerOf(failure)
    case "rate_limited":
      return new Response('{"error":"rate_limited"}', {
        status: 429,
        headers: { "content-type": "application/json", "retry-after": String(failure.retryAfter) }
      })
    case "reset":
      throw new ConnectionReset()
    case "wrong_types": {
      const response = answer(undefined)
      const body = parseJson(await response.clone().text())
      return body === undefined ? response : jsonAnswer(response.status, withWrongTypes(body))
    }
    case "invalid_grant":
    case "busy":
    case "partial_scopes":
    case "other_account":
    case "several_accounts":
    case "clock_skew":
    case "access_denied":
    case undefined:
      return answer(failure)
  }
}

/** Waits, no longer than whoever asked does. */
const passing = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(new ConnectionReset())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop)
      resolve()
    }, ms)
    signal.addEventListener("abort", stop, { once: true })
  })
