import {
  accessToken,
  authorizedFetch,
  complete,
  connect,
  type ConnectInput,
  ConnectionStore,
  tenantsDefault,
  disconnect,
  finishCallback,
  type OAuth2Definition,
  type OAuth2ProviderConfig,
  revokeQueued,
  testConnection
} from "@hawser/core"
import type { OAuth2Facts } from "../facts/index.ts"
import { Effect, Redacted } from "effect"
import { makeSimulator, type Simulator } from "../simulator/index.ts"
import { neighbourOf } from "../simulator/otherAccount.ts"
import { render } from "../simulator/templates.ts"
import { canonical } from "./canonical.ts"
import { apiAnswers, configured } from "./configured.ts"
import { expect, Unmet, unmet } from "./Expectation.ts"
import { choosesHost, refusedInputs, samples } from "./fieldChecks.ts"
import { admin, caller, type HostServices, redirectUri, redirectUrl } from "./providerHost.ts"
import { refreshAnswers, type VendorAnswer } from "./namedErrors.ts"
import { playScene } from "./playScene.ts"

/** A definition, the facts that the vendor is played by, and a registration there. */
interface Played {
  readonly definition: OAuth2Definition
  readonly facts: OAuth2Facts
  readonly simulator: Simulator
}

/** A vendor of its own for each scene, so that none sees what another left behind. */
const play = (definition: OAuth2Definition, facts: OAuth2Facts): Played => ({
  definition,
  facts,
  simulator: makeSimulator([facts])
})

const key = { tenantId: admin.tenantId, ...tenantsDefault }

/** Two scopes at least, so that what separates them is seen. */
const scopesOf = ({ defaultScopes, scopes }: OAuth2Facts): ReadonlyArray<string> =>
  [...new Set([...defaultScopes, ...scopes])].slice(0, Math.max(2, defaultScopes.length))

const configOf = ({ definition, facts, simulator }: Played): OAuth2ProviderConfig => {
  const registration = simulator.register(facts.provider, {
    redirectUris: [redirectUri(facts.provider)]
  })
  const userScopes = facts.authorize.userScopes?.scopes.slice(0, 2)
  const common = {
    definition,
    scopes: scopesOf(facts),
    settings: samples(facts.settings),
    ...(userScopes !== undefined && { userScopes }),
    ...(choosesHost(definition.fields) && { allowTenantHosts: true })
  }
  const client = {
    clientId: registration.clientId,
    clientSecret:
      definition.clientAuthentication === "none" ? undefined : registration.clientSecret,
    ...(definition.authKind === "github_app" && { appPrivateKey: registration.privateKey })
  }
  return choosesHost(definition.fields)
    ? { ...common, clientOf: async () => client }
    : { ...common, ...client }
}

/** One scene of a connection's life, before a vendor and in a host of its own. */
const scene = <A, E extends Error>(
  played: Played,
  run: (played: Played) => Effect.Effect<A, E, HostServices>
) => playScene(played.simulator, configOf(played), run(played))

const provider = ({ facts }: Played) => configured(facts.provider)

const query = ({ facts }: Played) => ({
  tenantId: admin.tenantId,
  ...tenantsDefault,
  provider: facts.provider
})

/** A whole flow, as a browser makes it; answers what the host's page is told. */
const flow = (...[played, typedIn, more]: Parameters<typeof pageAfter>) =>
  Effect.map(pageAfter(played, typedIn, more), ({ searchParams }) => searchParams)

/** The page that the browser comes to at the end of a flow. */
const pageAfter = Effect.fnUntraced(function* (
  played: Played,
  typedIn: Readonly<Record<string, string>> = {},
  more: Pick<ConnectInput, "reauthorize"> = {}
) {
  const { facts, simulator } = played
  const begun = yield* connect(admin, yield* provider(played), {
    redirectUrl,
    ...more,
    ...(facts.fields !== undefined && { fields: { ...samples(facts.fields), ...typedIn } })
  })
  if (begun._tag !== "Authorize") return yield* unmet("connect began no flow")
  const { browserBinding } = begun
  const visit = yield* Effect.tryPromise({
    try: () => simulator.visit(begun.authorizationUrl),
    catch: (cause) => new Unmet({ problem: String(cause) })
  })
  const outcome = yield* finishCallback(facts.provider, {
    parameters: visit.form ?? visit.url.searchParams,
    isPosted: visit.form !== undefined,
    browserSecret: (tag) =>
      browserBinding?.flowTag === tag ? Redacted.value(browserBinding.secret) : undefined
  })
  if (outcome._tag === "NoFlow") return yield* unmet("the callback found no flow")
  return new URL(outcome.url)
})

const connected = Effect.fnUntraced(function* (played: Played) {
  const returned = yield* flow(played)
  yield* expect("the flow's error", returned.get("error"), null)
  yield* expect("the flow's status", returned.get("status"), "connected")
})

/** What a connection knows once it is made. */
const knows = Effect.fnUntraced(function* (played: Played) {
  const { facts } = played
  const connections = yield* ConnectionStore
  const integration = yield* connections.find({ ...key, provider: facts.provider })
  // Some vendors grant more than they were asked for.
  const missing = scopesOf(facts).filter(
    (scope) =>
      !integration.scopes.includes(scope) &&
      facts.unnamedScopes?.includes(scope) !== true &&
      !scopesOf(facts).some((other) => facts.includedScopes?.[other]?.includes(scope) === true)
  )
  yield* expect("the scopes that were asked for and not granted", missing, [])
  yield* expect("the account's id", integration.account?.id, facts.account?.id)
  yield* expect("the account's label", integration.account?.label, facts.account?.label)
  yield* expect("what is kept", integration.fields, {
    ...samples(facts.fields),
    ...facts.captures
  })
  const { grantSubject, refreshRemaining } = yield* connections.grant({
    ...key,
    provider: facts.provider
  })
  // Before it stands the server that says so.
  if (facts.grantSubject !== undefined)
    yield* expect("whose consent it is", grantSubject?.split(" ").at(-1), facts.grantSubject)
  if (!isLeftOf(facts.token.refreshTokenLifetime, refreshRemaining))
    return yield* unmet(
      `the refresh token's end, where the answer tells it, should be ${facts.token.refreshTokenLifetime} seconds away and is ${refreshRemaining}: name its member in tokenResponse.members.refresh_token_expires_in`
    )
})

/** Hawser takes ten years at most for a lifetime. */
const longestLifetime = 315_360_000

/** A scene takes less than a minute, so what is left has at most a minute less. */
const isLeftOf = (lifetime: number | undefined, left: number | undefined): boolean => {
  if (lifetime === undefined || left === undefined) return lifetime === left
  const gone = Math.min(lifetime, longestLifetime) - left
  return gone >= 0 && gone <= 60
}

/** The token works where the vendor's API is, and is known for as long as it lives. */
const works = Effect.fnUntraced(function* (played: Played, lifetime: number | null) {
  const { facts } = played
  const token = yield* accessToken(query(played))
  // An instant loses its fraction of a second on the way here.
  const isOneLess = lifetime !== null && token.lifetime === lifetime - 1
  if (!isOneLess) yield* expect("the access token's lifetime", token.lifetime ?? null, lifetime)
  yield* apiAnswers(facts)
  if (facts.check !== undefined) {
    const { reason, status } = yield* testConnection(admin, yield* provider(played))
    yield* expect("the live check", [status, reason], ["ok", undefined])
  }
  return token
})

/** Seconds that the token lives that a connection begins with. */
const firstLifetime = ({ authKind, refresh, token, tokenExchange }: OAuth2Facts): number | null =>
  authKind === "github_app" && refresh !== null
    ? refresh.lifetime
    : (tokenExchange ?? token).lifetime

const life = Effect.fnUntraced(function* (played: Played) {
  const { facts, simulator } = played
  yield* connected(played)
  yield* knows(played)
  let token = yield* works(played, firstLifetime(facts))
  if (facts.refresh !== null) {
    // Twice, so that the token that the first refresh brought is used.
    for (let refreshes = 0; refreshes < 2; refreshes++) {
      const renewed = yield* accessToken(query(played), { rejected: token })
      if (renewed.generation === token.generation) return yield* unmet("nothing was refreshed")
      token = yield* works(played, facts.refresh.lifetime)
    }
  }
  yield* disconnect(admin, yield* provider(played))
  yield* revokeQueued
  const { revocation } = facts
  if (revocation === null || revocation.ends === "none") return
  // What a vendor takes no refresh tokens for, it ends none by.
  const onlyAccess = revocation.tokens === "access_token" && revocation.ends === "token"
  const live = simulator.liveTokens(facts.provider)
  const last = Redacted.value(token.accessToken)
  yield* expect(
    "the tokens that live on",
    onlyAccess ? live.filter((value) => value === last) : live,
    []
  )
})

/** Connected once more with all scopes, as the vendor wants it of an account that it knows. */
const reauthorized = Effect.fnUntraced(function* (played: Played) {
  yield* connected(played)
  const returned = yield* flow(played, {}, { reauthorize: true })
  yield* expect("the flow's error of a second consent", returned.get("error"), null)
  yield* knows(played)
})

/** What the tenant may not type in. */
const refusals = Effect.fnUntraced(function* (played: Played) {
  for (const { input, name } of refusedInputs(played.facts.fields)) {
    const begun = yield* Effect.result(
      connect(admin, yield* provider(played), { redirectUrl, fields: input })
    )
    if (begun._tag === "Success" || begun.failure._tag !== "ValidationError")
      return yield* unmet(`fields.${name} takes what it must refuse`)
  }
})

/** A dead token is told from a vendor that cannot tell. */
const deadToken = Effect.fnUntraced(function* (played: Played) {
  yield* connected(played)
  played.simulator.end(played.facts.provider)
  const { reason } = yield* testConnection(admin, yield* provider(played))
  yield* expect("the live check of a dead token", reason, "rejected")
})

/** What the live check makes of an answer. */
const answered = Effect.fnUntraced(function* (
  played: Played,
  answer: VendorAnswer,
  wanted: "rejected" | "unexpected_answer" | undefined
) {
  yield* connected(played)
  played.simulator.failNext(played.facts.provider, "check", { kind: "answer", ...answer })
  const { reason } = yield* testConnection(admin, yield* provider(played))
  yield* expect(`the live check answered with ${answer.status}`, reason, wanted)
})

/** What the vendor's answer to a refresh means: the token is dead, or the vendor is busy. */
const refusedRefresh = Effect.fnUntraced(function* (
  played: Played,
  answer: VendorAnswer,
  wanted: "ReconnectRequired" | "ProviderUnavailable"
) {
  const { facts, simulator } = played
  yield* connected(played)
  const token = yield* accessToken(query(played))
  simulator.failNext(facts.provider, "refresh", { kind: "answer", ...answer })
  const outcome = yield* accessToken(query(played), { rejected: token }).pipe(
    Effect.map(({ generation }) =>
      generation === token.generation ? "the old token" : "new tokens"
    ),
    Effect.catch((failure) => Effect.succeed(failure._tag))
  )
  if (outcome !== wanted) {
    const member = wanted === "ReconnectRequired" ? "terminalErrors" : "temporaryErrors"
    return yield* unmet(
      `a refresh answered with ${answer.status} ${canonical(answer.body)} should be "${wanted}" and is "${outcome}": name the error in ${member}, with its description where its code means other things too; where it is not at error and error_description, say so in tokenResponse.error and .errorDescription`
    )
  }
})

/**
 * The API says in its own way that the token has ended: the next one is used, or the connection is known to be withdrawn. Or
 * it says something else by the same status, and the token stays.
 */
const refusedByApi = Effect.fnUntraced(function* (
  played: Played,
  answer: VendorAnswer,
  isExpired: boolean
) {
  const { facts, simulator } = played
  yield* connected(played)
  const token = yield* accessToken(query(played))
  simulator.failNext(facts.provider, "api", { kind: "answer", ...answer })
  if (facts.refresh === null) simulator.end(facts.provider)
  yield* authorizedFetch(query(played), "/probe")
  const connections = yield* ConnectionStore
  const { problem } = yield* connections.find({ ...key, provider: facts.provider })
  const { generation } = yield* accessToken(query(played))
  const isOver =
    facts.refresh === null ? problem === "grant_revoked" : generation > token.generation
  if (isOver !== isExpired)
    return yield* unmet(
      `a call of the API answered with ${answer.status} ${canonical(answer.body)} should ${isExpired ? "be" : "not be"} as one answered with 401: say so in api.expired`
    )
})

const lessThanAsked = Effect.fnUntraced(function* (played: Played) {
  const { authorize, provider: id } = played.facts
  const where = authorize.grantedScopes === undefined ? "token" : "authorize"
  played.simulator.failNext(id, where, { kind: "partial_scopes" })
  yield* expect(
    "the error of fewer scopes",
    (yield* flow(played)).get("error"),
    "insufficient_scope"
  )
})

/** The person says no, in the vendor's words. */
const denied = Effect.fnUntraced(function* (played: Played, error: string) {
  played.simulator.failNext(played.facts.provider, "authorize", { kind: "access_denied", error })
  const returned = yield* flow(played)
  yield* expect(
    `the error of a person who says no by ${error}`,
    returned.get("error"),
    "access_denied"
  )
})

/** Somebody who has several accounts: the vendor says which one is meant, or a person does, or nobody takes one for another. */
const severalAccounts = Effect.fnUntraced(function* (
  played: Played,
  { answer, outcome }: NonNullable<OAuth2Facts["severalAccounts"]>[number]
) {
  const { facts, simulator } = played
  const kinds = ["account", "discovery"] as const
  for (const kind of kinds)
    simulator.failNext(facts.provider, kind, { kind: "answer", status: 200, body: answer })
  const { hash, searchParams: returned } = yield* pageAfter(played)
  const found = returned.get("error") ?? returned.get("status")
  yield* expect("a connection of somebody who has several accounts", found, outcome)
  if (outcome === "choose") yield* choosing(played, new URLSearchParams(hash.slice(1)))
  if (outcome !== "account_not_permitted") return yield* knows(played)
  yield* revokeQueued
  const { revocation } = facts
  // Where a vendor takes access tokens alone, a refresh token lives on.
  if (revocation !== null && revocation.ends !== "none" && revocation.tokens !== "access_token")
    yield* expect("the tokens that live on", simulator.liveTokens(facts.provider), [])
})

/** The person chooses the account of the facts. */
const choosing = Effect.fnUntraced(function* (played: Played, told: URLSearchParams) {
  const { facts, simulator } = played
  const configuredProvider = yield* provider(played)
  const flowId = told.get("flowId") ?? ""
  const asked = yield* Effect.result(complete(caller, configuredProvider, { flowId }))
  const listed = asked._tag === "Failure" ? asked.failure : undefined
  if (listed?._tag !== "AccountChoiceRequired") return yield* unmet("complete listed no accounts")
  yield* expect(
    "whether the account of the facts is offered",
    listed.choices.some(({ id }) => id === facts.account?.id),
    true
  )
  yield* complete(caller, configuredProvider, {
    flowId: Redacted.value(listed.flowId),
    account: facts.account?.id
  })
  yield* expect("the tokens that live on", simulator.liveTokens(facts.provider).length > 0, true)
})

const refusedCapture = Effect.fnUntraced(function* (played: Played, name: string) {
  const error = (yield* flow(played)).get("error")
  if (error === null) return yield* unmet(`captures.${name} takes what it must refuse`)
})

/** The same facts with another text wherever this one stands. */
const replaced = <Facts>(facts: Facts, value: string, other: string): Facts =>
  JSON.parse(
    JSON.stringify(facts).replaceAll(
      JSON.stringify(value).slice(1, -1),
      JSON.stringify(other).slice(1, -1)
    )
  ) as Facts

/** The vendor tells at a refresh that the account has moved to another host of its domains. */
const moved = Effect.fnUntraced(function* (played: Played, name: string, to: string) {
  const { facts } = played
  yield* connected(played)
  const token = yield* accessToken(query(played))
  yield* accessToken(query(played), { rejected: token })
  const connections = yield* ConnectionStore
  const { fields } = yield* connections.find({ ...key, provider: facts.provider })
  yield* expect(`captures.${name} once a refresh tells that it has moved`, fields[name], to)
})

/** The facts of a vendor whose refreshes tell another host of the same domains. */
const movingTo = (facts: OAuth2Facts, value: string, other: string): OAuth2Facts => ({
  ...facts,
  refresh: facts.refresh && {
    ...facts.refresh,
    answer: replaced(facts.refresh.answer, value, other)
  }
})

type CallbackRegion = NonNullable<OAuth2Facts["callbackRegion"]>

/** A person whose account is in another region than was typed in: the callback says where. */
const elsewhere = Effect.fnUntraced(function* (
  played: Played,
  { field, parameter }: CallbackRegion,
  typedIn: string
) {
  const returned = yield* flow(played, { [field]: typedIn })
  yield* expect(
    `the flow's error where ${parameter} names another region`,
    returned.get("error"),
    null
  )
  yield* knows(played)
})

/** The facts of a vendor that asks for consent in the region that was typed in. */
const consentingIn = (facts: OAuth2Facts, field: string, region: string): OAuth2Facts => ({
  ...facts,
  authorize: { ...facts.authorize, url: render(facts.authorize.url, { [field]: region }) }
})

const callingBackWith = (facts: OAuth2Facts, parameter: string, value: string): OAuth2Facts => ({
  ...facts,
  authorize: {
    ...facts.authorize,
    callback: { ...facts.authorize.callback, [parameter]: value }
  }
})

/** Somebody has written a host into the browser's address that is not one of the vendor's regions. */
const unknownRegion = Effect.fnUntraced(function* (played: Played, parameter: string) {
  const error = (yield* flow(played)).get("error")
  yield* expect(`the flow's error where ${parameter} names no region`, error, "invalid_response")
})

/** Everything that a connection goes through at this vendor; fails with the first thing that is not as the facts say. */
export const oauth2Life = Effect.fnUntraced(function* (
  definition: OAuth2Definition,
  facts: OAuth2Facts
) {
  const at = (by: OAuth2Facts) => play(definition, by)
  yield* scene(at(facts), life)
  yield* scene(at(facts), refusals)
  if (facts.reauthorization !== undefined) yield* scene(at(facts), reauthorized)
  const { check, refusedCaptures = {} } = facts
  if (check !== undefined) {
    yield* scene(at(facts), deadToken)
    for (const accepted of check.acceptedToo ?? [])
      yield* scene(at(facts), (played) => answered(played, accepted, undefined))
    for (const rejected of check.rejectedToo ?? [])
      yield* scene(at(facts), (played) => answered(played, rejected, "rejected"))
    for (const unclear of [{ status: 500 }, ...(check.unclear ?? [])])
      yield* scene(at(facts), (played) => answered(played, unclear, "unexpected_answer"))
  }
  const { busy, dead } = refreshAnswers(facts)
  for (const answer of dead)
    yield* scene(at(facts), (played) => refusedRefresh(played, answer, "ReconnectRequired"))
  for (const answer of busy)
    yield* scene(at(facts), (played) => refusedRefresh(played, answer, "ProviderUnavailable"))
  for (const answer of facts.api?.expired ?? [])
    yield* scene(at(facts), (played) => refusedByApi(played, answer, true))
  for (const answer of facts.api?.notExpired ?? [])
    yield* scene(at(facts), (played) => refusedByApi(played, answer, false))
  if (facts.leavesOutScopes === true) yield* scene(at(facts), lessThanAsked)
  for (const error of facts.denialErrors ?? [])
    yield* scene(at(facts), (played) => denied(played, error))
  for (const several of facts.severalAccounts ?? [])
    yield* scene(at(facts), (played) => severalAccounts(played, several))
  for (const [name, values] of Object.entries(refusedCaptures)) {
    for (const value of values)
      yield* scene(at(replaced(facts, facts.captures?.[name] ?? "", value)), (played) =>
        refusedCapture(played, name)
      )
  }
  for (const name of facts.capturesMoving ?? []) {
    const here = facts.captures?.[name] ?? ""
    const there = neighbourOf(here)
    yield* scene(at(movingTo(facts, here, there)), (played) => moved(played, name, there))
  }
  const { callbackRegion } = facts
  if (callbackRegion === undefined) return
  const { field, parameter, values } = callbackRegion
  const other = Object.values(values).find((region) => region !== samples(facts.fields)[field])
  if (other === undefined) return yield* unmet("callbackRegion.values names one region alone")
  yield* scene(at(consentingIn(facts, field, other)), (played) =>
    elsewhere(played, callbackRegion, other)
  )
  yield* scene(at(callingBackWith(facts, parameter, "https://evil.example")), (played) =>
    unknownRegion(played, parameter)
  )
})
