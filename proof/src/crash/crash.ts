import { fork } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Hawser } from "hawser"
import { startRotatingServer } from "../../../test-support/rotating-server.ts"
import {
  comeBack,
  connectTenant,
  consent,
  type HostSettings,
  newEncryptionKey,
  providerId,
  startHost
} from "../host.ts"
import { type FaultMode, stoppedMark } from "./faults.ts"
import type { CrashReport, CrashTask, Scenario } from "./messages.ts"
import { leaseSeconds } from "./settings.ts"
import {
  ageEnds,
  callbackProblems,
  databaseState,
  expireToken,
  refreshProblems,
  stateProblems
} from "./state.ts"

export interface CrashOptions {
  /** An empty database that is as durable as a host's. */
  readonly databaseUrl: string
  /** Former refresh tokens that the provider still takes: 0, or 1 for a grace. */
  readonly grace: number
  readonly scenario: Scenario["name"]
  readonly modes: ReadonlyArray<FaultMode>
  /** Faults at once. */
  readonly concurrency: number
  readonly onFault?: (done: FaultOutcome, of: number) => void
}

interface Cut {
  readonly label: string
  readonly mode: FaultMode
  readonly point: number
}

/** What became of one fault. */
interface FaultOutcome {
  readonly label: string
  readonly mode: FaultMode
  /** How it ended for the host once everything ran again. */
  readonly outcome: string
  /** The provider had answered and the answer was not stored when the next process came. */
  readonly isWindow: boolean
  /** What is wrong; none if all is well. */
  readonly problems: ReadonlyArray<string>
}

export interface CrashResult {
  /** Every point that a run without a fault passes. */
  readonly points: ReadonlyArray<string>
  readonly outcomes: ReadonlyArray<FaultOutcome>
}

const processFile = fileURLToPath(new URL("process.ts", import.meta.url))

/** One process of the host's, which may end or stop in the middle. */
const startProcess = (task: CrashTask) => {
  const child = fork(processFile, {
    execArgv: ["--conditions=@hawser/source"],
    stdio: ["ignore", "pipe", "inherit", "ipc"]
  })
  let report: CrashReport | undefined
  child.on("message", (message: CrashReport) => {
    report = message
  })
  const exited = once(child, "exit")
  const stopped = new Promise<void>((resolve) => {
    child.stdout?.on("data", (text: Buffer) => {
      if (text.toString().includes(stoppedMark)) resolve()
    })
  })
  child.send(task)
  return {
    /** Its report; undefined if it was killed. */
    ended: exited.then(() => report),
    stopped,
    wakeUp: () => child.kill("SIGCONT"),
    end: () => child.kill("SIGKILL")
  }
}

const runProcess = (task: CrashTask): Promise<CrashReport | undefined> => startProcess(task).ended

/**
 * Runs a program once without a fault and reads off every point; then once for each of them and each mode: the process is
 * killed there, or stopped until its lease has run out, another one does the work, and the first wakes up. What the
 * database, the outbox and the provider then know of it must agree.
 */
export const crash = async (options: CrashOptions): Promise<CrashResult> => {
  const server = await startRotatingServer({ grace: options.grace })
  const settings: HostSettings = {
    databaseUrl: options.databaseUrl,
    encryptionKey: newEncryptionKey(),
    server: {
      origin: server.origin,
      clientId: server.clientId,
      clientSecret: server.clientSecret
    }
  }
  const hawser = await startHost(settings, { workers: "off" })
  let tenants = 0

  /** A tenant of its own for each fault, at the moment before the program under test. */
  const prepare = async () => {
    const tenantId = `${options.scenario}-${options.grace}-${tenants++}`
    if (options.scenario === "callback") {
      const scenario: Scenario = { name: "callback", ...(await consent(hawser, tenantId)) }
      return { tenantId, scenario, providerGeneration: () => 0 }
    }
    await connectTenant(hawser, tenantId)
    const { token: accessToken } = await hawser.tenant(tenantId).connection(providerId).token()
    await expireToken(settings.databaseUrl, tenantId)
    const scenario: Scenario = { name: "refresh", tenantId }
    return { tenantId, scenario, providerGeneration: () => server.generationOf(accessToken) }
  }

  const isRefresh = options.scenario === "refresh"

  const cut = async ({ label, mode, point }: Cut): Promise<FaultOutcome> => {
    const { providerGeneration, scenario, tenantId } = await prepare()
    const first = startProcess({ ...settings, scenario, fault: { point, mode } })
    try {
      const report = await Promise.race([first.stopped, first.ended])
      if (isRefresh) await sleep(leaseSeconds * 1000 + 200)
      const before = await databaseState(settings.databaseUrl, tenantId)
      const isWindow = isRefresh && providerGeneration() > before.generation
      const second = await recover(settings, hawser, scenario)
      if (mode === "stop") first.wakeUp()
      await first.ended
      const outcome = isRefresh ? await recover(settings, hawser, scenario) : second
      const after = await databaseState(settings.databaseUrl, tenantId)
      await ageEnds(settings.databaseUrl, tenantId)
      const problems = [
        ...(report === undefined ? [] : ["the process passed the point unharmed"]),
        ...stateProblems(after),
        ...(isRefresh
          ? refreshProblems(outcome, isWindow && options.grace === 0, after)
          : callbackProblems(outcome, after))
      ]
      return { label, mode, outcome, isWindow, problems }
    } finally {
      first.end()
    }
  }

  try {
    const { scenario } = await prepare()
    const trace = await runProcess({ ...settings, scenario, fault: undefined })
    const points = trace?.points ?? []
    if (trace === undefined || points.length === 0) throw new Error("the trace has no points")

    const faults = options.modes.flatMap((mode) =>
      points.map((label, index) => ({ label, mode, point: index + 1 }))
    )
    const outcomes: Array<FaultOutcome> = []
    const work = faults.values()
    const next = async () => {
      for (const fault of work) {
        const done = await cut(fault)
        outcomes.push(done)
        options.onFault?.(done, faults.length)
      }
    }
    await Promise.all(Array.from({ length: options.concurrency }, next))
    return { points, outcomes }
  } finally {
    await hawser.close()
    await server.close()
  }
}

/** What another process of the host does next: it wants the token, or the browser comes once more. */
const recover = async (
  settings: HostSettings,
  hawser: Hawser,
  scenario: Scenario
): Promise<string> => {
  if (scenario.name === "callback") return comeBack(hawser, scenario)
  return (await runProcess({ ...settings, scenario, fault: undefined }))?.outcome ?? "no report"
}
