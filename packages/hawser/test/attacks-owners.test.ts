import { defineProvider, isHawserError } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { freshPostgres } from "./support/freshPostgres.ts"
import { listen, startTestHost, type TestClaims, type TestHost } from "./support/host.ts"
import { connectLocker, forAll, referred } from "./support/owners.ts"

let host: TestHost
beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), forAll)
})
afterAll(() => host.close())

let tenants = 0
const freshTenant = (): string => `tenant-${String(tenants++).padStart(3, "0")}`

/** The people of a tenant: the victim and the attacker are members, and the admin is curious. */
const peopleOf = (tenant: string) => ({
  ada: { tenant, user: "ada", roles: ["member"] },
  eve: { tenant, user: "eve", roles: ["member"] },
  admin: { tenant, user: "bob", roles: ["admin"] }
})

const never = { integrationId: `int_${"0".repeat(26)}`, credentialId: `crd_${"0".repeat(26)}` }

/** All that an answer tells, but what is different from call to call. */
const told = async (response: Response) => ({
  status: response.status,
  text: await response.text(),
  headers: [...response.headers].filter(([name]) => name !== "date")
})

interface List {
  readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly total: number
  readonly nextCursor?: string
}

const listOf = async (as: TestClaims, query = ""): Promise<List> =>
  (await (await host.call("GET", query, { as })).json()) as List

/** What the victim has, as the victim's own process sees it: nothing may change it. */
const holdings = async (tenantId: string) => ({
  list: await listOf(peopleOf(tenantId).ada),
  keys: await (
    await host.call("GET", "/locker/credentials?owner=user", { as: peopleOf(tenantId).ada })
  ).text(),
  key: (
    await host.hawser
      .tenant(tenantId, { user: "ada" })
      .connection("locker", { owner: "user" })
      .apiKey()
  ).get("api_key")
})

const byId: ReadonlyArray<readonly [string, (id: string) => readonly [string, string, unknown?]]> =
  [
    ["reads", (id) => ["GET", `/${id}`]],
    ["disconnects", (id) => ["DELETE", `/${id}`]],
    ["tests", (id) => ["POST", `/${id}/test`]],
    [
      "reauthorizes",
      (id) => ["POST", `/${id}/connect`, { redirectUrl: host.cookieRedirect, reauthorize: true }]
    ],
    ["reconnects with a key", (id) => ["POST", `/${id}/connect`, never]],
    ["swaps the key of", (id) => ["PUT", `/${id}/credential`, { credentialId: never.credentialId }]]
  ]

describe("S-94 a member who knows the id of another's connection", () => {
  it.each(byId)("%s it no more than what never existed", async (_, request) => {
    const tenant = freshTenant()
    const { ada, admin, eve } = peopleOf(tenant)
    const { integrationId } = await connectLocker(host, ada, { own: true })
    const before = await holdings(tenant)
    const ask = async (as: TestClaims, id: string) => {
      const [method, path, body] = request(id)
      return told(await host.call(method, path, { as, ...(body !== undefined && { body }) }))
    }
    for (const as of [
      eve,
      { ...admin, tenant: freshTenant() },
      { ...ada, tenant: freshTenant() }
    ]) {
      const foreign = await ask(as, integrationId)
      expect(foreign).toEqual(await ask(as, never.integrationId))
      expect([foreign.status, foreign.text]).toEqual([
        404,
        expect.stringContaining("integration_not_found")
      ])
    }
    expect(await holdings(tenant)).toEqual(before)
  })

  it("does not put a key of one's own into it, and neither does an admin", async () => {
    const tenant = freshTenant()
    const { ada, admin, eve } = peopleOf(tenant)
    const { integrationId } = await connectLocker(host, ada, { own: true, key: "adas" })
    const swap = async (as: TestClaims, path: string) => {
      const { credentialId } = await connectLocker(host, as, { own: true, key: "planted" })
      const response = await host.call("PUT", path, { as, body: { credentialId } })
      return response.status
    }
    const before = await holdings(tenant)
    expect(await swap(eve, `/${integrationId}/credential`)).toBe(404)
    expect(await swap(admin, `/${integrationId}/credential`)).toBe(403)
    expect(await holdings(tenant)).toEqual(before)
  })
})

describe("S-94 a member who says to be somebody else", () => {
  const ways: ReadonlyArray<readonly [string, string, Readonly<Record<string, string>>]> = [
    ["in a header", "?owner=user", { "x-user-id": "ada", "x-hawser-user": "ada" }],
    ["in a forwarded header", "?owner=user", { "x-forwarded-user": "ada", sub: "ada" }],
    ["in a cookie", "?owner=user", { cookie: "user=ada; sub=ada; userId=ada" }],
    ["by userId in the query", "?owner=user&userId=ada", {}],
    ["by user in the query", "?owner=user&user=ada&sub=ada&owner_id=ada", {}],
    ["by brackets", "?owner=user&owner[userId]=ada&owner[]=ada", {}],
    ["by a name with a path", "?owner=user&name=ada%2Fdefault", {}],
    ["as the owner itself", "?owner=ada", {}],
    ["as an owner with a colon", "?owner=user%3Aada", {}],
    ["as the owner that is nobody", "?owner=", {}],
    ["twice", "?owner=user&owner=ada", {}],
    ["beside the tenant", "?owner=tenant&owner=user", {}]
  ]
  it.each(ways)("%s, reaches nothing of theirs", async (_, query, headers) => {
    const tenant = freshTenant()
    const { ada, eve } = peopleOf(tenant)
    await connectLocker(host, ada, { own: true, key: "adas" })
    const before = await holdings(tenant)
    for (const [method, path] of [
      ["GET", "/locker"],
      ["DELETE", "/locker"],
      ["POST", "/locker/test"],
      ["GET", "/locker/credentials"],
      ["GET", ""]
    ] as const) {
      const response = await host.call(method, `${path}${query}`, { as: eve, headers })
      const text = await response.text()
      expect(text).not.toContain("ada")
      expect(text).not.toMatch(/(?:int|crd)_/)
      expect([method, path, response.ok && !/"total":0/.test(text)]).toEqual([method, path, false])
    }
    expect(await holdings(tenant)).toEqual(before)
  })

  it.each(["userId", "owner", "user", "sub", "name", "tenantId"])(
    "by %s in a body, is refused",
    async (member) => {
      const { eve } = peopleOf(freshTenant())
      const response = await host.call("POST", "/locker/credentials?owner=user", {
        as: eve,
        body: { credentials: { api_key: "k" }, [member]: "ada" }
      })
      expect(response.status).toBe(400)
      expect((await listOf(eve)).total).toBe(0)
    }
  )

  it("never connects what the tenant owns by calling it one's own", async () => {
    const tenant = freshTenant()
    const { admin, eve } = peopleOf(tenant)
    const started = await startFlow(
      { ...host, call: withQuery("?owner=user") },
      host.completeRedirect,
      {
        as: eve
      }
    )
    const { location } = await callback(started, await consent(host, started))
    const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
    const complete = (query: string) =>
      host.call("POST", `/projects/complete${query}`, { as: eve, body: { flowId } })
    expect((await complete("")).status).toBe(403)
    expect((await complete("?owner=tenant")).status).toBe(403)
    expect((await complete("?owner=user")).status).toBe(200)
    expect((await listOf(admin, "?owner=tenant")).total).toBe(0)
    expect((await listOf(eve)).items).toMatchObject([{ owner: "user", userId: "eve" }])
  })
})

const withQuery =
  (query: string): TestHost["call"] =>
  (method, path, options) =>
    host.call(method, `${path}${query}`, options)

describe("S-97 what a list tells of what is hidden", () => {
  it("is nothing to a member: the same bytes with and without it, on every page", async () => {
    const [withIt, withoutIt] = [freshTenant(), freshTenant()]
    const ids = new Map<string, string>()
    for (const tenant of [withIt, withoutIt]) {
      const { admin, eve } = peopleOf(tenant)
      for (const name of ["a", "b"]) {
        await connectLocker(host, admin, { name })
        await connectLocker(host, eve, { name, own: true })
        if (tenant === withIt) await connectLocker(host, peopleOf(tenant).ada, { name, own: true })
      }
      for (const { integrationId } of (await listOf(eve)).items)
        ids.set(String(integrationId), `the ${ids.size % 4}th`)
    }
    const pages = async (tenant: string) => {
      const { eve } = peopleOf(tenant)
      const seen: Array<unknown> = []
      for (const query of ["?", "?owner=user&", "?name=a&", "?owner=tenant&", "?status=error&"]) {
        let cursor = ""
        do {
          const { items, nextCursor, total } = await listOf(eve, `${query}limit=1${cursor}`)
          const brief = items.map(({ connectedAt, integrationId, ...rest }) => [
            typeof connectedAt,
            ids.get(String(integrationId)),
            rest
          ])
          seen.push([brief, total])
          cursor = nextCursor === undefined ? "" : `&cursor=${nextCursor}`
        } while (cursor !== "")
      }
      return seen
    }
    expect(await pages(withIt)).toEqual(await pages(withoutIt))
  })

  it("is six members to an admin, and no name: not by a filter, not by the order, not by a cursor", async () => {
    const tenant = freshTenant()
    const { ada, admin, eve } = peopleOf(tenant)
    const inOrder: Array<string> = []
    // The later in the alphabet, the earlier it was connected.
    for (const name of ["zulu", "mike", "alpha"])
      inOrder.push((await connectLocker(host, ada, { name, own: true, key: "adas" })).integrationId)
    const { items, total } = await listOf(admin)
    expect(items.map(({ integrationId }) => integrationId)).toEqual(inOrder.toSorted())
    expect(total).toBe(3)
    for (const item of items) {
      expect(Object.keys(item).toSorted()).toEqual([
        "connectedAt",
        "integrationId",
        "owner",
        "provider",
        "status",
        "userId"
      ])
    }
    for (const name of ["zulu", "mike", "alpha", "none"]) {
      for (const query of [`?name=${name}`, `?name=${name}&owner=user`, `?name=${name}&limit=1`])
        expect(await listOf(admin, query)).toEqual({ items: [], total: 0 })
    }
    const page = await listOf(admin, "?limit=1")
    const cursor = Buffer.from(page.nextCursor ?? "", "base64url").toString()
    expect(cursor).not.toMatch(/zulu|mike|alpha/)
    expect(await listOf(eve)).toEqual({ items: [], total: 0 })
    const text = await (await host.call("GET", `/${inOrder[0] ?? ""}`, { as: admin })).text()
    expect(text).not.toMatch(/zulu|adas|connectedBy|scopes|account/)
  })

  it("is not told by another's cursor, nor by one that is made up", async () => {
    const tenant = freshTenant()
    const { ada, eve } = peopleOf(tenant)
    for (const name of ["a", "b"]) await connectLocker(host, ada, { name, own: true })
    const { integrationId } = await connectLocker(host, eve, { own: true })
    const { nextCursor = "" } = await listOf(ada, "?limit=1")
    const madeUp = (...place: ReadonlyArray<string>) =>
      Buffer.from(JSON.stringify(place)).toString("base64url")
    for (const cursor of [
      nextCursor,
      madeUp("locker", "ada", never.integrationId),
      madeUp("locker", "", never.integrationId)
    ]) {
      const { items, total } = await listOf(eve, `?limit=100&cursor=${cursor}`)
      expect([items.map((one) => one["integrationId"]), total]).toEqual([[integrationId], 1])
    }
    const past = await listOf(
      eve,
      `?limit=100&cursor=${madeUp("locker", "zoe", never.integrationId)}`
    )
    expect(past).toEqual({ items: [], total: 1 })

    const keys = await host.call("GET", "/locker/credentials?owner=user&limit=1", { as: ada })
    const { nextCursor: ofKeys } = (await keys.json()) as List
    const own = await host.call(
      "GET",
      `/locker/credentials?owner=user&limit=100&cursor=${String(ofKeys)}`,
      { as: eve }
    )
    const { items, total } = (await own.json()) as List
    expect([items.length <= 1, total]).toEqual([true, 1])
  })
})

describe("S-93 a member who plants an own connection for the jobs of the tenant", () => {
  it("is used by no job: neither under the name that it asks for, nor in place of what was disconnected", async () => {
    const tenant = freshTenant()
    const { ada, admin, eve } = peopleOf(tenant)
    const planted = await connectLocker(host, eve, { own: true, key: "planted" })
    await connectLocker(host, eve, { own: true, key: "planted", name: "sales" })
    const acme = host.hawser.tenant(tenant)
    const adas = host.hawser.tenant(tenant, { user: "ada" })
    const jobs = [
      () => acme.connection("locker").apiKey(),
      () => acme.connection("locker", { name: "sales" }).apiKey(),
      () => acme.connection({ id: planted.integrationId }).apiKey(),
      () => adas.connection("locker", { owner: "user" }).apiKey(),
      () => adas.connection("locker", { owner: "user", name: "sales" }).apiKey(),
      () => adas.connection({ id: planted.integrationId }).apiKey()
    ]
    const refused = async () => {
      for (const job of jobs) {
        const error = await job().catch((problem: unknown) => problem)
        expect(isHawserError(error) && error.code).toMatch(
          /^(not_connected|integration_not_found)$/
        )
      }
    }
    await refused()
    for (const [as, own] of [
      [admin, false],
      [ada, true]
    ] as const) {
      await connectLocker(host, as, { own, key: "right" })
      const owner = own ? adas.connection("locker", { owner: "user" }) : acme.connection("locker")
      expect((await owner.apiKey()).get("api_key")).toBe("right")
      const query = own ? "?owner=user" : ""
      expect((await host.call("DELETE", `/locker${query}`, { as })).status).toBe(204)
    }
    await refused()
  })
})

describe("S-100 a tenant whose own server claims the account of another", () => {
  it("is told apart by the server, and takes no place of the other's key", async () => {
    const service = await listen((_, response) =>
      response.end('{"account":"account-of-the-victim"}')
    )
    const { port } = new URL(service.origin)
    const withSites = await startTestHost(await freshPostgres(), {
      providers: [
        {
          ...defineProvider({
            id: "sites",
            displayName: "Sites",
            category: "cloud",
            description: "An API-key service on the tenant's own host.",
            authType: "api_key",
            fields: [
              { name: "site", label: "Site", secret: false, format: "subdomain" },
              { name: "api_key", label: "API key" }
            ],
            headers: { "x-api-key": "{api_key}" },
            check: { url: `http://{site}.sites.localhost:${port}/me` },
            account: { id: ["account"] }
          }),
          connections: "many"
        }
      ]
    })
    try {
      const connect = async (tenant: string, site: string, name = "default") => {
        const as = { tenant }
        const stored = await withSites.call("POST", "/sites/credentials", {
          as,
          body: { credentials: { site, api_key: "a-key" } }
        })
        const { credentialId, status } = (await stored.json()) as Readonly<Record<string, string>>
        expect([stored.status, status]).toEqual([201, "validated"])
        const body = { credentialId }
        const connected = await withSites.call("POST", `/sites/connect?name=${name}`, { as, body })
        return {
          credentialId,
          answer: (await connected.json()) as Readonly<Record<string, string>>
        }
      }
      const victim = await connect("victim", "acme")
      const attacker = await connect("attacker", "evil")
      // A host that routes webhooks by the account is told the server beside it.
      const accountId = "account-of-the-victim"
      const holders = await withSites.hawser.admin.findByAccount({ provider: "sites", accountId })
      expect(new Map(holders.map(({ integrationId, issuer }) => [integrationId, issuer]))).toEqual(
        new Map([
          [victim.answer["integrationId"], `http://acme.sites.localhost:${port}`],
          [attacker.answer["integrationId"], `http://evil.sites.localhost:${port}`]
        ])
      )
      // Nor does a key of the other server take the place of the victim's, or count as the account that is connected.
      const lure = await connect("victim", "evil", "lure")
      expect(lure.answer["status"]).toBe("connected")
      const swapped = await withSites.call("PUT", "/sites/credential", {
        as: { tenant: "victim" },
        body: { credentialId: lure.credentialId }
      })
      expect(await swapped.json()).toMatchObject({ error: "account_mismatch" })
      const twin = await connect("victim", "acme", "twin")
      expect(twin.answer).toMatchObject({
        error: "account_already_connected",
        integrationId: victim.answer["integrationId"]
      })
    } finally {
      await withSites.close()
      await service.close()
    }
  })
})

describe("S-95 somebody else's key", () => {
  it.each(["admin", "eve"] as const)(
    "is to %s one that never was, in each use of it",
    async (who) => {
      const tenant = freshTenant()
      const people = peopleOf(tenant)
      const thief = people[who]
      const { credentialId } = await connectLocker(host, people.ada, { own: true, key: "adas" })
      await connectLocker(host, thief, { own: true })
      if (who === "admin") await connectLocker(host, thief)
      const before = await holdings(tenant)
      const owners = who === "admin" ? ["tenant", "user"] : ["user"]
      for (const owner of owners) {
        const ask = async (id: string) => [
          await told(
            await host.call("POST", `/locker/connect?owner=${owner}&name=stolen`, {
              as: thief,
              body: { credentialId: id }
            })
          ),
          await told(
            await host.call("PUT", `/locker/credential?owner=${owner}`, {
              as: thief,
              body: { credentialId: id }
            })
          ),
          await told(
            await host.call("DELETE", `/locker/credentials/${id}?owner=${owner}`, { as: thief })
          )
        ]
        const foreign = await ask(credentialId)
        expect(foreign).toEqual(await ask(never.credentialId))
        expect(foreign.map(({ status }) => status)).toEqual([404, 404, 404])
        const list = await host.call("GET", `/locker/credentials?owner=${owner}`, { as: thief })
        expect(await list.text()).not.toContain(credentialId)
      }
      expect(await holdings(tenant)).toEqual(before)
    }
  )
})

describe("S-96 who acts as a user", () => {
  /** RFC 8693 has an object here; whatever stands there is not a no. */
  const acts = [{ sub: "support" }, {}, [], "support", "", true, false, 0, null]

  it.each(acts.map((act) => [JSON.stringify(act), act] as const))(
    "by a token with the claim act %s touches nothing of the user's own",
    async (_, act) => {
      const tenant = freshTenant()
      const { ada } = peopleOf(tenant)
      const { credentialId, integrationId } = await connectLocker(host, ada, { own: true })
      const before = await holdings(tenant)
      for (const roles of [["member"], ["admin"]]) {
        const as = { ...ada, roles, more: { act } }
        await refusedEverywhere((method, path, body) =>
          host.call(method, path, { as, ...(body !== undefined && { body }) })
        )(integrationId, credentialId)
        expect(await listOf(as)).toEqual({ items: [], total: 0 })
      }
      expect(await holdings(tenant)).toEqual(before)
    }
  )

  type Ask = (method: string, path: string, body?: unknown) => Promise<Response>

  const refusedEverywhere = (ask: Ask) => async (integrationId: string, credentialId: string) => {
    const redirectUrl = host.cookieRedirect
    const requests: ReadonlyArray<readonly [string, string, unknown?]> = [
      ["GET", "?owner=user"],
      ["GET", "/locker?owner=user"],
      ["GET", `/${integrationId}`],
      ["DELETE", "/locker?owner=user"],
      ["DELETE", `/${integrationId}`],
      ["POST", "/locker/test?owner=user"],
      ["POST", `/${integrationId}/test`],
      ["POST", "/locker/connect?owner=user&name=more", { credentialId }],
      ["POST", "/projects/connect?owner=user", { redirectUrl }],
      ["POST", `/${integrationId}/connect`, { redirectUrl, reauthorize: true }],
      ["PUT", "/locker/credential?owner=user", { credentialId }],
      ["PUT", `/${integrationId}/credential`, { credentialId }],
      ["GET", "/locker/credentials?owner=user"],
      ["POST", "/locker/credentials?owner=user", { credentials: { api_key: "planted" } }],
      ["DELETE", `/locker/credentials/${credentialId}?owner=user`],
      ["POST", "/projects/complete?owner=user", { flowId: "f".repeat(43) }]
    ]
    for (const [method, path, body] of requests) {
      const response = await ask(method, path, body)
      expect([method, path, response.status]).toEqual([method, path, 403])
    }
  }

  it("by a host's own function too: whatever it answers but a plain no", async () => {
    let impersonated: unknown
    const withFunction = await startTestHost(await freshPostgres(), (parts) => ({
      ...forAll(parts),
      authenticate: async () => ({
        tenantId: "acme",
        userId: "ada",
        roles: ["member"],
        isImpersonated: impersonated as boolean
      })
    }))
    try {
      const { credentialId, integrationId } = await connectLocker(withFunction, {}, { own: true })
      const ask: Ask = (method, path, body) =>
        withFunction.call(method, path, body === undefined ? {} : { body })
      for (impersonated of [true, "yes", "false", 1, 0, null, "", {}, Number.NaN])
        await refusedEverywhere(ask)(integrationId, credentialId)
      for (impersonated of [undefined, false])
        expect((await ask("GET", `/${integrationId}`)).status).toBe(200)
    } finally {
      await withFunction.close()
    }
  })

  it("does not finish a flow of the user's by a session of the host's", async () => {
    let isImpersonated = true
    const withSession = await startTestHost(await freshPostgres(), (parts) => ({
      ...forAll(parts),
      allowedRedirectUrls: [{ url: `${parts.origin}/own`, binding: "session" }],
      resolveSession: async () => ({
        tenantId: "acme",
        userId: "ada",
        roles: ["member"],
        isImpersonated
      })
    }))
    try {
      const as = { user: "ada", roles: ["member"] }
      const call: TestHost["call"] = (method, path, options) =>
        withSession.call(method, `${path}?owner=user`, options)
      const begin = () =>
        startFlow({ origin: withSession.origin, call }, `${withSession.origin}/own`, { as })
      const finish = async () => {
        const flow = await begin()
        return callback(flow, await consent(withSession, flow))
      }
      expect((await finish()).response.status).toBe(400)
      isImpersonated = false
      expect((await finish()).location?.searchParams.get("status")).toBe("connected")
    } finally {
      await withSession.close()
    }
  })
})

describe("S-92 S-94 users whose ids look alike", () => {
  const lookalikes = [
    "ada",
    "Ada",
    "ADA",
    "ada ",
    " ada",
    "ad",
    "adaa",
    "\u{430}da",
    "ada\u{301}",
    "ad\u{e1}",
    "ada\u{200b}",
    "ada%",
    "a_a",
    "ada\\",
    "ada'--",
    'ada","sales',
    '["acme","ada"]',
    "ada/default",
    "tenant",
    "user",
    "default",
    "null",
    "undefined",
    "__proto__",
    "0"
  ]

  it("are other users: each sees, uses and ends the own one alone", async () => {
    const tenant = freshTenant()
    const asUser = (user: string) => ({ tenant, user, roles: ["member"] })
    const ids = new Map<string, string>()
    for (const user of lookalikes)
      ids.set(
        user,
        (await connectLocker(host, asUser(user), { own: true, key: `key of ${user}` }))
          .integrationId
      )
    expect(new Set(ids.values()).size).toBe(lookalikes.length)
    for (const user of lookalikes) {
      const { items, total } = await listOf(asUser(user))
      expect([items.map((one) => [one["integrationId"], one["userId"]]), total]).toEqual([
        [[ids.get(user), user]],
        1
      ])
      const reference = {
        tenantId: tenant,
        owner: "user",
        userId: user,
        provider: "locker"
      } as const
      expect(
        (
          await host.hawser
            .tenant(reference.tenantId, { user: reference.userId })
            .connection(reference.provider, { owner: reference.owner })
            .apiKey()
        ).get("api_key")
      ).toBe(`key of ${user}`)
    }
    for (const [ended, user] of lookalikes.entries()) {
      const response = await host.call("DELETE", "/locker?owner=user", { as: asUser(user) })
      expect(response.status).toBe(204)
      const left = await listOf({ tenant, user: "bob" }, "?status=connected")
      expect(left.items.map((one) => one["userId"])).toEqual(
        lookalikes.slice(ended + 1).toSorted((a, b) => (a < b ? -1 : 1))
      )
    }
  })

  it("are others in another tenant, with the very same id", async () => {
    const [first, second] = [freshTenant(), freshTenant()]
    const { integrationId } = await connectLocker(host, peopleOf(first).ada, {
      own: true,
      key: "1"
    })
    expect(await listOf(peopleOf(second).ada)).toEqual({ items: [], total: 0 })
    const other = await connectLocker(host, peopleOf(second).ada, { own: true, key: "2" })
    expect(other.integrationId).not.toBe(integrationId)
    const keyIn = async (tenantId: string) =>
      (
        await host.hawser
          .tenant(tenantId, { user: "ada" })
          .connection("locker", { owner: "user" })
          .apiKey()
      ).get("api_key")
    expect([await keyIn(first), await keyIn(second)]).toEqual(["1", "2"])
  })

  it.each(["", "\0", "a\0", "\u{d800}", "x".repeat(256)])(
    "%j is not a user id, so it does not mean the tenant either",
    async (user) => {
      const tenant = freshTenant()
      await connectLocker(host, peopleOf(tenant).admin)
      for (const [method, path] of [
        ["GET", "/locker?owner=user"],
        ["GET", ""],
        ["DELETE", "/locker?owner=user"]
      ] as const)
        expect((await host.call(method, path, { as: { tenant, user } })).status).toBe(401)
      const reference = {
        tenantId: tenant,
        provider: "locker",
        owner: "user",
        userId: user
      } as const
      const refused = { code: "validation_error" }
      await expect(
        host.hawser
          .tenant(reference.tenantId, { user: reference.userId })
          .connection(reference.provider, { owner: reference.owner })
          .apiKey()
      ).rejects.toMatchObject(refused)
      await expect(
        host.hawser
          .tenant(reference.tenantId, { user: reference.userId })
          .connections({ owner: reference.owner, provider: reference.provider })
          .then(({ items }) => items)
      ).rejects.toMatchObject(refused)
      await expect(
        host.hawser
          .tenant(reference.tenantId, { user: reference.userId })
          .connection(reference.provider, { owner: reference.owner })
          .disconnect()
      ).rejects.toMatchObject(refused)
      expect((await listOf(peopleOf(tenant).admin, "?status=connected")).total).toBe(1)
    }
  )
})

describe("S-92 a flow", () => {
  it("connects what it was begun for, whoever else begins one at the same time", async () => {
    const tenant = freshTenant()
    const { ada, admin, eve } = peopleOf(tenant)
    const call = (query: string): TestHost["call"] => withQuery(query)
    const begin = (as: TestClaims, query: string) =>
      startFlow({ ...host, call: call(query) }, host.cookieRedirect, { as })
    const flows = [
      [admin, await begin(admin, "")],
      [admin, await begin(admin, "?name=sales")],
      [ada, await begin(ada, "?owner=user")],
      [ada, await begin(ada, "?owner=user&name=sales")],
      [eve, await begin(eve, "?owner=user")]
    ] as const
    const backs: Array<string> = []
    for (const [, flow] of flows.toReversed()) {
      const { location } = await callback(flow, await consent(host, flow))
      backs.unshift(location?.searchParams.get("integrationId") ?? "")
    }
    expect(new Set(backs).size).toBe(5)
    const ofAdmin = (await listOf(admin, "?owner=tenant")).items
    const ofAda = (await listOf(ada, "?owner=user")).items
    const ofEve = (await listOf(eve, "?owner=user")).items
    const named = [...ofAdmin, ...ofAda, ...ofEve].map((one) =>
      [one["integrationId"], one["name"]].join(" ")
    )
    const names = ["default", "sales", "default", "sales", "default"]
    expect(named).toHaveLength(5)
    expect(new Set(named)).toEqual(new Set(backs.map((id, index) => `${id} ${names[index]}`)))
    const tokens = new Set<string>()
    for (const reference of [
      {},
      { name: "sales" },
      { owner: "user", userId: "ada" },
      { owner: "user", userId: "ada", name: "sales" },
      { owner: "user", userId: "eve" }
    ] as const) {
      const { token } = await referred(host.hawser, tenant, "projects", reference).token()
      tokens.add(token)
    }
    expect(tokens.size).toBe(5)
  })

  it("that was begun while there was room connects nothing beyond the hundredth", async () => {
    const tenant = freshTenant()
    const { admin } = peopleOf(tenant)
    const { refused } = await host.hawser.admin.import(
      Array.from({ length: 98 }, (_, n) => ({
        tenantId: tenant,
        provider: "projects",
        name: `n-${n}`,
        connectedBy: "bob",
        accessToken: `token-${n}`
      }))
    )
    expect(refused).toEqual([])
    const begin = async (name: string) => {
      const call = withQuery(`?name=${name}`)
      const flow = await startFlow({ ...host, call }, host.cookieRedirect, { as: admin })
      return [flow, await consent(host, flow)] as const
    }
    const flows = [await begin("a"), await begin("b"), await begin("c"), await begin("d")]
    const outcomes = await Promise.all(
      flows.map(async ([flow, url]) => {
        const { location } = await callback(flow, url)
        const query = location?.searchParams
        return query?.get("error") ?? query?.get("status") ?? "no redirect"
      })
    )
    expect(outcomes.toSorted()).toEqual([
      "connected",
      "connected",
      "provider_error",
      "provider_error"
    ])
    expect((await listOf(admin)).total).toBe(100)
    const body = { redirectUrl: host.cookieRedirect }
    const refusedStart = await host.call("POST", "/projects/connect?name=e", { as: admin, body })
    expect(refusedStart.status).toBe(400)
    expect(await refusedStart.json()).toMatchObject({
      details: [{ path: "name", code: "not_allowed" }]
    })
    // One that exists comes again.
    const { integrationId } = (await listOf(admin, "?name=n-7")).items[0] ?? {}
    expect((await host.call("DELETE", `/${String(integrationId)}`, { as: admin })).status).toBe(204)
    const again = withQuery("?name=n-7")
    expect(await connectProjects({ ...host, call: again }, { as: admin })).toBe(integrationId)
  })

  it("of a user's own is reconnected by the user alone, and keeps its id", async () => {
    const tenant = freshTenant()
    const { ada, admin } = peopleOf(tenant)
    const own = { ...host, call: withQuery("?owner=user") }
    const id = await connectProjects(own, { as: ada })
    expect((await host.call("DELETE", `/${id}`, { as: admin })).status).toBe(204)
    // What the admin connects by the same name is the admin's.
    expect(await connectProjects(own, { as: admin })).not.toBe(id)
    expect(await connectProjects(own, { as: ada })).toBe(id)
  })
})
