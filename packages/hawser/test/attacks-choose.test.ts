import { postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import {
  connectSimulated,
  type SimulatedHost,
  startSimulatedHost
} from "./support/simulatedHost.ts"

/**
 * Attacks on the choice of an account. Xero's consent may cover several organisations of one person, each call names one of them
 * in a header, and revoking a token ends all that the person gave the app.
 */

let host: SimulatedHost
let databaseUrl: string

beforeAll(async () => {
  databaseUrl = (await createDatabase()).url
  host = await startSimulatedHost(postgres({ url: databaseUrl }), ["xero", "jira"])
})
afterAll(() => host.close())

let tenants = 0
const freshTenant = () => `tenant-${++tenants}`

const consent = async (tenant: string, provider: "jira" | "xero" = "xero", body: object = {}) => {
  host.simulator.failNext(provider, "discovery", { kind: "several_accounts" })
  const told = await connectSimulated(host, provider, { tenant, body })
  expect(told["status"]).toBe("choose")
  return told["flowId"] ?? ""
}

const complete = (tenant: string, body: object, provider = "xero") =>
  host.call("POST", `/${provider}/complete`, { as: { tenant }, body })

interface Listed {
  readonly flowId: string
  readonly choices: ReadonlyArray<{ readonly id: string; readonly label: string }>
}

const listed = async (tenant: string, flowId: string, provider = "xero"): Promise<Listed> => {
  const answer = await complete(tenant, { flowId }, provider)
  expect(answer.status).toBe(409)
  return (await answer.json()) as Listed
}

const total = async (tenant: string): Promise<unknown> => {
  const answer = await host.call("GET", "", { as: { tenant } })
  return ((await answer.json()) as { readonly total: unknown }).total
}

/** The time of all choices is over, and workers come by. */
const passTenMinutes = async (): Promise<void> => {
  await query(
    databaseUrl,
    "UPDATE hawser.flow SET response_expires_at = now() WHERE status = 'choosing'"
  )
  await host.hawser.tick()
  // What the sweep has put into the queue is revoked by the next look.
  await host.hawser.tick()
}

const lastEvent = () => host.securityEvents.at(-1)

describe("the choice of an account, attacked", () => {
  it("S-89 50 picks at once, of both accounts: one connection", async () => {
    const tenant = freshTenant()
    const { choices, flowId } = await listed(tenant, await consent(tenant))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        complete(tenant, { flowId, account: choices[index % 2]?.id })
      )
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(49)
    expect(await total(tenant)).toBe(1)
  })

  it("S-89 an account that was not offered: refused, and the right one does not come after it", async () => {
    const tenant = freshTenant()
    const { choices, flowId } = await listed(tenant, await consent(tenant))
    const answer = await complete(tenant, {
      flowId,
      account: "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f"
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ reason: "account_not_permitted" })
    expect((await complete(tenant, { flowId, account: choices[0]?.id })).status).toBe(404)
    expect(await total(tenant)).toBe(0)
  })

  it("S-89 a flow id again, of the list and of the pick", async () => {
    const tenant = freshTenant()
    const first = await consent(tenant)
    const { choices, flowId } = await listed(tenant, first)
    const account = choices[0]?.id
    expect((await complete(tenant, { flowId: first, account })).status).toBe(404)
    expect((await complete(tenant, { flowId, account })).status).toBe(200)
    expect((await complete(tenant, { flowId, account })).status).toBe(404)
  })

  it("S-89 another tenant's admin with the flow id and the account: nothing, and no choice any more", async () => {
    const [victim, attacker] = [freshTenant(), freshTenant()]
    const { choices, flowId } = await listed(victim, await consent(victim))
    const stolen = { flowId, account: choices[1]?.id }
    expect((await complete(attacker, stolen)).status).toBe(404)
    expect(lastEvent()).toMatchObject({ type: "complete_mismatch", tenantId: attacker })
    expect((await complete(victim, stolen)).status).toBe(404)
    expect([await total(attacker), await total(victim)]).toEqual([0, 0])
  })

  it("S-89 under another provider, which the tenant may use", async () => {
    const tenant = freshTenant()
    const { choices, flowId } = await listed(tenant, await consent(tenant))
    const pick = { flowId, account: choices[0]?.id }
    expect((await complete(tenant, pick, "jira")).status).toBe(404)
    expect((await complete(tenant, pick)).status).toBe(404)
  })

  it("S-91 a caller who names another account in its header is answered for the chosen one", async () => {
    const tenant = freshTenant()
    const { choices, flowId } = await listed(tenant, await consent(tenant))
    const [first, second] = choices
    expect((await complete(tenant, { flowId, account: second?.id })).status).toBe(200)
    const call = host.hawser.tenant(tenant).connection("xero").fetch
    const before = host.simulator.requests.length
    await call("/Organisation", { headers: { "Xero-Tenant-Id": first?.id ?? "" } })
    const sent = host.simulator.requests.slice(before).at(-1)
    expect(JSON.stringify(sent)).not.toContain(first?.id)
  })

  it("S-91 a caller who asks for another site by an absolute URL is refused", async () => {
    const tenant = freshTenant()
    const { choices, flowId } = await listed(tenant, await consent(tenant, "jira"), "jira")
    const [first, second] = choices
    expect((await complete(tenant, { flowId, account: second?.id }, "jira")).status).toBe(200)
    const call = host.hawser.tenant(tenant).connection("jira").fetch
    expect((await call("/rest/api/3/project")).status).toBe(200)
    const url = host.simulator.url(String(host.simulator.requests.at(-1)?.url))
    expect(url).toContain(second?.id)
    await expect(call(url.replace(second?.id ?? "", first?.id ?? ""))).rejects.toMatchObject({
      code: "url_not_allowed",
      reason: "account"
    })
  })

  it("S-90 what waits is in no column in the clear", async () => {
    const tenant = freshTenant()
    const flowId = await consent(tenant)
    const [row] = await query<{ readonly text: string }>(
      databaseUrl,
      `SELECT f::text AS text FROM hawser.flow f WHERE tenant_id = '${tenant}'`
    )
    const secrets = [...host.simulator.liveTokens("xero"), flowId, "Demo Company"]
    for (const secret of secrets) {
      for (const encoding of ["utf8", "hex", "base64url"] as const)
        expect(row?.text).not.toContain(Buffer.from(secret).toString(encoding))
    }
    expect(row?.text).toContain("choosing")
  })

  it("S-90 a choice that is abandoned beside a live grant of the same person: that one lives", async () => {
    const [live, leaving] = [freshTenant(), freshTenant()]
    const { choices, flowId } = await listed(live, await consent(live))
    expect((await complete(live, { flowId, account: choices[0]?.id })).status).toBe(200)
    const { token: accessToken } = await host.hawser.tenant(live).connection("xero").token()
    await consent(leaving)
    await passTenMinutes()
    expect(host.securityEvents).toContainEqual(
      expect.objectContaining({ type: "revocation_left_out", tenantId: leaving, provider: "xero" })
    )
    const answer = await host.hawser.tenant(live).connection("xero").fetch("/Organisation")
    expect(answer.status).toBe(200)
    expect(host.simulator.liveTokens("xero")).toContain(accessToken)
    const rows = await query(databaseUrl, "SELECT FROM hawser.flow WHERE status = 'choosing'")
    expect(rows).toEqual([])
  })
})
