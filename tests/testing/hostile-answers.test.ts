import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  type EgressRequest,
  type OAuth2Definition,
  tenantsDefault
} from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { postgres } from "@hawser/postgres"
import { createDatabase } from "../../test-support/postgres.ts"
import { admin, comeBack, forge, makeHost, startFlow, tokenResponse } from "../core/support/host.ts"

const stores = [
  ["memory", MemoryStores.layer],
  [
    "PostgreSQL",
    Layer.unwrap(
      Effect.map(
        Effect.acquireRelease(
          Effect.promise(() => createDatabase()),
          ({ drop }) => Effect.promise(drop)
        ),
        ({ url }) => postgres({ url }).layer
      )
    )
  ]
] as const

const corpus: Readonly<Record<string, string>> = {
  NUL: "a\0b",
  "a lone surrogate": "a\ud800b",
  "a line break": "a\r\nx-injected: b",
  DEL: "a\u007fb",
  bidi: "a\u202eb\u2066c",
  "no ASCII": "\u{1f511}\u00e9",
  "white space": " \t ",
  "a quote": 'a"b\\\\c',
  "a megabyte": "a".repeat(1_000_000),
  "thirty thousand words": "s ".repeat(30_000),
  "a number": "9".repeat(400)
}

/** What a database takes in its own way, or not at all. */
const hardToStore = new Set(["NUL", "a lone surrogate", "a line break", "a megabyte"])

/** Every string of an answer, each by what it makes of a value. */
const places: Readonly<Record<string, (value: string) => Readonly<Record<string, unknown>>>> = {
  access_token: (access_token) => ({ access_token }),
  refresh_token: (refresh_token) => ({ refresh_token }),
  token_type: (token_type) => ({ token_type }),
  expires_in: (expires_in) => ({ expires_in }),
  scope: (scope) => ({ scope: `repo ${scope}` }),
  "a list of scopes": (scope) => ({ scope: ["repo", scope] }),
  "a list that is none of scopes": (scope) => ({ scope: ["repo", 1, scope] }),
  id_token: (id_token) => ({ id_token }),
  "the account": (id) => ({ owner: { id, name: "Octocat" } }),
  "its label": (name) => ({ owner: { id: "1", name } }),
  "a captured value": (site) => ({ site }),
  error: (error) => ({ error }),
  "a member that nobody reads": (value) => ({ [value.slice(0, 100)]: value })
}

const definition: Partial<OAuth2Definition> = {
  account: { from: "token_response", id: ["owner", "id"], label: ["owner", "name"] },
  captures: { site: { from: "token_response", path: ["site"], required: false } }
}

/** Text as it may be stored and sent on. */
const isLegal = (text: string) => text.isWellFormed() && !/[\0\r\n\u007f\u202e\u2066]/.test(text)

/** A vendor that adds to its answers what the test says. */
const vendor = (layer: (typeof stores)[number][1]) => {
  const state: { hostile: Readonly<Record<string, unknown>> } = { hostile: {} }
  let made = 0
  const answer = ({ url }: EgressRequest) => {
    if (url.pathname !== "/token") return new Response("", { status: 404 })
    made++
    return tokenResponse({
      access_token: `access-${made}`,
      refresh_token: "refresh",
      expires_in: 3600,
      owner: { id: "1", name: "Octocat" },
      ...state.hostile
    })
  }
  const host = makeHost({
    stores: layer,
    providers: [{ ...forge, definition: { ...forge.definition, ...definition } }],
    answer
  })
  return { ...host, state }
}

/** Without these there is nothing to keep: the connection stays as it was. */
const costsTokens = new Set(["access_token", "token_type", "error"])

const closedList = [null, "invalid_response", "provider_error", "insufficient_scope"]

/** A flow of one tenant's, and a refresh of another's, both answered so. */
const answered = Effect.fnUntraced(function* (
  state: ReturnType<typeof vendor>["state"],
  place: string,
  hostile: Readonly<Record<string, unknown>>,
  what: string
) {
  // The vendor is asked again although it failed.
  yield* TestClock.adjust("2 minutes")
  const begun = admin(`flow ${what}`, "ann")
  state.hostile = hostile
  const outcome = yield* comeBack(yield* startFlow(undefined, begun))
  const error = outcome._tag === "Return" ? new URL(outcome.url).searchParams.get("error") : outcome
  assert.include(closedList, error, what)

  const connected = admin(`refresh ${what}`, "ann")
  state.hostile = {}
  yield* comeBack(yield* startFlow(undefined, connected))
  const query = { tenantId: connected.tenantId, ...tenantsDefault, provider: forge.definition.id }
  const before = yield* accessToken(query)
  state.hostile = hostile
  const refreshed = yield* Effect.result(accessToken(query, { rejected: before }))
  if (refreshed._tag === "Success") {
    assert.isTrue(refreshed.success.scopes.every(isLegal), what)
  } else {
    // A refusal in an unknown word is the client's until somebody says more; any of both leaves the grant as it was.
    assert.include(["ProviderUnavailable", "Misconfigured"], refreshed.failure._tag, what)
  }
  const { accessToken: still, generation } = yield* accessToken(query)
  if (!costsTokens.has(place)) assert.isAbove(generation, before.generation, what)
  assert.isTrue(isLegal(Redacted.value(still)), what)
})

for (const [name, layer] of stores) {
  it.effect(
    `S-125 each string of an answer, hostile in each way, makes tokens or a failure with a name, on ${name}`,
    () => {
      const { layer: host, state } = vendor(layer)
      return Effect.gen(function* () {
        for (const [place, membersOf] of Object.entries(places))
          for (const [what, value] of Object.entries(corpus))
            if (name === "memory" || hardToStore.has(what))
              yield* answered(state, place, membersOf(value), `${what} in ${place}`)
      }).pipe(Effect.provide(host))
    },
    120_000
  )
}
