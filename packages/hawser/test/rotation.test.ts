import { createHawser, type Hawser, postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { callback, consent, startFlow } from "./support/flow.ts"
import { goodApiKey, type HostParts, startTestHost, type TestHost } from "./support/host.ts"

const randomKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
const [former, primary] = [randomKey(), randomKey()]

let host: TestHost
let parts: HostParts
let database: Awaited<ReturnType<typeof createDatabase>>

/** An account that is connected by OAuth2 and by an API key. */
const connectAll = async (tenant: string) => {
  const flow = await startFlow(host, host.cookieRedirect, { as: { tenant } })
  await callback(flow, await consent(host, flow))
  const as = { tenantId: tenant, provider: "beacon", userId: "ada" }
  const { credentialId } = await host.hawser
    .tenant(as.tenantId, { user: as.userId })
    .credentials(as.provider)
    .store({ credentials: { api_key: goodApiKey } })
  await host.hawser.tenant(as.tenantId, { user: as.userId }).connect(as.provider, { credentialId })
}

/** Another process of the same host, with these keys. */
const start = (encryptionKey: readonly [string, ...ReadonlyArray<string>]) =>
  createHawser({
    publicUrl: host.origin,
    allowedRedirectUrls: [host.cookieRedirect],
    authenticate: () => Promise.resolve(null),
    providers: parts.providers,
    store: postgres({ url: database.url }),
    encryptionKey,
    workers: "off",
    unsafelyAllowLoopback: true,
    onSecurityEvent: (event) => securityEvents.push(event)
  })
const securityEvents: Array<object> = []

beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(postgres({ url: database.url }), (given) => {
    parts = given
    return { encryptionKey: former }
  })
  await connectAll("acme")
  await connectAll("other")
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

const ofAcme = (hawser: Hawser, provider: string) => hawser.tenant("acme").connection(provider)

describe("S-42 a row of another tenant's", () => {
  it("does not open as an API key, and is a security event", async () => {
    const hawser = await start([former])
    const swap = `update hawser.credential c set sealed_fields = o.sealed_fields
      from hawser.credential o where c.tenant_id <> o.tenant_id`
    await query(database.url, swap)
    await expect(ofAcme(hawser, "beacon").apiKey()).rejects.toMatchObject({
      name: "DecryptionFailed",
      reason: "not_authentic"
    })
    expect(securityEvents.at(-1)).toMatchObject({ type: "decryption_failed", tenantId: "acme" })
    // Swapped back, each has its own again.
    await query(database.url, swap)
    expect((await ofAcme(hawser, "beacon").apiKey()).get("api_key")).toBe(goodApiKey)
    await hawser.close()
  })
})

describe("S-45 hawser.rotateKeys", () => {
  it("brings all under the first key, tells how much remains, and the former key can go", async () => {
    const before = await ofAcme(host.hawser, "projects").token()
    const hawser = await start([primary, former])
    const [{ count, isPrimary, keyId } = { count: 0, isPrimary: true, keyId: "" }, ...others] =
      await hawser.admin.keysInUse()
    expect([isPrimary, others]).toStrictEqual([false, []])
    expect(count).toBeGreaterThanOrEqual(4)

    const told: Array<number> = []
    const end = await hawser.admin.rotateKeys({
      onProgress: ({ remaining }) => told.push(remaining)
    })
    expect(end).toStrictEqual({ done: count, failed: 0, remaining: 0 })
    expect(told.length).toBeGreaterThan(1)
    expect(told).toStrictEqual(told.toSorted((a, b) => b - a))
    expect(told.at(-1)).toBe(0)
    const [inUse, ...more] = await hawser.admin.keysInUse()
    expect([inUse?.isPrimary, inUse?.count, more]).toStrictEqual([true, count, []])
    expect(inUse?.keyId).not.toBe(keyId)
    await hawser.close()

    const after = await start([primary])
    const token = await ofAcme(after, "projects").token()
    expect(token.token).toBe(before.token)
    expect((await ofAcme(after, "beacon").apiKey()).get("api_key")).toBe(goodApiKey)
    await after.close()
  })

  it("says which key is missing where one was removed too early", async () => {
    const hawser = await start([former])
    await expect(ofAcme(hawser, "projects").token()).rejects.toMatchObject({
      name: "DecryptionFailed",
      reason: "unknown_key"
    })
    const end = await hawser.admin.rotateKeys()
    expect(end.failed).toBeGreaterThanOrEqual(4)
    expect(end.remaining).toBe(end.failed)
    expect(securityEvents.at(-1)).toMatchObject({
      type: "decryption_failed",
      reason: "unknown_key"
    })
    await hawser.close()
  })
})
