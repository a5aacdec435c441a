import type { ProviderFacts } from "../facts/index.ts"
import { canonicalJson, canonicalQuery, parseJson, type Received } from "./Received.ts"
import { render } from "./templates.ts"
import type { Vendor } from "./Vendor.ts"

type ProbeKind = "account" | "discovery" | "check"

/** A request to the API that the facts write down whole, with its answers. */
export interface Probe {
  readonly kind: ProbeKind
  readonly url: URL
  readonly method: "GET" | "POST"
  /** Canonical JSON; undefined: there is no body. */
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly accepted: { readonly status: number; readonly body?: unknown }
  readonly rejected: { readonly status: number; readonly body?: unknown }
}

const unauthorized = { status: 401, body: { error: "invalid_token" } }

/** The live check, the account and the discovery, as far as a vendor has them. */
export const probesOf = ({ facts, values }: Vendor): ReadonlyArray<Probe> => {
  const probe = (
    kind: ProbeKind,
    {
      body,
      headers = {},
      method = "GET",
      url
    }: Omit<NonNullable<ProviderFacts["check"]>, "accepted" | "rejected">,
    answers: Pick<Probe, "accepted" | "rejected">
  ): Probe => ({
    kind,
    url: new URL(render(url, values)),
    method,
    body: body === undefined ? undefined : canonicalJson(parseJson(body)),
    headers,
    accepted: answers.accepted,
    rejected: answers.rejected
  })
  const { check } = facts
  const { account, discovery } = facts.authType === "oauth2" ? facts : {}
  return [
    ...(account?.request === undefined
      ? []
      : [
          probe("account", account.request, {
            accepted: { status: 200, body: account.request.answer },
            rejected: unauthorized
          })
        ]),
    ...(discovery === undefined
      ? []
      : [
          probe("discovery", discovery, {
            accepted: { status: 200, body: discovery.answer },
            rejected: unauthorized
          })
        ]),
    ...(check === undefined ? [] : [probe("check", check, check)])
  ]
}

/** In what a request to a probe's path is another one. */
export const differences = (
  probe: Probe,
  { body, headers, method, url }: Received,
  credentialParameters: ReadonlySet<string>
): ReadonlyArray<string> => {
  const query = new URLSearchParams(
    [...url.searchParams].filter(([name]) => !credentialParameters.has(name))
  )
  const isSameBody =
    probe.body === undefined
      ? body === ""
      : headers.get("content-type")?.startsWith("application/json") === true &&
        canonicalJson(parseJson(body)) === probe.body
  return [
    ...(method === probe.method ? [] : [`the method is ${method}, not ${probe.method}`]),
    ...(canonicalQuery(query) === canonicalQuery(probe.url.searchParams)
      ? []
      : [
          `the query is ${query.size === 0 ? "empty" : "another one"}, not ${probe.url.search || "empty"}`
        ]),
    ...(isSameBody ? [] : [`the body is not ${probe.body ?? "empty"}`])
  ]
}

/** A query of GraphQL's: all of them go to one URL, so that each is a call in its own right. */
export const isGraphQl = ({ body, method }: Received): boolean => {
  const value = method === "POST" ? parseJson(body) : undefined
  return typeof value === "object" && value !== null && "query" in value
}
