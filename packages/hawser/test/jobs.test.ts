import { type AccountResult, createHawserJobs, type JobOptions, memory, postgres } from "hawser"
import { expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { connectProjects, eventually } from "./support/flow.ts"
import { startTestHost } from "./support/host.ts"

const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

it("a process that only runs jobs needs no URL and no authenticator, and serves what another connects", async () => {
  const { drop, url } = await createDatabase()
  let providers: JobOptions["providers"] = []
  const host = await startTestHost(postgres({ url }), (given) => {
    providers = given.providers
    return { workers: "off", encryptionKey }
  })
  const jobs = await createHawserJobs({
    providers,
    store: postgres({ url }),
    encryptionKey,
    workers: "off",
    unsafelyAllowLoopback: true
  })
  try {
    const connected: Array<string> = []
    await jobs.on(
      "integration.connected",
      { as: "jobs" },
      ({ event }) => void connected.push(event.tenantId)
    )
    await connectProjects(host, { as: { tenant: "acme", user: "ada" } })
    await eventually("the event", async () => {
      await jobs.tick()
      return connected.length > 0
    })
    const { items } = await jobs.admin.tenants({ provider: "projects" })
    expect(items.map(({ tenantId }) => tenantId)).toEqual(["acme"])
    const { token: accessToken } = await jobs.tenant("acme").connection("projects").token()
    expect(await host.authorizationServer.isActive(accessToken)).toBe(true)
    await jobs.tenant("acme", { user: "ada" }).connection("projects").disconnect()
    expect((await host.hawser.tenant("acme").connections()).items[0]?.status).toBe("disconnected")
    for (const absent of ["handler", "catalog"]) expect(absent in jobs).toBe(false)
  } finally {
    await jobs.close()
    await host.close()
    await drop()
  }
})

it("is started only with what it needs", async () => {
  await expect(
    createHawserJobs({ providers: [], store: memory(), encryptionKey, eventRetention: 0 })
  ).rejects.toMatchObject({ code: "configuration_error" })
  // What only a browser or a caller needs is not among its options, and what begins a flow is not among its calls.
  const types = async () => {
    const options = { providers: [], store: memory(), encryptionKey }
    // @ts-expect-error -- a URL of the HTTP surface
    await createHawserJobs({ ...options, publicUrl: "https://app.example.com" })
    const jobs = await createHawserJobs(options)
    const acme = jobs.tenant("acme", { user: "ada" })
    // @ts-expect-error -- a call that begins flows
    const begins: keyof typeof acme = "connect"
    const found: ReadonlyArray<AccountResult> = await jobs.admin.findByAccount({
      provider: "projects",
      accountId: "1"
    })
    return [begins, found]
  }
  expect(types).toBeTypeOf("function")
})
