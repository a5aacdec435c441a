import { type Pool } from "pg"
import type { Caller } from "./callers.ts"
import type { ContenderProcess } from "./ContenderProcess.ts"
import { load, type WireAnswer, type WireRequest } from "./load.ts"

/** What a round is made from. */
export interface World {
  readonly database: Pool
  readonly callers: ReadonlyArray<Caller>
  readonly redirectUrl: string
}

/** One operation, as it is measured on each contender. */
export interface Scenario {
  readonly name: string
  /** Requests a round. */
  readonly requests: number
  /** Puts the contender's tables back, unmeasured, and gives the requests of a round. */
  readonly prepare: (
    world: World,
    contender: ContenderProcess,
    count: number
  ) => Promise<ReadonlyArray<WireRequest>>
  readonly isRight: (answer: WireAnswer) => boolean
}

const bearer = ({ token }: Caller) => ({ authorization: `Bearer ${token}` })

const callersFor = ({ callers }: World, count: number): ReadonlyArray<Caller> =>
  Array.from({ length: count }, (_, index) => {
    const caller = callers[index % callers.length]
    if (caller === undefined) throw new Error("There are no callers.")
    return caller
  })

const starts = (world: World, count: number): ReadonlyArray<WireRequest> =>
  callersFor(world, count).map((caller) => ({
    method: "POST",
    path: "/v1/integrations/acme/connect",
    headers: bearer(caller),
    json: { redirectUrl: world.redirectUrl }
  }))

const emptied = async (
  { database }: World,
  { settings: { schema } }: ContenderProcess
): Promise<void> => {
  await database.query(
    `TRUNCATE ${schema}.flow, ${schema}.integration, ${schema}.oauth_grant, ${schema}.credential, ${schema}.outbox CASCADE`
  )
}

const connectStart: Scenario = {
  name: "connect-start",
  requests: 300,
  prepare: async (world, contender, count) => {
    await emptied(world, contender)
    return starts(world, count)
  },
  isRight: ({ body, status }) => status === 200 && body.includes('"authorizationUrl"')
}

export const scenarios: ReadonlyArray<Scenario> = [connectStart]

/** A round of a scenario: what it took, after every answer was looked at. */
export const measure = async (
  scenario: Scenario,
  world: World,
  contender: ContenderProcess,
  { concurrency, count }: { readonly concurrency: number; readonly count: number }
) => {
  const requests = await scenario.prepare(world, contender, count)
  const before = await contender.usage()
  const { answers, elapsed, latencies } = await load(contender.port, requests, concurrency)
  const after = await contender.usage()
  const wrong = answers.find((answer) => !scenario.isRight(answer))
  if (wrong !== undefined) {
    const { contender: name, mount } = contender.settings
    throw new Error(
      `${scenario.name}: ${name} on ${mount} answered\n${wrong.head}\n\n${wrong.body}`
    )
  }
  return {
    /** Requests a second. */
    rate: (count / elapsed) * 1_000,
    /** Milliseconds of the contender's CPU a request. */
    cpu: (after.cpu - before.cpu) / count,
    latencies
  }
}
