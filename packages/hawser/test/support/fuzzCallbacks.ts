import * as fc from "fast-check"
import type { StartedFlow } from "./flow.ts"
import type { RawRequest } from "./rawRequest.ts"

/** Stands for a body past every limit, so that a counterexample stays readable. */
export const tooMuch = "(too much)"

/** One thing mostly, and sometimes one of the others. */
const often = <T>(weight: number, usual: fc.Arbitrary<T>, ...others: Array<fc.Arbitrary<T>>) =>
  fc.oneof({ weight, arbitrary: usual }, ...others)

const json = fc.jsonValue()

/** The body of a token response, with some of its members spoiled. */
const tokenResponse = fc
  .record(
    {
      access_token: often(12, fc.constant("canary-token-2b9e"), json),
      token_type: often(
        12,
        fc.constantFrom("bearer", "Bearer", "BEARER"),
        fc.constant("dpop"),
        json
      ),
      expires_in: often(12, fc.constant(3600), fc.constantFrom(-1, 0, 1e308, "3600", "x"), json),
      scope: often(12, fc.constant("read"), fc.constantFrom("", "read  write"), json),
      refresh_token: often(12, fc.constant("canary-refresh-2b9e"), json),
      id_token: fc.option(json, { nil: undefined, freq: 10 }),
      team: often<unknown>(
        12,
        fc.constant({ id: "1", name: "one" }),
        fc.constantFrom({ id: 2 ** 60 }, { id: "1\0" }),
        json
      ),
      error: fc.option(json, { nil: undefined, freq: 10 }),
      ok: often(4, fc.constant(true), json)
    },
    { requiredKeys: ["access_token", "token_type", "team"] }
  )
  .map((members) => JSON.stringify(members))

/** What a hostile or broken token endpoint answers. */
const tokenAnswers = fc.record({
  status: often(6, fc.constant(200), fc.constantFrom(201, 204, 301, 400, 401, 403, 429, 500, 503)),
  type: often(
    6,
    fc.constant("application/json"),
    fc.constantFrom("text/html", "application/x-www-form-urlencoded", "")
  ),
  body: often(12, tokenResponse, fc.json(), fc.string(), fc.constant(tooMuch)),
  breaks: often(15, fc.constant(false), fc.constant(true))
})

export type TokenAnswer = typeof tokenAnswers extends fc.Arbitrary<infer A> ? A : never

/** What the browser may bring to the callback in place of what it was given. */
const spoiled = fc.record({
  provider: often(4, fc.constant("chaos"), fc.constantFrom("projects", "beacon", "nobody")),
  state: often(4, fc.constant("own"), fc.constantFrom("other", "none", "twice")),
  cookie: often(4, fc.constant("own"), fc.constantFrom("other", "wrong", "none")),
  binding: fc.constantFrom("cookie", "complete"),
  extra: often(
    2,
    fc.constant<Array<[string, string]>>([]),
    fc.array(
      fc.tuple<[string, string]>(
        fc.constantFrom("code", "iss", "error", "tenant_id", "redirect_uri", "userId", "status"),
        fc.string()
      ),
      { maxLength: 2 }
    )
  ),
  host: fc.constantFrom("", "evil.example")
})

type Spoiled = typeof spoiled extends fc.Arbitrary<infer A> ? A : never

export const spoiledCallbacks = fc.record({ spoil: spoiled, answer: tokenAnswers })

/** The callback of a flow, spoiled, with parts of another's in it. */
export const callbackOf = (spoil: Spoiled, own: StartedFlow, other: StartedFlow): RawRequest => {
  const states = {
    own: [own.state],
    other: [other.state],
    none: [],
    twice: [own.state, other.state]
  }[spoil.state]
  const cookie = {
    own: own.cookie,
    other: other.cookie,
    // The name of the one and the value of the other.
    wrong: `${own.cookie?.split("=")[0]}=${other.cookie?.split("=")[1]}`,
    none: undefined
  }[spoil.cookie]
  const query = new URLSearchParams([
    ["code", "a-code"],
    ...states.map((state): [string, string] => ["state", state]),
    ...spoil.extra
  ])
  return {
    method: "GET",
    path: `/v1/integrations/${spoil.provider}/callback?${query.toString()}`,
    headers: {
      ...(cookie !== undefined && { cookie: cookie.split(";")[0] ?? "" }),
      ...(spoil.host !== "" && { "x-forwarded-host": spoil.host })
    },
    body: undefined
  }
}
