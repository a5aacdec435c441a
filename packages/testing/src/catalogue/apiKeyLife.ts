import {
  type ApiKeyDefinition,
  authorizedFetch,
  connect,
  disconnect,
  storeCredentials,
  testConnection,
  tenantsDefault
} from "@hawser/core"
import type { ApiKeyFacts } from "../facts/index.ts"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeSimulator, type Simulator } from "../simulator/index.ts"
import { apiAnswers, configured } from "./configured.ts"
import { expect, unmet } from "./Expectation.ts"
import { choosesHost, refusedInputs, samples } from "./fieldChecks.ts"
import { playScene } from "./playScene.ts"
import { admin, type HostServices } from "./providerHost.ts"

interface Played {
  readonly definition: ApiKeyDefinition
  readonly facts: ApiKeyFacts
  readonly simulator: Simulator
}

/** One scene of a key's life, before a vendor and in a host of its own. */
const scene = <A, E extends Error>(
  definition: ApiKeyDefinition,
  facts: ApiKeyFacts,
  run: (played: Played) => Effect.Effect<A, E, HostServices>
) => {
  const simulator = makeSimulator([facts])
  const config = {
    definition,
    settings: samples(facts.settings),
    ...(choosesHost(definition.fields) && { allowTenantHosts: true })
  }
  return playScene(simulator, config, run({ definition, facts, simulator }))
}

const provider = ({ facts }: Played) => configured(facts.provider)

/** Stores a key: what became of it, or the code of the error that refused it. */
const stored = Effect.fnUntraced(function* (
  played: Played,
  credentials: Record<string, string> = samples(played.facts.fields)
) {
  return yield* storeCredentials(admin, yield* provider(played), { credentials })
})

const outcomeOf = (played: Played, credentials?: Record<string, string>) =>
  stored(played, credentials).pipe(
    Effect.map(({ status }) => status as string),
    Effect.catch((error) => Effect.succeed<string>(error.code))
  )

const isAsked = ({ check, clientCredentials }: ApiKeyFacts): boolean =>
  check !== undefined || clientCredentials !== undefined

const life = Effect.fnUntraced(function* (played: Played) {
  const { facts } = played
  const credential = yield* stored(played)
  yield* expect("a good key", credential.status, isAsked(facts) ? "validated" : "unverified")
  const result = yield* connect(admin, yield* provider(played), { credentialId: credential.id })
  if (result._tag !== "Connected") return yield* unmet("connecting with it began a flow")
  const { account } = result.integration
  yield* expect("the account's id", account?.id, facts.account?.id)
  yield* expect("the account's label", account?.label, facts.account?.label)
  yield* apiAnswers(facts)
  const { reason } = yield* testConnection(admin, yield* provider(played))
  yield* expect("the live check", reason, isAsked(facts) ? undefined : "not_supported")
  yield* disconnect(admin, yield* provider(played))
})

const otherLetter = (letter: string): string => {
  const other = /a/i.test(letter) ? "b" : "a"
  return /[A-Z]/.test(letter) ? other.toUpperCase() : other
}

/** Another secret of the same form, so that the definition's own pattern takes it. */
const otherSecret = (secret: string): string =>
  secret.replace(/[a-z0-9](?=[^a-z0-9]*$)/i, (last) =>
    /[0-9]/.test(last) ? String((Number(last) + 1) % 10) : otherLetter(last)
  )

/** Each secret in turn is another one. */
const wrongKeys = Effect.fnUntraced(function* (played: Played) {
  for (const { name, secret } of played.definition.fields) {
    if (secret === false) continue
    const given = samples(played.facts.fields)
    const wrong = { ...given, [name]: otherSecret(given[name] ?? "") }
    const outcome = yield* outcomeOf(played, wrong)
    yield* expect(`a wrong ${name}`, outcome, "credential_validation_failed")
  }
})

const silent = Effect.fnUntraced(function* (played: Played) {
  const { facts, simulator } = played
  const asked = facts.clientCredentials === undefined ? "check" : "token"
  simulator.failNext(facts.provider, asked, { kind: "status", status: 500 })
  yield* expect("a key while the vendor is down", yield* outcomeOf(played), "unverified")
})

/** What the live check makes of an answer. */
const answered = Effect.fnUntraced(function* (
  played: Played,
  answer: { readonly status: number; readonly body?: unknown },
  wanted: "validated" | "credential_validation_failed" | "unverified"
) {
  played.simulator.failNext(played.facts.provider, "check", { kind: "answer", ...answer })
  yield* expect(`a key answered with ${answer.status}`, yield* outcomeOf(played), wanted)
})

/** The token that client credentials were exchanged for is used for as long as it lives, and then another. */
const renewal = Effect.fnUntraced(function* (played: Played, lifetime: number) {
  const { facts, simulator } = played
  yield* TestClock.setTime(simulator.now())
  const { id: credentialId } = yield* stored(played)
  yield* connect(admin, yield* provider(played), { credentialId })
  const query = { tenantId: admin.tenantId, ...tenantsDefault, provider: facts.provider }
  const requestsAfter = Effect.fnUntraced(function* (seconds: number) {
    yield* TestClock.adjust(Duration.seconds(seconds))
    const before = simulator.count(facts.provider, "token")
    yield* authorizedFetch(query, "/probe")
    return simulator.count(facts.provider, "token") - before
  })
  const requests = [
    yield* requestsAfter(0),
    yield* requestsAfter(lifetime * 0.45),
    yield* requestsAfter(lifetime * 0.6)
  ]
  yield* expect("the requests for tokens within one life and after it", requests, [1, 0, 1])
})

/** What the tenant may not type in, and what it must. */
const refusals = Effect.fnUntraced(function* (played: Played) {
  for (const { input, name } of refusedInputs(played.facts.fields)) {
    if ((yield* outcomeOf(played, input)) !== "validation_error")
      return yield* unmet(`fields.${name} takes what it must refuse`)
  }
})

/** Everything that a stored key goes through at this vendor; fails with the first thing that is not as the facts say. */
export const apiKeyLife = Effect.fnUntraced(function* (
  definition: ApiKeyDefinition,
  facts: ApiKeyFacts
) {
  yield* scene(definition, facts, life)
  yield* scene(definition, facts, refusals)
  if (!isAsked(facts)) return
  yield* scene(definition, facts, wrongKeys)
  yield* scene(definition, facts, silent)
  const { check, clientCredentials } = facts
  if (clientCredentials !== undefined && clientCredentials.lifetime !== null && facts.api) {
    const { lifetime } = clientCredentials
    yield* scene(definition, facts, (played) =>
      Effect.provide(renewal(played, lifetime), TestClock.layer())
    )
  }
  if (check === undefined) return
  for (const [answers, wanted] of [
    [check.acceptedToo, "validated"],
    [[check.rejected, ...(check.rejectedToo ?? [])], "credential_validation_failed"],
    [check.unclear, "unverified"]
  ] as const) {
    for (const answer of answers ?? [])
      yield* scene(definition, facts, (played) => answered(played, answer, wanted))
  }
})
