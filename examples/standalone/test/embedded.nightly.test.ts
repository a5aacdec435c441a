import { expect, it } from "vitest"
import { spawnServer, untilListening } from "./support/process.ts"
import { startSurroundings } from "./support/surroundings.ts"

const { config, token } = await startSurroundings()

it(
  "without DATABASE_URL keeps everything in a folder of its own",
  async () => {
    const started = spawnServer(config)
    const { origin } = await untilListening(started)
    const stored = await fetch(`${origin}/api/v1/integrations/beacon/credentials`, {
      method: "POST",
      headers: { authorization: `Bearer ${await token()}`, "content-type": "application/json" },
      body: JSON.stringify({ credentials: { api_key: "key" } })
    })
    expect(stored.status).toBe(201)
    started.child.kill("SIGTERM")
    expect(await started.ended).toBe(0)
  },
  // PGlite makes its database first.
  120_000
)
