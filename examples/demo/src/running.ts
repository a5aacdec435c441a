import { readFileSync, rmSync, writeFileSync } from "node:fs"

/** Keeps what the demo's next start finds again. */
export const folder = ".data"
const address = `${folder}/address`

/** Answered by every demo, so that another program that took its port is not taken for one. */
export const runningPath = "/demo/running"
export const runningAnswer = { running: "hawser-demo" }

/** The address of the demo that uses the folder, or undefined if none answers there. */
const runningAt = async (): Promise<string | undefined> => {
  try {
    const origin = readFileSync(address, "utf8")
    const response = await fetch(`${origin}${runningPath}`, { signal: AbortSignal.timeout(5000) })
    const answer = (await response.json()) as Partial<typeof runningAnswer>
    return answer.running === runningAnswer.running ? origin : undefined
  } catch {
    return undefined
  }
}

export const endIfRunning = async (): Promise<void> => {
  const origin = await runningAt()
  if (origin === undefined) return
  console.error(`The demo is running already: ${origin}/`)
  process.exit(1)
}

export const noteRunning = (origin: string): void => writeFileSync(address, origin)

export const forgetRunning = (): void => rmSync(address, { force: true })
