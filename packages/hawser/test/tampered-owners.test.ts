import { isHawserError, postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { connectProjects } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"
import { connectLocker, forAll, referred } from "./support/owners.ts"

/** Somebody who writes into the database, and has no key. */
let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>
beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(postgres({ url: database.url }), (parts) => ({
    ...forAll(parts),
    workers: "off"
  }))
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

let tenants = 0
const freshTenant = (): string => `tenant-${tenants++}`

const nameOf = async (act: () => Promise<unknown>): Promise<unknown> => {
  try {
    await act()
    return "given out"
  } catch (error) {
    if (isHawserError(error)) return error.name
    throw error
  }
}

/** Where the thief has a connection, or wants one: an owner as the column has it, and a name. */
const places = [
  { owner: "", name: "default", reference: {} },
  { owner: "", name: "sales", reference: { name: "sales" } },
  { owner: "eve", name: "default", reference: { owner: "user", userId: "eve" } },
  { owner: "ada", name: "sales", reference: { owner: "user", userId: "ada", name: "sales" } }
] as const
const titled = places.map((place) => [JSON.stringify(place.reference), place] as const)

const ofAda = (tenant: string) => ({
  ...host,
  call: ((method, path, options) =>
    host.call(method, `${path}?owner=user`, {
      ...options,
      as: { tenant, user: "ada" }
    })) as TestHost["call"]
})

const connectAt = async (tenant: string, { name, owner }: (typeof places)[number]) => {
  const own = owner !== ""
  const call: TestHost["call"] = (method, path, options) =>
    host.call(method, `${path}?owner=${own ? "user" : "tenant"}&name=${name}`, {
      ...options,
      as: { tenant, user: own ? owner : "bob" }
    })
  await connectProjects({ ...host, call })
}

describe("S-92 Ada's tokens", () => {
  it.each(titled)(
    "moved to %s with their row, open to nobody",
    async (_, { name, owner, reference }) => {
      const tenantId = freshTenant()
      await connectProjects(ofAda(tenantId))
      const before = host.authorizationServer.tokenRequests()
      await query(
        database.url,
        `UPDATE hawser.integration SET owner = '${owner}', name = '${name}' WHERE tenant_id = '${tenantId}'`
      )
      await query(
        database.url,
        `UPDATE hawser.oauth_grant SET refresh_due_at = statement_timestamp() WHERE tenant_id = '${tenantId}'`
      )
      const one = referred(host.hawser, tenantId, "projects", reference)
      expect(await nameOf(() => one.token())).toBe("DecryptionFailed")
      await host.hawser.tick()
      expect(host.authorizationServer.tokenRequests()).toBe(before)
      expect(host.securityEvents).toContainEqual(
        expect.objectContaining({ type: "decryption_failed", tenantId })
      )
    }
  )

  it.each(titled)("put in the place of those at %s, open to nobody", async (_, place) => {
    const tenantId = freshTenant()
    await connectProjects(ofAda(tenantId))
    await connectAt(tenantId, place)
    const token = () => referred(host.hawser, tenantId, "projects", place.reference).token()
    expect(await nameOf(token)).toBe("given out")
    await query(
      database.url,
      `UPDATE hawser.oauth_grant g SET sealed_access_token = o.sealed_access_token,
  sealed_refresh_token = o.sealed_refresh_token
FROM hawser.oauth_grant o
  JOIN hawser.integration ada ON ada.tenant_id = o.tenant_id AND ada.id = o.integration_id
    AND ada.owner = 'ada' AND ada.name = 'default',
  hawser.integration thiefs
WHERE g.tenant_id = '${tenantId}' AND o.tenant_id = g.tenant_id AND thiefs.tenant_id = g.tenant_id
  AND thiefs.id = g.integration_id AND thiefs.owner = '${place.owner}' AND thiefs.name = '${place.name}'`
    )
    await host.restart({})
    expect(await nameOf(token)).toBe("DecryptionFailed")
    expect(
      await nameOf(() =>
        host.hawser
          .tenant(tenantId, { user: "ada" })
          .connection("projects", { owner: "user" })
          .token()
      )
    ).toBe("given out")
  })
})

it("S-92 S-95 Ada's key, put in the place of the tenant's or another user's, opens to nobody", async () => {
  for (const [thief, own] of [
    ["bob", false],
    ["eve", true]
  ] as const) {
    const tenant = freshTenant()
    await connectLocker(host, { tenant, user: "ada" }, { own: true, key: "adas" })
    const { credentialId } = await connectLocker(host, { tenant, user: thief }, { own })
    await query(
      database.url,
      `UPDATE hawser.credential c SET sealed_fields = o.sealed_fields FROM hawser.credential o
WHERE c.tenant_id = '${tenant}' AND c.id = '${credentialId}'
  AND o.tenant_id = c.tenant_id AND o.owner = 'ada'`
    )
    const reference = own ? { owner: "user" as const, userId: thief } : {}
    const thiefs = referred(host.hawser, tenant, "locker", reference)
    expect(await nameOf(() => thiefs.apiKey())).toBe("DecryptionFailed")
    const key = await host.hawser
      .tenant(tenant, { user: "ada" })
      .connection("locker", { owner: "user" })
      .apiKey()
    expect(key.get("api_key")).toBe("adas")
  }
})
