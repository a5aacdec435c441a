import { pglite, postgres } from "hawser"
import { encryptionKeyIn } from "./encryption-key.ts"
import { startDemo } from "./host.ts"

const databaseUrl = process.env["DATABASE_URL"] ?? ""
const folder = ".data"

console.log(
  databaseUrl === ""
    ? `Starting PGlite in ${folder}/pglite (the first time takes some seconds) …`
    : "Connecting to the PostgreSQL of DATABASE_URL …"
)
const demo = await startDemo({
  store:
    databaseUrl === "" ? pglite({ dataDir: `${folder}/pglite` }) : postgres({ url: databaseUrl }),
  encryptionKey: encryptionKeyIn(folder),
  port: Number(process.env["PORT"] ?? 4400)
})
console.log(
  `\n  The demo is ready: ${demo.origin}/\n\n  Ctrl+C ends it; what you connected is still there next time.`
)

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.log("Closing …")
    demo.close().catch((error: unknown) => {
      console.error(error)
      process.exitCode = 1
    })
  })
}
