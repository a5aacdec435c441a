import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Answered by every sample host, so that another program that took its port is not taken for one. */
export const runningPath = "/demo/running"
export const runningAnswer = { running: "hawser-demo" }

const addressIn = (folder: string): string => join(folder, "address")

/** The address of the sample host that uses the folder, or undefined if none answers there. */
export const runningIn = async (folder: string): Promise<string | undefined> => {
  try {
    const origin = readFileSync(addressIn(folder), "utf8")
    const response = await fetch(`${origin}${runningPath}`, { signal: AbortSignal.timeout(5000) })
    const answer = (await response.json()) as Partial<typeof runningAnswer>
    return answer.running === runningAnswer.running ? origin : undefined
  } catch {
    return undefined
  }
}

export const noteRunning = (folder: string, origin: string): void =>
  writeFileSync(addressIn(folder), origin)

export const forgetRunning = (folder: string): void => rmSync(addressIn(folder), { force: true })
