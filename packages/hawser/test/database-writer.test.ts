import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { ProviderDefinition } from "@hawser/core"
import { createHawser, defineProvider, type Hawser, postgres, type SecurityEvent } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"

/** What came to the vendor, by path. */
const received: Array<string> = []
const events: Array<SecurityEvent> = []
let vendor: Server
let database: Awaited<ReturnType<typeof createDatabase>>
let hawser: Hawser
let tenants = 0

beforeAll(async () => {
  vendor = createServer((request, response) => {
    received.push(`${request.headers.host}${request.url}`)
    request.resume()
    response.setHeader("content-type", "application/json")
    response.end(
      JSON.stringify(
        request.url === "/token"
          ? { access_token: "at", refresh_token: "rt", token_type: "bearer", expires_in: 3600 }
          : { id: 1 }
      )
    )
  })
  await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve))
  const { port } = vendor.address() as AddressInfo
  database = await createDatabase()
  const at = (path: string) => `http://{region}.localhost:${port}${path}`
  const fields = [{ name: "region", label: "Region", secret: false, choices: ["eu", "us"] }]
  const desk = (id: string) =>
    defineProvider(
      {
        id,
        displayName: "Desk",
        category: "ticketing",
        description: "A desk.",
        authType: "oauth2",
        fields,
        authorizationEndpoint: at("/authorize"),
        tokenEndpoint: at("/token"),
        revocation: { endpoint: at("/revoke"), ends: "token" },
        check: { url: at("/me") },
        api: { baseUrl: at("/api") },
        clientAuthentication: "client_secret_post",
        defaultScopes: ["read"]
      } as unknown as Extract<ProviderDefinition, { authType: "oauth2" }>,
      { clientId: "shared", clientSecret: "canary-secret-0123456789" }
    )
  const meter = (id: string) =>
    defineProvider({
      id,
      displayName: "Meter",
      category: "monitoring",
      description: "A meter.",
      authType: "api_key",
      fields: [{ name: "key", label: "Key" }, ...fields],
      headers: { "x-api-key": "{key}" },
      check: { url: at("/me") },
      api: { baseUrl: at("/api") }
    } as unknown as Extract<ProviderDefinition, { authType: "api_key" }>)
  hawser = await createHawser({
    publicUrl: "http://127.0.0.1:1",
    allowedRedirectUrls: [
      "http://127.0.0.1:1/done",
      "https://other.example/done",
      { url: "https://tenant.example/done", binding: "confirm" }
    ],
    tenantName: (tenantId: string) => `The ${tenantId} company`,
    authenticate: async (request: Request) => {
      const [tenantId = "", userId = ""] =
        request.headers.get("authorization")?.slice("Bearer ".length).split("~") ?? []
      return { tenantId, userId, roles: ["admin"] }
    },
    providers: [desk("desk"), desk("desk-two"), meter("meter"), meter("meter-two")],
    store: postgres({ url: database.url }),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    rateLimit: false,
    workers: "off",
    unsafelyAllowLoopback: true,
    onSecurityEvent: (event: SecurityEvent) => events.push(event),
    logger: { info: () => {}, warn: () => {}, error: () => {} }
  } as never)
})
afterAll(async () => {
  await hawser.close()
  vendor.close()
  await database.drop()
})

const freshTenant = () => `tenant-${++tenants}`

const call = (method: string, path: string, tenant: string, body?: object, cookie?: string) =>
  hawser.handler(
    new Request(`http://127.0.0.1:1/v1/integrations${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tenant}~ann`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(cookie !== undefined && { cookie })
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  )

const started = async (tenant: string, redirectUrl = "http://127.0.0.1:1/done") => {
  const answer = await call("POST", "/desk/connect", tenant, {
    redirectUrl,
    fields: { region: "eu" }
  })
  const { state } = (await answer.json()) as { state: string }
  return { state, cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" }
}

const callback = async (tenant: string, flow: Awaited<ReturnType<typeof started>>) => {
  const path = `/desk/callback?state=${flow.state}&code=canary-code`
  const answer = await call("GET", path, tenant, undefined, flow.cookie)
  return `${answer.status} ${answer.headers.get("location") ?? ""}`
}

const parked = async (tenant: string) => {
  const location = await callback(tenant, await started(tenant, "https://other.example/done"))
  return location.split("flowId=")[1] ?? ""
}

/** A flow that waits for somebody to agree, and the form of its page. */
const confirming = async (tenant: string) => {
  const { state } = await started(tenant, "https://tenant.example/done")
  const answer = await call("GET", `/desk/callback?state=${state}&code=canary-code`, tenant)
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const [, flowId = "", token = ""] = /=([\w-]{43})\.([\w-]{43})$/.exec(cookie) ?? []
  const { search, searchParams } = new URL(answer.headers.get("location") ?? "")
  const flow = searchParams.get("flow") ?? ""
  return { path: `/desk/confirm${search}`, cookie, flowId, form: { flow, token } }
}

const confirm = async (
  tenant: string,
  { cookie, form, path }: Awaited<ReturnType<typeof confirming>>
) => {
  const answer = await hawser.handler(
    new Request(`http://127.0.0.1:1/v1/integrations${path}`, {
      method: "POST",
      headers: {
        cookie,
        origin: "http://127.0.0.1:1",
        "content-type": "application/x-www-form-urlencoded"
      },
      body: new URLSearchParams({ ...form, answer: "connect", agreed: "yes" }).toString()
    })
  )
  const location = answer.headers.get("location")
  if (location === null) return String(answer.status)
  return completing(tenant, location.split("flowId=")[1] ?? "")
}

const completing = async (tenant: string, flowId: string) => {
  const answer = await call("POST", "/desk/complete", tenant, { flowId })
  return answer.ok ? "worked" : String(answer.status)
}

const connected = async (tenant: string) => {
  expect(await callback(tenant, await started(tenant))).toContain("status=connected")
}

const keyed = async (tenant: string) => {
  const stored = await call("POST", "/meter/credentials", tenant, {
    credentials: { key: "canary-key", region: "eu" }
  })
  const { credentialId } = (await stored.json()) as { credentialId: string }
  expect((await call("POST", "/meter/connect", tenant, { credentialId })).status).toBe(200)
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "worked",
    (error: { readonly code?: string; readonly reason?: string }) =>
      `${error.code} ${error.reason ?? ""}`.trim()
  )

/** As who may write to the tables changes a row; where rows refer to it, both. */
const write = (statements: string) =>
  query(
    database.url,
    `DO $$ BEGIN PERFORM set_config('session_replication_role', 'replica', true); ${statements} END $$`
  )

interface Scenario {
  readonly prepare: (tenant: string) => Promise<unknown>
  /** Tries to use what was changed; answers what became of each try. */
  readonly use: (tenant: string, prepared: never) => Promise<ReadonlyArray<string>>
}

const scenario = <Prepared>(
  prepare: (tenant: string) => Promise<Prepared>,
  use: (tenant: string, prepared: Prepared) => Promise<ReadonlyArray<string>>
): Scenario => ({ prepare, use })

const uses: Readonly<Record<string, Scenario>> = {
  "a call and a check with its token": scenario(connected, async (tenant) => {
    const query_ = { tenantId: tenant, provider: "desk" }
    const check = await call("POST", "/desk/test", tenant)
    return [
      await codeOf(hawser.tenant(query_.tenantId).connection(query_.provider).fetch("/x")),
      check.ok ? ((await check.json()) as { status: string }).status : String(check.status)
    ]
  }),
  "a refresh": scenario(connected, async (tenant) => {
    await query(
      database.url,
      `UPDATE hawser.oauth_grant SET expires_at = now(), refresh_due_at = now() WHERE tenant_id LIKE '${tenant}%'`
    )
    const code = await codeOf(hawser.tenant(tenant).connection("desk").token())
    await hawser.tick()
    return [code]
  }),
  "what was restored": scenario(
    async (tenant) => {
      await connected(tenant)
      await hawser.tenant(tenant).connection("desk").markRevoked()
    },
    async (tenant) => {
      await hawser.admin.restore({ tenantId: tenant, provider: "desk" })
      return [await codeOf(hawser.tenant(tenant).connection("desk").fetch("/x"))]
    }
  ),
  "a call and a check with an API key": scenario(keyed, async (tenant) => {
    const check = await call("POST", "/meter/test", tenant)
    return [
      await codeOf(hawser.tenant(tenant).connection("meter").fetch("/x")),
      check.ok ? ((await check.json()) as { status: string }).status : String(check.status)
    ]
  }),
  "a revocation": scenario(
    async (tenant) => {
      await connected(tenant)
      expect((await call("DELETE", "/desk", tenant)).status).toBeLessThan(300)
    },
    async () => {
      await hawser.tick()
      return []
    }
  ),
  "the callback": scenario(
    (tenant) => started(tenant),
    async (tenant, flow) => [await callback(tenant, flow)]
  ),
  complete: scenario(parked, async (tenant, flowId) => [await completing(tenant, flowId)]),
  "the confirm page": scenario(confirming, async (tenant, waiting) => {
    const page = await call("GET", waiting.path, tenant, undefined, waiting.cookie)
    return [page.ok ? "ok" : String(page.status), await confirm(tenant, waiting)]
  })
}

/** A change of one column, what it is changed to, and the uses that must come to nothing by it. */
type Change = readonly [to: string, ...uses: ReadonlyArray<keyof typeof uses>]

const token = "a call and a check with its token"
const key = "a call and a check with an API key"
const ofGrant = [token, "a refresh"] as const
const ofFlow = ["the callback", "complete", "the confirm page"] as const
const otherBytes = (column: string) =>
  `set_byte(${column}, 40, (get_byte(${column}, 40) + 1) % 256)`

/** Columns that are a part of what is sealed, or are it: with another value nothing opens, or nothing is found. */
const bound: Readonly<Record<string, Change>> = {
  "integration.tenant_id": ["tenant_id || '-other'", ...ofGrant],
  "integration.owner": ["'ann'", ...ofGrant],
  "integration.provider": ["'desk-two'", ...ofGrant],
  "integration.name": ["'second'", ...ofGrant],
  "integration.id": ["'int_other'", ...ofGrant],
  "integration.fields": [`'{"region": "us"}'`, ...ofGrant],
  "oauth_grant.tenant_id": ["tenant_id || '-other'", ...ofGrant],
  "oauth_grant.integration_id": ["'int_other'", ...ofGrant],
  "oauth_grant.id": ["'gnt_other'", ...ofGrant],
  "oauth_grant.client_fingerprint": [`'${"0".repeat(64)}'`, token],
  "oauth_grant.sealed_access_token": [otherBytes("sealed_access_token"), token],
  "oauth_grant.sealed_refresh_token": [otherBytes("sealed_refresh_token"), "a refresh"],
  "oauth_grant.sealed_dpop_key": ["sealed_access_token", ...ofGrant],
  "oauth_grant.ended_fields": [`'{"region": "us"}'`, "what was restored"],
  "credential.tenant_id": ["tenant_id || '-other'", key],
  "credential.owner": ["'ann'", key],
  "credential.provider": ["'meter-two'", key],
  "credential.id": ["'crd_other'", key],
  "credential.sealed_fields": [otherBytes("sealed_fields"), key],
  "revocation.tenant_id": ["tenant_id || '-other'", "a revocation"],
  "revocation.owner": ["'ann'", "a revocation"],
  "revocation.provider": ["'desk-two'", "a revocation"],
  "revocation.name": ["'second'", "a revocation"],
  "revocation.integration_id": ["'int_other'", "a revocation"],
  "revocation.id": ["'gnt_other'", "a revocation"],
  "revocation.fields": [`'{"region": "us"}'`, "a revocation"],
  "revocation.client_fingerprint": [`'${"0".repeat(64)}'`, "a revocation"],
  "revocation.sealed_access_token": ["sealed_refresh_token", "a revocation"],
  "revocation.sealed_refresh_token": ["sealed_access_token", "a revocation"],
  "flow.tenant_id": ["tenant_id || '-other'", ...ofFlow],
  "flow.owner": ["'ann'", ...ofFlow],
  "flow.user_id": ["'mallory'", ...ofFlow],
  "flow.provider": ["'desk-two'", ...ofFlow],
  "flow.name": ["'second'", ...ofFlow],
  "flow.binding": ["'session'", ...ofFlow],
  "flow.redirect_url": ["'https://evil.example/'", ...ofFlow],
  "flow.redirect_uri": ["redirect_uri || '/x'", ...ofFlow],
  "flow.server": [`jsonb_set(server, '{tokenEndpoint}', '"http://evil.example/"')`, ...ofFlow],
  "flow.scopes": ["'{write}'", ...ofFlow],
  "flow.fields": [`'{"region": "us"}'`, ...ofFlow],
  "flow.reauthorizes": ["NOT reauthorizes", ...ofFlow],
  "flow.status": ["'confirming'", "complete"],
  "flow.state_hash": [otherBytes("state_hash || state_hash"), "the callback"],
  "flow.browser_hash": ["NULL", "the callback"],
  "flow.sealed_secrets": ["NULL", "the callback"],
  "flow.flow_id_hash": [otherBytes("flow_id_hash || flow_id_hash"), "complete", "the confirm page"],
  "flow.sealed_response": [otherBytes("sealed_response"), "complete", "the confirm page"]
}

const timesOnly = "says when, not where"
const shownOnly = "is shown and decides nothing"

/** Columns outside of every context, each with the reason. */
const free: Readonly<Record<string, string>> = {
  "credential.label": shownOnly,
  "credential.status": shownOnly,
  "credential.created_by": shownOnly,
  "credential.created_at": timesOnly,
  "credential.account_id":
    "says whose a key is, and which one may take its place: not where it leads",
  "credential.account_label": shownOnly,
  "credential.connected_once": "decides when an unused key is destroyed",
  "integration.status": "who writes to the tables may disconnect",
  "integration.problem": shownOnly,
  "integration.connected_by": shownOnly,
  "integration.connected_at": timesOnly,
  "integration.scopes":
    "a refresh names at most these, and a server grants no more than it has granted; a flow asks for those of them that are configured, and a person consents",
  "integration.credential_id":
    "names another key of the same tenant and provider, sealed with its own fields",
  "credential.account_issuer": "as the account's id",
  "integration.account_id":
    "says whose a connection is, and whether others share it: not where it leads",
  "integration.account_label": shownOnly,
  "integration.account_issuer": "as the account's id",
  "integration.grant_subject": "decides whether a grant is left alone because others hold it",
  "integration.client_fingerprint":
    "as the subject of the grant: who else holds it through the same client",
  "integration.number": "tells one connection from the owner's others, and how many there are",
  "integration.version": "orders events",
  "integration.last_position": "orders events",
  "oauth_grant.held_hash": "decides who may connect, not where a secret goes",
  "hash_key.name": "there is one row",
  "hash_key.sealed_key": "is sealed for this one place, and hashes are all that comes of it",
  "oauth_grant.refused_at": timesOnly,
  "oauth_grant.tried_by": "says which client the brake counts it for",
  "oauth_grant.generation": "tells newer tokens from older",
  "oauth_grant.token_type": shownOnly,
  "oauth_grant.issued_at": timesOnly,
  "oauth_grant.expires_at": timesOnly,
  "oauth_grant.expiry_told": timesOnly,
  "oauth_grant.challenged_at": timesOnly,
  "oauth_grant.refresh_expires_at": timesOnly,
  "oauth_grant.refresh_notice_at": timesOnly,
  "oauth_grant.refresh_due_at": timesOnly,
  "oauth_grant.renewed_at": timesOnly,
  "oauth_grant.lease_holder": timesOnly,
  "oauth_grant.lease_deadline": timesOnly,
  "oauth_grant.fence": timesOnly,
  "oauth_grant.sent_at": timesOnly,
  "oauth_grant.interrupted": timesOnly,
  "oauth_grant.failures": timesOnly,
  "oauth_grant.retry_at": timesOnly,
  "oauth_grant.refresh_problem": shownOnly,
  "oauth_grant.ended_at": timesOnly,
  "oauth_grant.end_reason": shownOnly,
  "oauth_grant.quarantined_until": timesOnly,
  "oauth_grant.ended_scopes": "as the scopes of the integration",
  "revocation.grant_subject": "decides whether the grant is left alone because others hold it",
  "revocation.accounts": "as the subject of the grant",
  "revocation.account_issuer": "as the subject of the grant",
  "revocation.attempt": timesOnly,
  "revocation.due_at": timesOnly,
  "revocation.expires_at": timesOnly,
  "integration.suspended": "who writes to the tables may suspend and resume",
  "barred_user.tenant_id": "says for whom nothing is written, not where a secret goes",
  "barred_user.user_hash": "says for whom nothing is written, not where a secret goes",
  "barred_user.reason": shownOnly,
  "barred_user.expires_at": timesOnly,
  "user_fence.fence": "orders writes",
  "user_fence.changes": "orders writes",
  "flow.expires_at": timesOnly,
  "flow.response_expires_at": timesOnly
}

it("S-106 each column that is stored beside secrets is sealed with them, or has a reason not to be", async () => {
  const columns = await query<{ readonly name: string }>(
    database.url,
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
    WHERE table_schema = 'hawser'
      AND table_name NOT IN ('migration', 'outbox', 'subscriber', 'delivery_retry', 'refresh_brake')`
  )
  expect([...Object.keys(bound), ...Object.keys(free)].toSorted()).toEqual(
    columns.map(({ name }) => name).toSorted()
  )
})

it("S-85 S-106 who may write to the tables cannot say that somebody has agreed", async () => {
  const tenant = freshTenant()
  const { flowId } = await confirming(tenant)
  await write(`UPDATE hawser.flow SET status = 'parked' WHERE tenant_id = '${tenant}';`)
  const [sent, told] = [received.length, events.length]
  expect(await completing(tenant, flowId)).not.toBe("worked")
  expect(received.slice(sent)).toEqual([])
  expect(events.slice(told).map(({ type }) => type)).toContain("decryption_failed")
})

const scenarioOf = (use: string): Scenario => {
  const found = uses[use]
  if (found === undefined) throw new Error(`There is no use ${use}`)
  return found
}

it.each(Object.keys(uses))("S-106 %s works while nobody has changed anything", async (use) => {
  const tenant = freshTenant()
  const { prepare, use: tryIt } = scenarioOf(use)
  const prepared = await prepare(tenant)
  const sent = received.length
  for (const outcome of await tryIt(tenant, prepared as never))
    expect(outcome).toMatch(/^worked|^ok|status=connected/)
  expect(received.length).toBeGreaterThan(sent)
})

describe("S-106 nothing is sent once a row was changed by who may write to the tables", () => {
  const cases = Object.entries(bound).flatMap(([column, [to, ...tried]]) =>
    tried.map((use) => [column, use, to] as const)
  )

  it.each(cases)("%s, then %s", async (column, use, to) => {
    const tenant = freshTenant()
    const { prepare, use: tryIt } = scenarioOf(use)
    const prepared = await prepare(tenant)
    const [table = "", name = ""] = column.split(".")
    // Rows that refer to an integration's id go with it.
    const also =
      column === "integration.id"
        ? `UPDATE hawser.oauth_grant SET integration_id = ${to} WHERE tenant_id = '${tenant}';`
        : ""
    await write(`${also} UPDATE hawser.${table} SET ${name} = ${to} WHERE tenant_id = '${tenant}';`)
    const [sent, told] = [received.length, events.length]
    const outcomes = await tryIt(tenant, prepared as never)
    expect(received.slice(sent)).toEqual([])
    const types = events.slice(told).map(({ type }) => type)
    for (const outcome of outcomes) {
      expect(outcome).not.toMatch(/^worked|^ok|status=connected|evil/)
    }
    // What opens no more is a security event; what is not found any more is not there.
    const isAbsent = (outcome: string) =>
      /not_connected|reconnect_required|^404|^400|credential_not_found|client_changed/.test(outcome)
    const silent = types.includes("decryption_failed") ? [] : outcomes
    expect(silent.filter((outcome) => !isAbsent(outcome))).toEqual([])
  })
})
