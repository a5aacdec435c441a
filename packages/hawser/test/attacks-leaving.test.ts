import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { defineProvider, type HawserOptions, type IntegrationEvent, memory, postgres } from "hawser"
import { afterEach, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { callback, connectProjects, consent, eventually, startFlow } from "./support/flow.ts"
import { startTestHost, type TestClaims, type TestHost } from "./support/host.ts"
import { connectLocker, forAll } from "./support/owners.ts"

/** Users who leave, and what they, or whoever has their id next, might get back. */

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const database = async () => {
  const { drop, url } = await createDatabase()
  closing.push(drop)
  return url
}

const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

/** A vendor of OAuth tokens, with something that happens before it answers. */
const startVendor = async () => {
  const revoked: Array<string> = []
  let before: () => Promise<unknown> = () => Promise.resolve()
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const answer = (body: object) => {
        response.setHeader("content-type", "application/json")
        response.end(JSON.stringify(body))
      }
      if (request.url === "/revoke") {
        revoked.push(new URLSearchParams(Buffer.concat(chunks).toString()).get("token") ?? "")
        return answer({})
      }
      void before().then(() =>
        answer({
          access_token: "an-access-token",
          refresh_token: "a-refresh-token",
          token_type: "bearer",
          expires_in: 3600
        })
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closing.push(async () => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = defineProvider(
    {
      id: "desk",
      displayName: "Desk",
      category: "ticketing",
      description: "A desk.",
      authType: "oauth2",
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
      revocation: { endpoint: `${origin}/revoke`, ends: "token" },
      clientAuthentication: "client_secret_post",
      defaultScopes: ["read"]
    },
    { clientId: "shared", clientSecret: "canary-secret-0123456789", ownedBy: ["tenant", "user"] }
  )
  return {
    provider,
    revoked,
    whenAskedForTokens: (happens: () => Promise<unknown>) => {
      before = happens
    }
  }
}

const start = async (store: HawserOptions["store"], more: HawserOptions["providers"] = []) => {
  const host = await startTestHost(store, (parts) => {
    const { providers = [], ...options } = forAll(parts)
    return { ...options, providers: [...providers, ...more], encryptionKey, workers: "off" }
  })
  closing.push(host.close)
  const events: Array<IntegrationEvent> = []
  for (const name of ["integration.connected", "integration.disconnected"] as const)
    await host.hawser.on(name, { as: name }, ({ event }) => void events.push(event))
  /** What other databases of the server do may hold an event back for a moment. */
  const delivered = (count: number) =>
    eventually(`${count} events`, async () => {
      await host.hawser.tick()
      return events.length >= count
    })
  return { ...host, delivered, events }
}

const tenant = "acme"
const ada: TestClaims = { tenant, user: "ada.lovelace", roles: ["admin"] }
const bob: TestClaims = { tenant, user: "bob", roles: ["admin"] }
const adas = { tenantId: tenant, userId: "ada.lovelace" }

const withQuery = (host: TestHost, text: string): TestHost => ({
  ...host,
  call: (method, path, options) => host.call(method, `${path}${text}`, options)
})

/** A flow of Ada's own, back from the vendor. */
const ownFlow = async (host: TestHost, redirectUrl: string) => {
  const flow = await startFlow(withQuery(host, "?owner=user"), redirectUrl, { as: ada })
  return { flow, url: await consent(host, flow) }
}

/** What Ada owns, as Ada's own process uses it. */
const ownOf = ({ hawser }: TestHost, provider: string) =>
  hawser.tenant(tenant, { user: "ada.lovelace" }).connection(provider, { owner: "user" })

const tenantsKey = async ({ hawser }: TestHost) =>
  (await hawser.tenant(tenant).connection("locker").apiKey()).get("api_key")

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "worked",
    (error: { readonly code?: string; readonly reason?: string }) =>
      `${error.code} ${error.reason ?? ""}`.trim()
  )

const idsOf = async (host: TestHost, as: TestClaims) => {
  const answer = await host.call("GET", "", { as })
  const { items } = (await answer.json()) as { items: ReadonlyArray<{ integrationId: string }> }
  return items.map(({ integrationId }) => integrationId)
}

describe.each([
  ["memory", async () => memory()],
  ["PostgreSQL", async () => postgres({ url: await database() })]
] as const)("with %s", (_, store) => {
  it("S-98 an erased user's own connections end, at the vendor too, and the events name nobody", async () => {
    const host = await start(await store())
    await connectProjects(withQuery(host, "?owner=user"), { as: ada })
    await connectLocker(host, ada, { own: true })
    const tenants = await connectLocker(host, ada)
    await ownOf(host, "projects").token()
    expect(await host.hawser.admin.eraseUser(adas)).toMatchObject({ disconnected: 2 })
    expect(await codeOf(ownOf(host, "projects").token())).toBe("not_connected")
    expect(await codeOf(ownOf(host, "locker").apiKey())).toBe("not_connected")
    await host.delivered(5)
    expect(JSON.stringify(host.events)).not.toContain("ada.lovelace")
    expect(
      host.events
        .filter(({ event }) => event === "integration.disconnected")
        .map(({ data }) => data)
    ).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ provider: "projects", owner: "user", userId: "erased" }),
        expect.objectContaining({ provider: "locker", owner: "user", userId: "erased" })
      ])
    )
    expect(await idsOf(host, bob)).toEqual([tenants.integrationId])
    expect(await tenantsKey(host)).toBe("a-key")
  })

  it("S-98 what an erased user's browser and token still try fails, and leaves nothing", async () => {
    const host = await start(await store())
    const burned = await ownFlow(host, host.cookieRedirect)
    const parked = await ownFlow(host, host.completeRedirect)
    const { location } = await callback(parked.flow, parked.url)
    const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
    const { credentialId } = await connectLocker(host, bob)
    await host.hawser.admin.eraseUser(adas)
    expect((await callback(burned.flow, burned.url)).response.status).toBe(400)
    const tries: ReadonlyArray<readonly [string, string, unknown?]> = [
      ["POST", "/projects/complete", { flowId }],
      ["POST", "/projects/connect?owner=user", { redirectUrl: host.cookieRedirect }],
      ["POST", "/projects/connect", { redirectUrl: host.cookieRedirect }],
      ["POST", "/locker/credentials?owner=user", { credentials: { api_key: "k" } }],
      ["POST", "/locker/credentials", { credentials: { api_key: "k" } }],
      ["POST", "/locker/connect?name=second", { credentialId }],
      ["PUT", "/locker/credential", { credentialId }],
      ["DELETE", "/locker"]
    ]
    const answers: Array<readonly [string, string, number, unknown]> = []
    for (const [method, path, body] of tries) {
      const answer = await host.call(method, path, { as: ada, ...(body !== undefined && { body }) })
      const { error } = (await answer.json()) as { readonly error: unknown }
      answers.push([method, path, answer.status, error])
    }
    expect(answers).toEqual(
      tries.map(([method, path]) =>
        path === "/projects/complete"
          ? [method, path, 404, "flow_not_found"]
          : [method, path, 403, "forbidden"]
      )
    )
    for (const owner of ["tenant", "user"] as const)
      expect(
        await codeOf(
          host.hawser
            .tenant(tenant, { user: "ada.lovelace" })
            .connect("locker", { owner, credentialId })
        )
      ).toMatch(/^forbidden erased|^credential_not_found/)
    const report = await host.hawser.admin.import([
      { ...adas, provider: "locker", connectedBy: "bob", credentials: { api_key: "k" } }
    ])
    expect(report.refused).toMatchObject([{ index: 0, code: "forbidden" }])
    await host.hawser.tick()
    expect(JSON.stringify(host.events)).not.toContain("ada.lovelace")
  })

  it("S-98 a callback that is at the vendor while its user is erased: access_denied, and its tokens are revoked", async () => {
    const vendor = await startVendor()
    const host = await start(await store(), [vendor.provider])
    const answer = await host.call("POST", "/desk/connect?owner=user", {
      as: ada,
      body: { redirectUrl: host.cookieRedirect }
    })
    const { state } = (await answer.json()) as { readonly state: string }
    vendor.whenAskedForTokens(() => host.hawser.admin.eraseUser(adas))
    const response = await fetch(
      `${host.origin}/v1/integrations/desk/callback?state=${state}&code=a-code`,
      {
        redirect: "manual",
        headers: { cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" }
      }
    )
    expect(response.headers.get("location")).toContain("status=error")
    expect(response.headers.get("location")).toContain("error=access_denied")
    expect(await idsOf(host, bob)).toEqual([])
    await host.hawser.tick()
    expect(vendor.revoked).toEqual(["a-refresh-token", "an-access-token"])
    expect(host.events).toEqual([])
  })

  it("S-98 a suspended user's own is neither given out nor tested, can be seen and ended, and works again", async () => {
    const host = await start(await store())
    await connectProjects(withQuery(host, "?owner=user"), { as: ada })
    await connectLocker(host, ada, { own: true })
    const { credentialId } = await connectLocker(host, ada)
    const [projects, locker] = [ownOf(host, "projects"), ownOf(host, "locker")]
    // What this process has in its cache is not given out either.
    await projects.token()
    const uses = () =>
      Promise.all(
        [projects.token(), projects.fetch("/"), locker.apiKey(), locker.fetch("/")].map(codeOf)
      )
    const statuses = async () => {
      const statuses: Array<number> = []
      for (const [method, path, body] of [
        ["POST", "/projects/test?owner=user"],
        ["POST", "/locker/test?owner=user"],
        [
          "POST",
          "/projects/connect?owner=user",
          { redirectUrl: host.cookieRedirect, reauthorize: true }
        ],
        ["POST", "/locker/credentials?owner=user", { credentials: { api_key: "k" } }],
        ["PUT", "/locker/credential", { credentialId }],
        ["GET", "/projects?owner=user"],
        ["GET", ""]
      ] as const)
        statuses.push((await host.call(method, path, { as: ada, ...(body && { body }) })).status)
      return statuses
    }

    await host.hawser.admin.suspendUser(adas)
    expect(await uses()).toEqual(Array(4).fill("provider_misconfigured owner_suspended"))
    expect(await statuses()).toEqual([403, 403, 403, 403, 403, 200, 200])
    // The tenant's own works, whoever connected it.
    expect(await tenantsKey(host)).toBe("a-key")

    await host.hawser.admin.resumeUser(adas)
    expect(await uses()).toEqual(["worked", "configuration_error", "worked", "configuration_error"])
    expect(await statuses()).toEqual([200, 200, 200, 201, 200, 200, 200])

    await host.hawser.admin.suspendUser(adas)
    expect((await host.call("DELETE", "/locker?owner=user", { as: ada })).status).toBe(204)
    const { integrationId: own } = await projects.get()
    expect((await host.call("DELETE", `/${own}`, { as: bob })).status).toBe(204)
  })

  it("S-98 deleteTenant ends users' own connections too, and forgets who was barred", async () => {
    const host = await start(await store())
    await connectLocker(host, ada, { own: true })
    await connectLocker(host, bob, { own: true })
    await host.hawser.admin.suspendUser(adas)
    await host.hawser.admin.eraseUser({ tenantId: tenant, userId: "eve" })
    expect(await host.hawser.admin.deleteTenant({ tenantId: tenant })).toEqual({
      disconnected: 2,
      integrations: 2,
      credentials: 2,
      flows: 0
    })
    await connectLocker(host, ada, { own: true })
    await connectLocker(host, { tenant, user: "eve", roles: ["member"] }, { own: true })
  })
})

it("S-98 whoever has an erased user's id next begins with nothing: no id, no account, no key", async () => {
  const url = await database()
  const host = await start(postgres({ url }))
  const former = await connectLocker(host, ada, { own: true })
  await host.hawser.admin.eraseUser(adas)
  const tables = await query(
    url,
    `SELECT table_name FROM information_schema.columns
     WHERE table_schema = 'hawser' AND column_name = 'tenant_id' ORDER BY table_name`
  )
  for (const { table_name } of tables as ReadonlyArray<{ readonly table_name: string }>) {
    const rows = await query(url, `SELECT t::text AS row FROM hawser.${table_name} t`)
    expect([table_name, JSON.stringify(rows).includes("ada.lovelace")]).toEqual([table_name, false])
  }
  await query(url, "UPDATE hawser.barred_user SET expires_at = now()")
  await host.hawser.tick()
  expect(await query(url, "SELECT FROM hawser.barred_user")).toEqual([])
  for (const method of ["GET", "DELETE"])
    expect((await host.call(method, `/${former.integrationId}`, { as: ada })).status).toBe(404)
  const again = await connectLocker(host, ada, { own: true, key: "another" })
  expect(again.integrationId).not.toBe(former.integrationId)
  const keys = await host.call("GET", "/locker/credentials?owner=user", { as: ada })
  expect(await keys.json()).toMatchObject({ total: 1 })
})

it("S-98 other processes have nothing of a suspended user once their cache has forgotten it", async () => {
  const url = await database()
  const [here, there] = [await start(postgres({ url })), await start(postgres({ url }))]
  await connectProjects(withQuery(here, "?owner=user"), { as: ada })
  await here.hawser.admin.suspendUser(adas)
  expect(await codeOf(ownOf(there, "projects").token())).toBe(
    "provider_misconfigured owner_suspended"
  )
})

it("S-98 the workers refresh nothing of a suspended user, and go on with it after", async () => {
  const url = await database()
  const host = await start(postgres({ url }))
  await connectProjects(withQuery(host, "?owner=user"), { as: ada })
  const due = () =>
    query(url, "UPDATE hawser.oauth_grant SET expires_at = now(), refresh_due_at = now()")
  const asked = host.authorizationServer.tokenRequests()
  await host.hawser.admin.suspendUser(adas)
  await due()
  await host.hawser.tick()
  expect(host.authorizationServer.tokenRequests()).toBe(asked)
  const [grant] = await query<{ readonly waits: boolean }>(
    url,
    "SELECT refresh_due_at > now() + interval '1 minute' AS waits FROM hawser.oauth_grant"
  )
  expect(grant?.waits).toBe(true)
  await host.hawser.admin.resumeUser(adas)
  await due()
  await host.hawser.tick()
  expect(host.authorizationServer.tokenRequests()).toBe(asked + 1)
})

it("S-98 flows that come back while their user is erased, many at once, leave nothing", async () => {
  const url = await database()
  const host = await start(postgres({ url }))
  const flows = await Promise.all(
    ["a", "b", "c", "d"].map(async (name) => {
      const flow = await startFlow(
        withQuery(host, `?owner=user&name=${name}`),
        host.cookieRedirect,
        { as: ada }
      )
      return { flow, url: await consent(host, flow) }
    })
  )
  await Promise.all([
    ...flows.map((one) => callback(one.flow, one.url)),
    host.hawser.admin.eraseUser(adas),
    ...["e", "f"].map((name) =>
      connectLocker(host, ada, { own: true, name }).catch(() => undefined)
    )
  ])
  const left = await query(
    url,
    "SELECT 1 FROM hawser.integration UNION ALL SELECT 1 FROM hawser.credential UNION ALL SELECT 1 FROM hawser.flow"
  )
  expect(left).toEqual([])
  await host.hawser.tick()
  expect(JSON.stringify(host.events)).not.toContain('"ada.lovelace"')
})
