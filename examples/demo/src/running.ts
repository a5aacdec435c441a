import { runningIn } from "@hawser/cli/sample/running"

/** Keeps what the demo's next start finds again. */
export const folder = ".data"

export const endIfRunning = async (): Promise<void> => {
  const origin = await runningIn(folder)
  if (origin === undefined) return
  console.error(`The demo is running already: ${origin}/`)
  process.exit(1)
}
