import { type Pool } from "pg"
import type { Caller } from "./callers.ts"
import type { ContenderProcess } from "./ContenderProcess.ts"
import { load, type WireAnswer, type WireRequest } from "./load.ts"
import type { ContenderName } from "./settings.ts"

/** What rounds are made from. */
export interface World {
  readonly database: Pool
  readonly callers: ReadonlyArray<Caller>
  /** For each caller, the cookie of a session at better-auth. */
  readonly sessions: ReadonlyArray<string>
  readonly redirectUrl: string
}

/** How an operation is asked of a contender. */
export interface Operation {
  /** Puts the tables back, unmeasured, and gives the requests of a round. */
  readonly prepare: (
    world: World,
    contender: ContenderProcess,
    count: number
  ) => Promise<ReadonlyArray<WireRequest>>
  readonly isRight: (answer: WireAnswer) => boolean
}

/** One operation, for every contender that has it. */
export interface Scenario {
  readonly name: string
  /** Requests a round. */
  readonly requests: number
  readonly contenders: Partial<Record<ContenderName, Operation>>
}

const repeated = <A>(all: ReadonlyArray<A>, count: number): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, index) => all[index % all.length]).filter(
    (one) => one !== undefined
  )

const bearer = ({ token }: Caller) => ({ authorization: `Bearer ${token}` })

const origin = "https://app.example.com"

const emptied = async (
  { database }: World,
  { settings: { schema } }: ContenderProcess
): Promise<void> => {
  await database.query(
    `TRUNCATE ${schema}.flow, ${schema}.integration, ${schema}.oauth_grant, ${schema}.credential, ${schema}.outbox CASCADE`
  )
}

/** One start for each caller; more would have most of them refused. */
const starts = async (world: World, contender: ContenderProcess, count: number) => {
  await emptied(world, contender)
  return repeated(world.callers, count).map((caller): WireRequest => ({
    method: "POST",
    path: "/v1/integrations/acme/connect",
    headers: bearer(caller),
    json: { redirectUrl: world.redirectUrl }
  }))
}

const betterAuthStarts = async (
  { database, redirectUrl, sessions }: World,
  { settings: { schema } }: ContenderProcess,
  count: number
) => {
  await database.query(`TRUNCATE ${schema}.verification, ${schema}.account`)
  return repeated(sessions, count).map((cookie): WireRequest => ({
    method: "POST",
    path: "/api/auth/link-social",
    headers: { cookie, origin },
    json: { provider: "acme", callbackURL: redirectUrl, disableRedirect: true }
  }))
}

const isStart = ({ body, status }: WireAnswer): boolean =>
  status === 200 && body.includes("code_challenge=")

/** The cookies that an answer sets, as a browser sends them back. */
const cookiesOf = ({ head }: WireAnswer): string =>
  [...head.matchAll(/^set-cookie: ([^;]+)/gim)].map(([, cookie]) => cookie).join("; ")

/** Starts a flow for each request of the round, and what a browser then brings back from the provider. */
const callbacksAfter =
  (
    begin: Operation["prepare"],
    path: string,
    stateOf: (body: string) => string | null | undefined
  ): Operation["prepare"] =>
  async (world, contender, count) => {
    const requests = await begin(world, contender, count)
    const { answers } = await load(contender.port, requests, 8)
    return answers.map((answer, index): WireRequest => {
      const state = stateOf(answer.body)
      if (!isStart(answer) || typeof state !== "string") throw new Error(`No flow: ${answer.body}`)
      const cookies = [requests[index]?.headers?.["cookie"], cookiesOf(answer)]
      return {
        method: "GET",
        path: `${path}?code=code-${index}&state=${encodeURIComponent(state)}`,
        headers: { cookie: cookies.filter((one) => one !== undefined).join("; ") }
      }
    })
  }

const isConnected = ({ head, status }: WireAnswer): boolean =>
  status === 303 && /^location: \S+[?&]status=connected/im.test(head)

const same = (operation: Operation): Scenario["contenders"] => ({
  hawser: operation,
  "by-hand": operation
})

const connectStart: Scenario = {
  name: "connect-start",
  requests: 300,
  contenders: {
    ...same({ prepare: starts, isRight: isStart }),
    "better-auth": { prepare: betterAuthStarts, isRight: isStart }
  }
}

const callback: Scenario = {
  name: "callback",
  requests: 200,
  contenders: {
    ...same({
      prepare: callbacksAfter(
        starts,
        "/v1/integrations/acme/callback",
        (body) => (JSON.parse(body) as { readonly state?: string }).state
      ),
      isRight: isConnected
    }),
    "better-auth": {
      prepare: callbacksAfter(betterAuthStarts, "/api/auth/callback/acme", (body) =>
        new URL((JSON.parse(body) as { readonly url: string }).url).searchParams.get("state")
      ),
      isRight: ({ head, status }) =>
        status === 302 &&
        /^location: https:\/\/app\.example\.com\/settings\/integrations\r?$/im.test(head)
    }
  }
}

const credentialId = (index: number): string => `crd_${String(index).padStart(26, "0")}`

const apiKeyConnect: Scenario = {
  name: "API-key connect",
  requests: 300,
  contenders: same({
    prepare: async (world, contender, count) => {
      await emptied(world, contender)
      const callers = repeated(world.callers, count)
      await world.database.query(
        `INSERT INTO ${contender.settings.schema}.credential (
           tenant_id, provider, id, status, created_by, created_at, sealed_fields
         )
         SELECT tenant_id, 'beacon', 'crd_' || lpad((at - 1)::text, 26, '0'), 'unverified', 'user', now(),
           decode(repeat('5a', 160), 'hex')
         FROM unnest($1::text[]) WITH ORDINALITY AS t (tenant_id, at)`,
        [callers.map(({ tenantId }) => tenantId)]
      )
      return callers.map((caller, index) => ({
        method: "POST",
        path: "/v1/integrations/beacon/connect",
        headers: bearer(caller),
        json: { credentialId: credentialId(index) }
      }))
    },
    isRight: ({ body, status }) => status === 200 && body.includes('"connected"')
  })
}

/** Integrations that each tenant has in its list. */
const listed = 6

const list: Scenario = {
  name: "list",
  requests: 400,
  contenders: same({
    prepare: async (world, contender, count) => {
      await emptied(world, contender)
      await world.database.query(
        `INSERT INTO ${contender.settings.schema}.integration (
           tenant_id, provider, name, id, status, connected_by, connected_at, scopes, fields, version, last_position
         )
         SELECT tenant_id, 'provider-' || i, 'default', 'int_' || lpad(i::text, 26, '0'), 'connected', 'user', now(),
           '{projects.read,projects.write}', '{}', 1, pg_current_xact_id()
         FROM unnest($1::text[]) AS tenant_id, generate_series(1, $2) AS i`,
        [world.callers.map(({ tenantId }) => tenantId), listed]
      )
      return repeated(world.callers, count).map((caller) => ({
        method: "GET",
        path: "/v1/integrations",
        headers: bearer(caller)
      }))
    },
    isRight: ({ body, status }) => status === 200 && body.includes(`"total":${listed}`)
  })
}

const catalog: Scenario = {
  name: "catalog",
  requests: 600,
  contenders: same({
    prepare: async (_world, _contender, count) =>
      repeated([{ method: "GET", path: "/v1/integrations/catalog" } as const], count),
    isRight: ({ body, status }) => status === 200 && body.includes('"total":2')
  })
}

export const scenarios: ReadonlyArray<Scenario> = [
  connectStart,
  callback,
  apiKeyConnect,
  list,
  catalog
]

export interface Round {
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds of the contender's CPU a request. */
  readonly cpu: number
  /** Milliseconds of the exchange in the middle. */
  readonly latency: number
}

/** Runs a round, and looks at every answer. */
export const runRound = async (
  name: string,
  operation: Operation,
  world: World,
  contender: ContenderProcess,
  { concurrency, count }: { readonly concurrency: number; readonly count: number }
): Promise<Round> => {
  const requests = await operation.prepare(world, contender, count)
  const before = await contender.usage()
  const { answers, elapsed, latencies } = await load(contender.port, requests, concurrency)
  const after = await contender.usage()
  const wrong = answers.find((answer) => !operation.isRight(answer))
  if (wrong !== undefined) {
    const { contender: who, mount } = contender.settings
    throw new Error(`${name}: ${who} on ${mount} answered\n${wrong.head}\n\n${wrong.body}`)
  }
  return {
    rate: (count / elapsed) * 1_000,
    cpu: (after.cpu - before.cpu) / count,
    latency: median(latencies)
  }
}

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const below = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  const above = sorted[sorted.length >> 1] ?? Number.NaN
  return (below + above) / 2
}
