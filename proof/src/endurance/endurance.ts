import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { type HandledEvent, type Hawser, postgres, type HawserOptions } from "hawser"
import { query } from "../../../test-support/postgres-query.ts"
import type { PostgresServer } from "../../../test-support/postgres-server.ts"
import { startRotatingServer } from "../../../test-support/rotating-server.ts"
import { createDatabase, expireTokens } from "../database.ts"
import { comeBack, consent, newEncryptionKey, providerId, startHost } from "../host.ts"
import { startRelay } from "./relay.ts"
import { failing, makeTrouble } from "./trouble.ts"

export interface EnduranceResult {
  readonly minutes: number
  readonly connects: number
  readonly disconnects: number
  readonly reads: number
  readonly refreshes: number
  /** What callers were told when it did not go well, by code. */
  readonly errors: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<Fault, number>>
  /** How often a function of the host's threw, rejected or hung. */
  readonly hookFailures: number
  readonly events: number
  /** Events that their handler has not had, in the end. */
  readonly undelivered: number
  /** Events that came before an earlier one of their integration. */
  readonly outOfOrder: number
  /** Tenants that were told that they are connected, and have no token that works. */
  readonly lostConnections: number
  readonly reuses: number
  readonly unhandledRejections: number
  readonly deadWorkers: ReadonlyArray<string>
  readonly stuckHandlers: number
  /** MiB of the heap, collected, after the first minute and at the end. */
  readonly heap: readonly [number, number]
  readonly closedInMs: number
}

type Fault = "restarted" | "silenced" | "failed_over" | "provider_down"

const tenantCount = 60
const second = 1000

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? error)

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void
const heapMiB = async (): Promise<number> => {
  // Twice, with a turn between: what finalizers let go is collected by the second.
  collectGarbage()
  await sleep(100)
  collectGarbage()
  return Math.round((process.memoryUsage().heapUsed / 2 ** 20) * 10) / 10
}

const anyOf = <A>(all: ReadonlyArray<A>): A | undefined =>
  all[Math.floor(Math.random() * all.length)]

/** A key management service in the process, so that it can fail. */
const keyService = () => {
  const key = randomBytes(32)
  return {
    wrap: (dataKey: Uint8Array, context: Uint8Array): Promise<Uint8Array> => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(context)
      const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final()])
      return Promise.resolve(Buffer.concat([nonce, wrapped, cipher.getAuthTag()]))
    },
    unwrap: (
      { bytes }: { readonly bytes: Uint8Array },
      context: Uint8Array
    ): Promise<Uint8Array> => {
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12))
        .setAAD(context)
        .setAuthTag(bytes.subarray(-16))
      return Promise.resolve(
        Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
      )
    }
  }
}

const kinds = [
  "integration.connected",
  "integration.disconnected",
  "integration.error",
  "integration.recovered"
] as const
type Noted = HandledEvent<(typeof kinds)[number]>["event"]

/** What the handlers have had. Each kind has one of its own, so the order is that of one kind in one integration. */
const makeLedger = () => {
  const heard = new Set<string>()
  const last = new Map<string, string>()
  let outOfOrder = 0
  return {
    heard,
    outOfOrder: () => outOfOrder,
    note: ({ data: { integrationId }, event, id }: Noted) => {
      if (heard.has(id)) return
      heard.add(id)
      const line = `${integrationId} ${event}`
      // Ids are in the order of their time.
      if ((last.get(line) ?? "") > id) outOfOrder += 1
      last.set(line, id)
    }
  }
}

/** One host, under everything at once, for as long as it is told. */
export const endurance = async (
  database: PostgresServer,
  minutes: number
): Promise<EnduranceResult> => {
  const server = await startRotatingServer({ lifetime: 20, latencyMs: 10 })
  const direct = await createDatabase(database.url, "endurance")
  const relay = await startRelay(direct)
  const { clientId, clientSecret, origin } = server
  const trouble = makeTrouble(0.02)
  const errors: Record<string, number> = {}
  const count = (name: string) => {
    errors[name] = (errors[name] ?? 0) + 1
  }
  let unhandledRejections = 0
  const onRejection = () => {
    unhandledRejections += 1
  }
  process.on("unhandledRejection", onRejection)

  const keys = keyService()
  const noting = trouble.with((): unknown => undefined)
  const options: Partial<HawserOptions> = {
    store: postgres({ url: relay.url, statementTimeout: "5 seconds" }),
    encryptionKey: undefined,
    keyManagement: {
      primaryKeyId: "endurance",
      wrap: trouble.with(keys.wrap),
      unwrap: trouble.with(keys.unwrap)
    },
    hookTimeout: "500 millis",
    onSecurityEvent: noting,
    logger: { messageFirst: { info: noting, warn: noting, error: noting } }
  }
  const hawser = await startHost(
    {
      databaseUrl: relay.url,
      encryptionKey: newEncryptionKey(),
      server: { origin, clientId, clientSecret }
    },
    options
  )
  const ledger = makeLedger()
  for (const event of kinds) {
    await hawser.on(
      event,
      { as: event },
      trouble.with((handled: { readonly event: Noted }) => ledger.note(handled.event), failing)
    )
  }

  const faults: Record<Fault, number> = {
    restarted: 0,
    silenced: 0,
    failed_over: 0,
    provider_down: 0
  }
  const cause: Readonly<Record<Fault, () => Promise<void>>> = {
    restarted: async () => {
      await database.crash()
      await sleep(3 * second)
      await database.resume()
    },
    silenced: async () => {
      relay.silence()
      await sleep(12 * second)
      relay.recover()
    },
    failed_over: async () => {
      await database.becomeStandby()
      await sleep(5 * second)
      await query(database.url, "SELECT pg_promote()")
    },
    provider_down: async () => {
      const until = performance.now() + 10 * second
      while (performance.now() < until) {
        server.misbehave("500", "reset_before", "429")
        await sleep(250)
      }
    }
  }

  const over = new AbortController()
  const tenants = Array.from({ length: tenantCount }, (_, index) => `tenant-${index}`)
  const connected = new Set<string>()
  const busy = new Set<string>()
  let connects = 0
  let disconnects = 0
  let reads = 0
  const attempt = async (what: () => Promise<void>) => {
    try {
      await what()
    } catch (error) {
      count(codeOf(error))
    }
  }
  const connect = async (tenantId: string) => {
    try {
      const end = await comeBack(hawser, await consent(hawser, tenantId))
      if (end !== "connected") return count(end)
    } catch (error) {
      // It was written before, and the answer lost.
      if (codeOf(error) !== "already_connected") throw error
    }
    connects += 1
    connected.add(tenantId)
  }
  const disconnect = async (tenantId: string) => {
    connected.delete(tenantId)
    await hawser.tenant(tenantId, { user: "ada" }).connection(providerId).disconnect()
    disconnects += 1
  }
  /** Each comes and goes, again and again: its integration's events must come in order. */
  const comeAndGo = async () => {
    while (!over.signal.aborted) {
      const tenantId = anyOf(tenants.filter((one) => !busy.has(one)))
      if (tenantId !== undefined) {
        busy.add(tenantId)
        await attempt(() => (connected.has(tenantId) ? disconnect : connect)(tenantId))
        busy.delete(tenantId)
      }
      await sleep(100)
    }
  }
  const read = async () => {
    while (!over.signal.aborted) {
      const tenantId = anyOf([...connected].filter((one) => !busy.has(one)))
      if (tenantId !== undefined) {
        await attempt(async () => {
          await hawser.tenant(tenantId).connection(providerId).token()
          reads += 1
        })
      }
      await sleep(20)
    }
  }
  const callers = [comeAndGo(), comeAndGo(), comeAndGo(), read(), read(), read(), read()]

  const turns = Object.keys(cause) as ReadonlyArray<Fault>
  const end = performance.now() + minutes * 60 * second
  let heapAtFirst: number | undefined
  const startedAt = performance.now()
  for (let turn = 0; performance.now() < end; turn++) {
    const fault = turns[turn % turns.length]
    if (fault === undefined) break
    await sleep(6 * second)
    await cause[fault]()
    faults[fault] += 1
    await sleep(6 * second)
    if (
      heapAtFirst === undefined &&
      performance.now() - startedAt > Math.min(60, minutes * 30) * second
    )
      heapAtFirst = await heapMiB()
  }
  over.abort()
  await Promise.all(callers)
  const hookFailures = trouble.failures()
  trouble.end()

  // What was put off comes due, and nobody writes any more.
  const recorded = await delivered(hawser, direct, ledger.heard)
  const undelivered = recorded.filter((id) => !ledger.heard.has(id)).length
  // A provider that was down is asked again in minutes, which nobody waits for here.
  await expireTokens(direct)
  let lostConnections = 0
  for (const tenantId of connected.keys())
    if (!(await works(hawser, tenantId))) lostConnections += 1
  const health = await hawser.health()
  const heapAtEnd = await heapMiB()

  relay.silence()
  const unanswered = hawser
    .tenant("tenant-0")
    .connections()
    .then(({ items }) => items)
    .then(() => "answered", codeOf)
  const closing = performance.now()
  await hawser.close()
  const closedInMs = Math.round(performance.now() - closing)
  count(`at the end: ${await unanswered}`)
  process.off("unhandledRejection", onRejection)
  relay.close()
  await server.close()
  return {
    minutes,
    connects,
    disconnects,
    reads,
    refreshes: server.refreshes(),
    errors,
    faults,
    hookFailures,
    events: recorded.length,
    undelivered,
    outOfOrder: ledger.outOfOrder(),
    lostConnections,
    reuses: server.reuses(),
    unhandledRejections,
    deadWorkers: health.workers.filter(({ lagMs }) => lagMs > 60 * second).map(({ name }) => name),
    stuckHandlers: health.stuck.length,
    heap: [heapAtFirst ?? heapAtEnd, heapAtEnd],
    closedInMs
  }
}

/** All events that were recorded, once their handlers have had them or five minutes are over. */
const delivered = async (
  hawser: Hawser,
  url: string,
  heard: ReadonlySet<string>
): Promise<ReadonlyArray<string>> => {
  for (let waited = 0; ; waited += 1) {
    const rows = await query<{ id: string }>(url, "SELECT id FROM hawser.outbox")
    const ids = rows.map(({ id }) => id)
    if (waited === 300 || ids.every((id) => heard.has(id))) return ids
    await hawser.tick().catch(() => {})
    await sleep(second)
  }
}

/** Whether a tenant that was told that it is connected gets a token, at once or within a minute. */
const works = async (hawser: Hawser, tenantId: string): Promise<boolean> => {
  for (let tries = 0; tries < 60; tries++) {
    try {
      await hawser.tenant(tenantId).connection(providerId).token()
      return true
    } catch {
      await sleep(second)
    }
  }
  return false
}
