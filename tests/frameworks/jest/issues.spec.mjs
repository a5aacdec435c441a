import { randomBytes } from "node:crypto"
import { factsOf } from "@hawser/testing/facts"
import { seedConnected, startSimulator } from "@hawser/testing/simulator"
import { createHawser, memory } from "hawser"
import { github } from "hawser/providers"

const publicUrl = "http://localhost:3000"
const acme = { tenantId: "acme", provider: "github" }
let hawser
let simulator

beforeAll(async () => {
  simulator = await startSimulator({ providers: [factsOf("github")] })
  hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [`${publicUrl}/integrations`],
    authenticate: async () => null,
    providers: [simulator.simulate(github, { publicUrl })],
    store: memory(),
    encryptionKey: randomBytes(32).toString("base64"),
    unsafelyAllowLoopback: true
  })
  await seedConnected(hawser, simulator, { ...acme, userId: "ann" })
})

afterAll(async () => {
  await hawser.close()
  await simulator.close()
})

test("a tenant's issues are asked for with its token", async () => {
  const answer = await hawser.tenant("acme").connection("github").fetch("/issues")
  expect(answer.status).toBe(200)
  expect(simulator.violations).toEqual([])
})

test("a connection that breaks is told as such", async () => {
  simulator.failNext("github", "api", { kind: "reset" })
  const answer = hawser.tenant("acme").connection("github").fetch("/issues")
  await expect(answer).rejects.toMatchObject({ code: "provider_unavailable" })
})
