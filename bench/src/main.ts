import { fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import { Pool } from "pg"
import { startPostgres } from "../../test-support/postgres-server.ts"
import { prepareBetterAuth } from "./better-auth.ts"
import { audience, type Caller, issuer, makeCallers } from "./callers.ts"
import { type ContenderProcess, startContender } from "./ContenderProcess.ts"
import { missedFloors } from "./floors.ts"
import { startHawser } from "./hawser.ts"
import { measureImports } from "./imports.ts"
import { measureKeeper } from "./keeper.ts"
import { measurePages } from "./pages.ts"
import { countPerRequest } from "./perRequest.ts"
import { report } from "./report.ts"
import { placeFor } from "./page.ts"
import { type Round, runRound, scenarios, type World } from "./scenarios.ts"
import type { ContenderName, Mount, Settings } from "./settings.ts"
import { measureStarts } from "./start.ts"
import { measureTokens } from "./tokens.ts"

const isQuick = process.argv.includes("--quick")
const optionOf = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
const given = (name: string): ReadonlyArray<string> => {
  const value = optionOf(name)
  return value === undefined ? [] : [`--${name}=${value}`]
}
const only = optionOf("only")?.split(",")
const parts = ["requests", "tokens", "keeper", "pages", "imports", "start"] as const
type Part = (typeof parts)[number]
const unknown = only?.find((name) => !parts.some((part) => part === name))
if (unknown !== undefined)
  throw new Error(`--only= takes some of ${parts.join(",")}, and no "${unknown}".`)
const isWanted = (part: Part): boolean => only === undefined || only.includes(part)
/** How many integrations there are where there are many. */
const integrations = Number(optionOf("integrations") ?? 1_000_000)
const writeDown =
  process.argv.includes("--write") && !isQuick
    ? placeFor(["pnpm bench", ...["only", "integrations"].flatMap(given), "--write"].join(" "))
    : undefined
const concurrency = 8
/** Milliseconds that the provider takes whose grants are refreshed. */
const providerLatency = 200
const atMost = isQuick ? { rounds: 2, ms: 5_000 } : { rounds: 15, ms: 80_000 }
const share = isQuick ? 0.2 : 1
const mounts: ReadonlyArray<Mount> = isQuick ? ["node"] : ["node", "express"]
const progress = (text: string): void =>
  console.error(`${(performance.now() / 1_000).toFixed(1)} s  ${text}`)
/** What comes of a part, if it is wanted. */
const resultOf = async <A>(part: Part, work: () => A | Promise<A>): Promise<A | undefined> => {
  if (!isWanted(part)) return undefined
  const result = await work()
  progress(`${part}: done`)
  return result
}

const [loadBefore = Number.NaN] = loadavg()
const server = await startPostgres({ durable: true })
const startTokenEndpoint = async (latency: number) => {
  const file = fileURLToPath(new URL("./token-endpoint.ts", import.meta.url))
  const child = fork(file, [String(latency)])
  const [{ port }] = (await once(child, "message")) as [{ readonly port: number }]
  return { url: `http://127.0.0.1:${port}/token`, stop: () => child.disconnect() }
}
const tokenEndpoint = await startTokenEndpoint(0)
const database = new Pool({ connectionString: server.url, max: 2 })
// A connection that is ending when the server stops is told so.
database.on("error", () => {})
const { callers, jwks } = await makeCallers(500)
const redirectUrl = "https://app.example.com/settings/integrations"
const encryptionKey = randomBytes(32).toString("base64")

const settingsOf = (contender: ContenderName, mount: Mount): Settings => ({
  contender,
  mount,
  databaseUrl: server.url,
  schema: `${contender.replace("-", "_")}_${mount}`,
  issuer,
  audience,
  jwks,
  encryptionKey,
  publicUrl: "https://app.example.com",
  redirectUrl,
  tokenEndpoint: tokenEndpoint.url
})

const measured = isWanted("requests") ? mounts : []
const all = measured.flatMap((mount) =>
  (["hawser", "by-hand", "better-auth"] as const).map((name) => settingsOf(name, mount))
)

/** For each schema of better-auth, its sessions. */
const sessions = new Map<string, ReadonlyArray<string>>()
for (const settings of all) {
  if (settings.contender === "better-auth") {
    sessions.set(settings.schema, await prepareBetterAuth(settings, callers.length))
  }
  // What is written by hand uses the same tables.
  if (settings.contender === "by-hand") await (await startHawser(settings)).close()
}
const worldOf = ({ schema }: Settings): World => ({
  database,
  callers,
  sessions: sessions.get(schema) ?? [],
  redirectUrl
})

const contenders: Array<ContenderProcess> = []
for (const settings of all) contenders.push(await startContender(settings))
progress(`${contenders.length} processes are ready`)

/** Rounds of a scenario on a contender, in the order they were run: those of one index belong together. */
const rounds = new Map<string, Array<Round>>()
const keyOf = (scenario: string, { contender, mount }: Settings): string =>
  `${scenario} ${contender} ${mount}`

const began = performance.now()
// The first is to warm up; each begins with another contender.
for (let round = -1; round < atMost.rounds; round++) {
  if (contenders.length === 0) break
  if (round > 1 && performance.now() - began > atMost.ms) break
  for (const { contenders: operations, name, requests } of scenarios) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round + 1) % contenders.length]
      const operation = contender && operations[contender.settings.contender]
      if (contender === undefined || operation === undefined) continue
      const count = Math.round(requests * share)
      const result = await runRound(name, operation, worldOf(contender.settings), contender, {
        concurrency,
        count
      })
      if (round < 0) continue
      const key = keyOf(name, contender.settings)
      rounds.set(key, [...(rounds.get(key) ?? []), result])
    }
  }
  progress(round < 0 ? "warm" : `round ${round + 1}`)
}

const memory = new Map<string, Awaited<ReturnType<ContenderProcess["collected"]>>>()
for (const contender of contenders) {
  memory.set(keyOf("memory", contender.settings), await contender.collected())
  await contender.close()
}

const perRequest = new Map<string, Awaited<ReturnType<typeof countPerRequest>>>()
for (const settings of all.filter(({ mount }) => mount === "node")) {
  const counts = await countPerRequest(settings, scenarios, worldOf(settings), isQuick ? 20 : 100)
  perRequest.set(keyOf("requests", settings), counts)
}
progress("statements and allocations are counted")

const base = settingsOf("hawser", "node")
const tokens = await resultOf("tokens", () =>
  measureTokens({ ...base, schema: "tokens" }, isQuick ? 2 : 10, isQuick ? 20 : 200)
)
const keeper = await resultOf("keeper", async () => {
  const slow = await startTokenEndpoint(providerLatency)
  const settings = { ...base, schema: "keeper", tokenEndpoint: slow.url }
  const size = { grants: isQuick ? 60 : 600, latency: providerLatency }
  const times = await measureKeeper(settings, database, size)
  slow.stop()
  return times
})
const pages = await resultOf("pages", () =>
  measurePages(base, isQuick ? 5_000 : integrations, progress)
)
const imports = await resultOf("imports", () => measureImports(isQuick ? 2 : 9))
const starts = await resultOf("start", () =>
  measureStarts(
    { ...settingsOf("hawser", "express"), schema: "start" },
    callers[0] as Caller,
    isQuick ? 2 : 9
  )
)

await database.end()
await server.stop()
tokenEndpoint.stop()

const text = report({
  postgres: server.version,
  loadBefore,
  concurrency,
  mounts,
  pages,
  imports,
  starts,
  tokens,
  keeper,
  scenarios: scenarios.map(({ name }) => name),
  rounds: (scenario, contender, mount) => rounds.get(`${scenario} ${contender} ${mount}`),
  memory: (contender, mount) => memory.get(`memory ${contender} ${mount}`),
  perRequest: (scenario, contender, mount) =>
    perRequest.get(`requests ${contender} ${mount}`)?.get(scenario)
})
console.log(text)
writeDown?.(text)
if (process.argv.includes("--floors")) {
  const missed = missedFloors((scenario, contender) =>
    mounts.flatMap((mount) => rounds.get(`${scenario} ${contender} ${mount}`) ?? [])
  )
  for (const line of missed) console.error(line)
  if (missed.length > 0) process.exitCode = 1
}
progress("done")
