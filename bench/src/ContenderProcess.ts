import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Question, Usage } from "./serve.ts"
import type { Settings } from "./settings.ts"

/** A contender in a process of its own, as a host would run it. */
export interface ContenderProcess {
  readonly settings: Settings
  readonly port: number
  readonly usage: () => Promise<Usage>
  /** Collects garbage first. */
  readonly collected: () => Promise<Usage>
  readonly close: () => Promise<void>
}

const startTimeoutMs = 30_000

export const startContender = async (
  settings: Settings,
  nodeOptions: ReadonlyArray<string> = []
): Promise<ContenderProcess> => {
  const child = fork(
    fileURLToPath(new URL("./serve.ts", import.meta.url)),
    [JSON.stringify(settings)],
    {
      execArgv: ["--expose-gc", ...nodeOptions],
      env: { ...process.env, NODE_ENV: "production" }
    }
  )
  const exit = once(child, "exit")
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([
      once(child, "message", { signal: AbortSignal.timeout(startTimeoutMs) }),
      exit.then(([code]) => {
        throw new Error(`${settings.contender} on ${settings.mount} ended with ${String(code)}`)
      })
    ])) as ReadonlyArray<unknown>
    return message
  }
  const ask = async (question: Question): Promise<Usage> => {
    const answered = answer()
    child.send(question)
    return (await answered) as Usage
  }
  const { port } = (await answer()) as { readonly port: number }
  return {
    settings,
    port,
    usage: () => ask({ ask: "usage" }),
    collected: () => ask({ ask: "collect" }),
    close: async () => {
      await ask({ ask: "close" })
      await exit
    }
  }
}
