import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { expect, it, onTestFinished } from "vitest"
import { hostFolder, runNode } from "./support/hosts.ts"

it("a server of CommonJS requires Hawser, and answers", async () => {
  const { child, done } = runNode(hostFolder("commonjs"), ["server.cjs"], {
    PORT: "0",
    PUBLIC_URL: "http://localhost:3000",
    HAWSER_ENCRYPTION_KEY: randomBytes(32).toString("base64")
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const early = done().then(() => Promise.reject(new Error("The server has ended.")))
  const line = once(createInterface({ input: child.stdout }), "line").then(String)
  const port = (await Promise.race([line, early])).replace("Port ", "")
  const answer = await fetch(`http://localhost:${port}/v1/integrations/catalog`)
  expect(await answer.json()).toMatchObject({ items: [{ provider: "datadog" }] })
}, 60_000)
