import { encryptionKeyIn, forgetRunning, noteRunning, whenCommandEnds } from "@hawser/cli/sample"
import { isHawserError, pglite, postgres } from "hawser"
import { type Demo, startDemo } from "./host.ts"
import { endIfRunning, folder } from "./running.ts"

const databaseUrl = process.env["DATABASE_URL"] ?? ""

const start = async (): Promise<Demo> => {
  try {
    return await startDemo({
      store:
        databaseUrl === ""
          ? pglite({ dataDir: `${folder}/pglite` })
          : postgres({ url: databaseUrl }),
      encryptionKey: encryptionKeyIn(folder),
      port: Number(process.env["PORT"] ?? 4400)
    })
  } catch (error) {
    if (!isHawserError(error, "configuration_error")) throw error
    // Another one may have been starting at the same time, and holds the folder.
    await endIfRunning()
    console.error(error.message)
    process.exit(1)
  }
}

console.log(
  databaseUrl === ""
    ? `Starting PGlite in ${folder}/pglite (the first time takes some seconds) …`
    : "Connecting to the PostgreSQL of DATABASE_URL …"
)
const demo = await start()
noteRunning(folder, demo.origin)
console.log(
  `\n  The demo is ready: ${demo.origin}/\n\n  Ctrl+C ends it; what you connected is still there next time.`
)

let isClosing = false
const close = (): void => {
  if (isClosing) return
  isClosing = true
  console.log("Closing …")
  forgetRunning(folder)
  demo.close().catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, close)
whenCommandEnds(close)
