import { expect } from "vitest"
import {
  credentialId,
  expectError,
  expectInvalid,
  expectOk,
  integrationId,
  timestamp
} from "../expectations.ts"
import {
  acceptedKey,
  comeBack,
  consent,
  destination,
  type Flow,
  type FlowOptions,
  parkFlow,
  startFlow,
  storeKey
} from "../flows.ts"
import type { Person } from "../Host.ts"
import {
  apiKey,
  many,
  manyKeys,
  oauth,
  requiredScope,
  scopes,
  usersKey,
  usersOne
} from "../provider/definitions.ts"
import { redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

interface List {
  readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly total: number
  readonly nextCursor?: string
}

const list = async (person: Person, query = "") =>
  expectOk(await person.call("GET", query)) as unknown as List

const own = "?owner=user"
const sales = "?name=sales"
const ownSales = "?owner=user&name=sales"

/** Connects by an API key of the same owner. */
const connectKey = async (person: Person, query = "", key?: string) => {
  const owner = query.includes("owner=user") ? own : ""
  const credential = await storeKey(person, manyKeys, key, owner)
  const json = { credentialId: credential }
  const answer = await person.call("POST", `/${manyKeys}/connect${query}`, { json })
  return { id: String(expectOk(answer)["integrationId"]), credentialId: credential }
}

/** Goes through a whole flow in the person's own browser; says what the page is told. */
const throughFlow = async (person: Person, account: string, options: FlowOptions = {}) => {
  const flow = await startFlow(person, { provider: many, ...options })
  const { searchParams } = destination(await comeBack(flow, await consent(flow, "allow", account)))
  return searchParams.get("error") ?? searchParams.get("integrationId") ?? ""
}

const complete = (person: Person, flowId: string, query = "") =>
  person.call("POST", `/${many}/complete${query}`, { json: { flowId } })

/** A member of the admin's tenant. */
const memberOf = (admin: Person, userId: string): Person => admin.as({ userId, roles: ["member"] })

const neverThere = `int_${"0".repeat(26)}`

/** Every operation that takes an id in the place of the provider. */
const byId = {
  get: (person: Person, id: string, query = "") => person.call("GET", `/${id}${query}`),
  disconnect: (person: Person, id: string, query = "") => person.call("DELETE", `/${id}${query}`),
  test: (person: Person, id: string, query = "") => person.call("POST", `/${id}/test${query}`),
  swap: (person: Person, id: string, query = "") =>
    person.call("PUT", `/${id}/credential${query}`, {
      json: { credentialId: `crd_${"0".repeat(26)}` }
    }),
  reauthorize: (person: Person, id: string, query = "") =>
    person.call("POST", `/${id}/connect${query}`, {
      json: { redirectUrl: redirectUrls.cookie, reauthorize: true }
    })
}

export const connectionsSuite = (check: Check): void => {
  check(
    "two owners and two names are four connections, each with a key of its own",
    async (host) => {
      const admin = host.admin()
      const max = memberOf(admin, "max")
      const keys = new Map<string, string>()
      const ids = new Map<string, string>()
      for (const [person, query] of [
        [admin, ""],
        [admin, sales],
        [max, own],
        [max, ownSales]
      ] as const) {
        const key = acceptedKey(host)
        keys.set(query, key)
        ids.set(query, (await connectKey(person, query, key)).id)
      }
      expect(new Set(ids.values()).size).toBe(4)

      const common = {
        provider: manyKeys,
        status: "connected",
        connectedAt: timestamp,
        scopes: [],
        missingScopes: []
      }
      const ofTenant = { ...common, owner: "tenant", connectedBy: admin.claims.userId }
      const ofMax = { ...common, owner: "user", userId: "max", connectedBy: "max" }
      const expected = [
        { ...ofTenant, name: "default", integrationId: ids.get("") },
        { ...ofTenant, name: "sales", integrationId: ids.get(sales) },
        { ...ofMax, name: "default", integrationId: ids.get(own) },
        { ...ofMax, name: "sales", integrationId: ids.get(ownSales) }
      ]
      const each = [...ids.keys()]
      for (const [index, query] of each.entries()) {
        expect(expectOk(await max.call("GET", `/${manyKeys}${query}`))).toEqual(expected[index])
      }
      expect(await list(max)).toEqual({ items: expected, total: 4 })

      // What becomes of one key is seen of its connection alone.
      for (const rejected of [sales, own]) {
        host.provider.answerKey(keys.get(rejected) ?? "", "rejected")
        const failed: Array<string> = []
        for (const query of each) {
          const person = query.includes("owner=user") ? max : admin
          const { body } = await person.call("POST", `/${manyKeys}/test${query}`)
          if (body["status"] === "failed") failed.push(query)
        }
        expect(failed).toEqual([rejected])
        host.provider.answerKey(keys.get(rejected) ?? "", "accepted")
      }
      expect((await max.call("DELETE", `/${manyKeys}${ownSales}`)).status).toBe(204)
      expect((await list(max, "?status=connected")).items).toEqual(expected.slice(0, 3))
    }
  )

  check("accounts of OAuth2 stand side by side, under names and owners", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    await throughFlow(admin, "account-a")
    await throughFlow(admin, "account-b", { query: sales })
    await throughFlow(max, "account-c", { query: own })
    const labels = (await list(max)).items.map((one) => [
      one["owner"],
      one["name"],
      one["accountLabel"]
    ])
    expect(labels).toEqual([
      ["tenant", "default", "Name of account-a"],
      ["tenant", "sales", "Name of account-b"],
      ["user", "default", "Name of account-c"]
    ])
  })

  check("the list is filtered by owner and by name, and pages through either", async (host) => {
    const admin = host.admin()
    const [max, eve] = [memberOf(admin, "max"), memberOf(admin, "eve")]
    for (const name of ["b", "a", "c"]) await connectKey(admin, `?name=${name}`)
    for (const name of ["b", "d"]) await connectKey(max, `?owner=user&name=${name}`)
    await connectKey(eve, "?owner=user&name=b")

    const seen = async (person: Person, query = "") => {
      const { items, total } = await list(person, query)
      return [items.map((one) => [one["userId"] ?? "", one["name"]].join(" ")), total]
    }
    const tenants = [" b", " a", " c"]
    const ofMax = ["max b", "max d"]
    expect(await seen(max)).toEqual([[...tenants, ...ofMax], 5])
    expect(await seen(max, "?owner=tenant")).toEqual([tenants, 3])
    expect(await seen(max, own)).toEqual([ofMax, 2])
    expect(await seen(max, "?name=b")).toEqual([[" b", "max b"], 2])
    expect(await seen(max, "?owner=user&name=d")).toEqual([["max d"], 1])
    expect(await seen(max, "?name=none")).toEqual([[], 0])
    expect(await seen(max, "?name=Not%20a%20name")).toEqual([[], 0])
    // An admin does not know the names of users' connections, and learns none by asking for one.
    const hidden = ["eve ", "max ", "max "]
    expect(await seen(admin)).toEqual([[...tenants, ...hidden], 6])
    expect(await seen(admin, own)).toEqual([hidden, 3])
    expect(await seen(admin, "?name=b")).toEqual([[" b"], 1])
    expect(await seen(admin, "?owner=user&name=d")).toEqual([[], 0])

    for (const [person, query] of [
      [max, "?"],
      [max, `${own}&`],
      [max, "?name=b&"],
      [admin, "?"],
      [admin, `${own}&`]
    ] as const) {
      const { items, total } = await list(person, query)
      const paged: Array<unknown> = []
      let cursor = ""
      do {
        const page = await list(person, `${query}limit=2${cursor}`)
        expect([page.total, page.items.length > 0]).toEqual([total, true])
        paged.push(...page.items)
        cursor = page.nextCursor === undefined ? "" : `&cursor=${page.nextCursor}`
      } while (cursor !== "")
      expect(paged).toEqual(items)
    }
  })

  check(
    "the list is filtered by error: what works is in none, and another word is 400",
    async (host) => {
      const admin = host.admin()
      const { id } = await connectKey(admin)
      for (const error of ["credential_rejected", "refresh_failed", "provider_unavailable"])
        expect(await list(admin, `?error=${error}`)).toEqual({ items: [], total: 0 })
      for (const error of ["", "nothing", "CREDENTIAL_REJECTED"])
        expectInvalid(await admin.call("GET", `?error=${error}`), "error", "invalid")
      expect((await list(admin)).items.map((one) => one["integrationId"])).toEqual([id])
    }
  )

  check("an id stands in the place of provider, owner and name", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    for (const [person, query] of [
      [admin, sales],
      [max, ownSales]
    ] as const) {
      const { id } = await connectKey(person, query)
      const one = expectOk(await person.call("GET", `/${manyKeys}${query}`))
      expect(expectOk(await byId.get(person, id))).toEqual(one)
      expect(expectOk(await byId.test(person, id))["status"]).toBe("ok")
      const spare = await storeKey(person, manyKeys, undefined, person === max ? own : "")
      const swapped = await person.call("PUT", `/${id}/credential`, {
        json: { credentialId: spare }
      })
      expect(expectOk(swapped)["integrationId"]).toBe(id)
      expect((await byId.disconnect(person, id)).status).toBe(204)
      expect(expectOk(await byId.get(person, id))["status"]).toBe("disconnected")
      for (const again of [byId.disconnect, byId.test])
        expectError(await again(person, id), "404 integration_not_found")
    }
  })

  check("an id reauthorizes what it names, with the same account", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    for (const [person, query] of [
      [admin, sales],
      [max, ownSales]
    ] as const) {
      const body = { scopes: [requiredScope] }
      const account = `account of ${person.claims.userId}`
      const id = await throughFlow(person, account, { query, body })
      const again = { provider: id, body: { reauthorize: true } }
      const back = async (flow: Flow, as: string) => {
        const response = await consent(flow, "allow", as)
        const { searchParams } = destination(await comeBack({ ...flow, provider: many }, response))
        return searchParams.get("error") ?? searchParams.get("integrationId")
      }
      expect(await back(await startFlow(person, again), "account of another")).toBe(
        "account_mismatch"
      )
      expect(await back(await startFlow(person, again), account)).toBe(id)
      const one = expectOk(await byId.get(person, id))
      expect([one["name"], one["scopes"]]).toEqual(["sales", scopes])
      // Only what is there has an id, so it is connected again.
      const json = { redirectUrl: redirectUrls.cookie }
      for (const reauthorize of [undefined, false]) {
        const answer = await person.call("POST", `/${id}/connect`, {
          json: { ...json, ...(reauthorize !== undefined && { reauthorize }) }
        })
        expectInvalid(answer, "reauthorize", "missing")
      }
    }
  })

  for (const [operation, act] of Object.entries(byId)) {
    check(`${operation}: an id that is not seen is one that never was`, async (host) => {
      const [admin, stranger] = [host.admin(), host.admin()]
      const [max, eve] = [memberOf(admin, "max"), memberOf(admin, "eve")]
      const { id } = await connectKey(max, own)
      const { id: tenants } = await connectKey(admin)
      const answers = [
        await act(eve, id),
        await act(stranger, id),
        await act(stranger, tenants),
        // A user id is another person in another tenant.
        await act(stranger.as({ userId: "max" }), id),
        await act(admin, neverThere),
        await act(eve, neverThere)
      ]
      for (const answer of answers) {
        expectError(answer, "404 integration_not_found")
        expect(answer.text).toBe(answers[0]?.text)
      }
      expect(expectOk(await byId.get(max, id))["status"]).toBe("connected")
      expect(expectOk(await byId.get(admin, tenants))["status"]).toBe("connected")
    })

    check(`${operation}: owner and name have no place beside an id`, async (host) => {
      const admin = host.admin()
      const { id } = await connectKey(admin)
      expectInvalid(await act(admin, id, "?owner=tenant"), "owner", "not_allowed")
      expectInvalid(await act(admin, id, "?name=default"), "name", "not_allowed")
      expectError(await act(admin, id, ownSales), "400 validation_error")
      expect(expectOk(await byId.get(admin, id))["status"]).toBe("connected")
    })
  }

  check("an API key is not reauthorized, and is told what to do instead", async (host) => {
    const admin = host.admin()
    const { credentialId, id } = await connectKey(admin, sales)
    for (const [path, json] of [
      [`/${id}/connect`, {}],
      [`/${id}/connect`, { reauthorize: true }],
      [`/${id}/connect`, { credentialId }],
      [`/${manyKeys}/connect${sales}`, { credentialId, reauthorize: true }]
    ] as const) {
      const answer = await admin.call("POST", path, { json })
      expectInvalid(answer, "reauthorize", "not_allowed")
      expect(answer.body["message"]).toContain("Swap the credential")
    }
  })

  check("an id stands nowhere else", async (host) => {
    const admin = host.admin()
    const { id } = await connectKey(admin)
    expectError(await complete(admin, "x".repeat(43)), "404 flow_not_found")
    for (const [method, path, json] of [
      ["POST", "complete", { flowId: "x".repeat(43) }],
      ["POST", "credentials", { credentials: { api_key: "key" } }],
      ["GET", "credentials", undefined],
      ["DELETE", `credentials/crd_${"0".repeat(26)}`, undefined]
    ] as const) {
      const answer = await admin.call(method, `/${id}/${path}`, json && { json })
      expectError(answer, "404 provider_not_found")
    }
  })

  check("a text that cannot be a name is 400, and so is an owner of another kind", async (host) => {
    const max = memberOf(host.admin(), "max")
    const json = { credentialId: `crd_${"0".repeat(26)}` }
    const names = ["", "A", "-a", "a_b", "a b", "a".repeat(64), "é", "a\0", "../a", "a\n"]
    for (const [method, path, options] of [
      ["POST", "/connect", { json }],
      ["PUT", "/credential", { json }],
      ["POST", "/complete", { json: { flowId: "x" } }],
      ["POST", "/test", {}],
      ["GET", "", {}],
      ["DELETE", "", {}]
    ] as const) {
      const provider = path === "/complete" ? many : manyKeys
      for (const name of path === "" ? names : names.slice(0, 3)) {
        const query = `${own}&name=${encodeURIComponent(name)}`
        expectInvalid(
          await max.call(method, `/${provider}${path}${query}`, options),
          "name",
          "invalid"
        )
      }
    }
    const admin = host.admin()
    for (const owner of ["", "users", "User", "max", "\0"]) {
      const query = `?owner=${encodeURIComponent(owner)}`
      expectInvalid(await admin.call("GET", `/${manyKeys}${query}`), "owner", "invalid")
      expectInvalid(await admin.call("GET", query), "owner", "invalid")
    }
    for (const query of ["?name=a&name=b", "?owner=user&owner=tenant"])
      expectError(await admin.call("GET", `/${manyKeys}${query}`), "400 validation_error")
  })

  check("owner, user and name are never taken from a body", async (host) => {
    const admin = host.admin()
    for (const member of ["owner", "name", "userId"]) {
      for (const [path, json] of [
        [`/${many}/connect`, { redirectUrl: redirectUrls.cookie }],
        [`/${manyKeys}/connect`, { credentialId: "crd_1" }],
        [`/${manyKeys}/credentials`, { credentials: { api_key: "key" } }],
        [`/${many}/complete`, { flowId: "x" }]
      ] as const) {
        const answer = await admin.call("POST", path, { json: { ...json, [member]: "user" } })
        expectInvalid(answer, member, "unknown")
      }
    }
  })

  check("where the host allows one connection, a name is 400", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    const json = { redirectUrl: redirectUrls.cookie }
    const connect = (person: Person, path: string, body: object) =>
      person.call("POST", path, { json: body })
    expectInvalid(await connect(admin, `/${oauth}/connect${sales}`, json), "name", "not_allowed")
    const credential = await storeKey(admin)
    expectInvalid(
      await connect(admin, `/${apiKey}/connect${sales}`, { credentialId: credential }),
      "name",
      "not_allowed"
    )
    expectInvalid(
      await connect(max, `/${usersOne}/connect${ownSales}`, json),
      "name",
      "not_allowed"
    )
    // The name that is meant anyway may be said.
    expectOk(await connect(admin, `/${oauth}/connect?name=default`, json))
  })

  check("an owner of a kind that the host does not allow is 400", async (host) => {
    const admin = host.admin()
    const json = { redirectUrl: redirectUrls.cookie }
    const credentials = { json: { credentials: { api_key: acceptedKey(host) } } }
    const key = { json: { credentialId: `crd_${"0".repeat(26)}` } }
    for (const [forOwner, notForOwner, query] of [
      [[oauth, apiKey], [usersOne, usersKey], ""],
      [[usersOne, usersKey], [oauth, apiKey], own]
    ] as const) {
      const refused = [
        await admin.call("POST", `/${notForOwner[0]}/connect${query}`, { json }),
        await admin.call("POST", `/${notForOwner[1]}/connect${query}`, key),
        await admin.call("POST", `/${notForOwner[1]}/credentials${query}`, credentials),
        await admin.call("PUT", `/${notForOwner[1]}/credential${query}`, key)
      ]
      for (const answer of refused) expectInvalid(answer, "owner", "not_allowed")
      expectOk(await admin.call("POST", `/${forOwner[0]}/connect${query}`, { json }))
      expectOk(await admin.call("POST", `/${forOwner[1]}/credentials${query}`, credentials), 201)
    }
  })

  check("an owner has 100 of a provider at most", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    const key = { json: { credentialId: await storeKey(admin, manyKeys) } }
    const connect = (name: string) => admin.call("POST", `/${manyKeys}/connect?name=${name}`, key)
    for (let number = 1; number <= 100; number++) expectOk(await connect(`n${number}`))
    expectInvalid(await connect("n101"), "name", "not_allowed")
    expectInvalid(await connect("default"), "name", "not_allowed")
    // One of the hundred may come again, and what is of somebody else does not count.
    expect((await admin.call("DELETE", `/${manyKeys}?name=n7`)).status).toBe(204)
    expectOk(await connect("n7"))
    await connectKey(max, ownSales)
    expect((await list(admin, "?owner=tenant")).total).toBe(100)
  })

  check("already_connected is about this name of this owner alone", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    for (const [person, query] of [
      [admin, ""],
      [max, own]
    ] as const) {
      await throughFlow(person, "account-1", { query })
      const begin = (name: string, body = {}) =>
        person.call("POST", `/${many}/connect${query === "" ? "?" : `${query}&`}name=${name}`, {
          json: { redirectUrl: redirectUrls.cookie, ...body }
        })
      expectError(await begin("default"), "409 already_connected")
      expectOk(await begin("sales"))
      expectOk(await begin("default", { reauthorize: true }))
    }
  })

  check("an account is connected once for an owner, under whatever name", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    const first = await throughFlow(admin, "account-1")
    expect(await throughFlow(admin, "account-1", { query: sales })).toBe(
      "account_already_connected"
    )
    const flowId = await parkFlow(admin, "allow", { provider: many, query: sales }, "account-1")
    const answer = await complete(admin, flowId, sales)
    expectError(answer, "409 account_already_connected")
    expect([answer.body["integrationId"], answer.body["reason"]]).toEqual([
      first,
      "account_already_connected"
    ])
    expect((await list(admin)).total).toBe(1)

    // Another owner, another tenant, another provider, another account: each is fine.
    expect(await throughFlow(max, "account-1", { query: own })).toMatch(/^int_/)
    expect(await throughFlow(memberOf(admin, "eve"), "account-1", { query: own })).toMatch(/^int_/)
    expect(await throughFlow(host.admin(), "account-1")).toMatch(/^int_/)
    expect(await throughFlow(admin, "account-1", { provider: oauth })).toMatch(/^int_/)
    expect(await throughFlow(admin, "account-2", { query: sales })).toMatch(/^int_/)
    // And once the first is gone, its account may come under the other name.
    expect((await admin.call("DELETE", `/${many}`)).status).toBe(204)
    expect(await throughFlow(admin, "account-1", { query: "?name=third" })).toMatch(/^int_/)
  })

  check("so is the account of an API key: at connect and at the swap", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    const stored = (person: Person, account: string, query = "") => {
      const key = acceptedKey(host)
      host.provider.answerKey(key, "accepted", account)
      return storeKey(person, manyKeys, key, query)
    }
    const connect = async (person: Person, account: string, query = "") => {
      const credential = await stored(person, account, query.includes("owner=user") ? own : "")
      const json = { credentialId: credential }
      return person.call("POST", `/${manyKeys}/connect${query}`, { json })
    }
    const { integrationId: first } = expectOk(await connect(admin, "one"))
    const twin = await connect(admin, "one", sales)
    expectError(twin, "409 account_already_connected")
    expect(twin.body["integrationId"]).toBe(first)
    expectOk(await connect(admin, "two", sales))
    const json = { credentialId: await stored(admin, "two") }
    const swapped = await admin.call("PUT", `/${manyKeys}/credential`, { json })
    expectError(swapped, "409 account_mismatch")
    // Another owner, and another tenant, may have it too.
    expectOk(await connect(max, "one", own))
    expectOk(await connect(host.admin(), "one"))
  })

  check("S-95 keys have owners: another's is one that never was, and in no list", async (host) => {
    const admin = host.admin()
    const [max, eve] = [memberOf(admin, "max"), memberOf(admin, "eve")]
    const { credentialId: inUse, id } = await connectKey(max, own)
    const spare = await storeKey(max, manyKeys, undefined, own)
    const tenants = await storeKey(admin, manyKeys)
    await connectKey(eve, own)
    await connectKey(admin)
    await connectKey(admin, own)

    const keysOf = async (person: Person, query = "") => {
      const { items, total } = expectOk(
        await person.call("GET", `/${manyKeys}/credentials${query}`)
      ) as unknown as List
      expect(total).toBe(items.length)
      return items.map((one) => one["credentialId"])
    }
    expect(await keysOf(max, own)).toEqual([inUse, spare])
    for (const [person, query] of [
      [admin, ""],
      [admin, own],
      [eve, own]
    ] as const) {
      const seen = await keysOf(person, query)
      expect(seen).not.toContain(inUse)
      expect(seen).not.toContain(spare)
      for (const stolen of [inUse, spare, ...(query === own ? [tenants] : [])]) {
        const json = { credentialId: stolen }
        const name = query === "" ? sales : ownSales
        for (const answer of [
          await person.call("POST", `/${manyKeys}/connect${name}`, { json }),
          await person.call("PUT", `/${manyKeys}/credential${query}`, { json }),
          await person.call("DELETE", `/${manyKeys}/credentials/${stolen}${query}`)
        ])
          expectError(answer, "404 credential_not_found")
      }
    }
    // Nor does it serve the user for what the tenant owns, or the tenant's for what the user owns.
    const json = { credentialId: tenants }
    expectError(
      await max.call("POST", `/${manyKeys}/connect${ownSales}`, { json }),
      "404 credential_not_found"
    )
    expectError(await max.call("GET", `/${manyKeys}/credentials`), "403 forbidden")
    expect(await keysOf(max, own)).toEqual([inUse, spare])
    expectError(
      await max.call("DELETE", `/${manyKeys}/credentials/${inUse}${own}`),
      "409 credential_in_use"
    )
    expect((await max.call("DELETE", `/${manyKeys}/credentials/${spare}${own}`)).status).toBe(204)

    // An admin who ends a user's connection destroys the key in use with it.
    expect((await byId.disconnect(admin, id)).status).toBe(204)
    expect(await keysOf(max, own)).toEqual([])
    expect(await keysOf(eve, own)).toEqual([credentialId])
  })

  check("S-97 an admin sees six members of a user's own, and may end it", async (host) => {
    const admin = host.admin()
    const [max, eve] = [memberOf(admin, "max"), memberOf(admin, "eve")]
    const id = await throughFlow(max, "account-of-max", { query: ownSales })
    const brief = {
      integrationId: id,
      provider: many,
      owner: "user",
      userId: "max",
      status: "connected",
      connectedAt: timestamp
    }
    expect(await list(admin)).toEqual({ items: [brief], total: 1 })
    expect(await list(admin, "?limit=1")).toEqual({ items: [brief], total: 1 })
    expect(expectOk(await byId.get(admin, id))).toEqual(brief)
    // By a name the admin means what is the admin's own.
    for (const query of [own, ownSales, sales, ""])
      expectError(await admin.call("GET", `/${many}${query}`), "404 integration_not_found")
    expectError(await admin.call("DELETE", `/${many}${ownSales}`), "404 integration_not_found")
    for (const act of [byId.test, byId.reauthorize, byId.swap])
      expectError(await act(admin, id), "403 forbidden")

    // Nobody else counts it.
    expect(await list(eve)).toEqual({ items: [], total: 0 })
    expect((await list(max)).total).toBe(1)
    expect((await byId.disconnect(admin, id)).status).toBe(204)
    expect(expectOk(await byId.get(admin, id))).toEqual({ ...brief, status: "disconnected" })
    expect(expectOk(await byId.get(max, id))["status"]).toBe("disconnected")
  })

  check("a member connects their own, and nothing of the tenant's", async (host) => {
    const max = memberOf(host.admin(), "max")
    const json = { redirectUrl: redirectUrls.cookie }
    for (const query of ["", sales, "?owner=tenant"])
      expectError(await max.call("POST", `/${many}/connect${query}`, { json }), "403 forbidden")
    expectOk(await max.call("POST", `/${many}/connect${own}`, { json }))
    const nobody = max.as({ roles: [] })
    expectError(await nobody.call("POST", `/${many}/connect${own}`, { json }), "403 forbidden")
  })

  check("S-96 who acts as a user touches nothing of the user's own", async (host) => {
    const admin = host.admin()
    const { id } = await connectKey(admin, own)
    const { id: tenants } = await connectKey(admin)
    const acting = admin.as({ isImpersonated: true })
    for (const act of Object.values(byId)) expectError(await act(acting, id), "403 forbidden")
    for (const [method, path] of [
      ["GET", `/${manyKeys}${own}`],
      ["GET", `/${manyKeys}/credentials${own}`],
      ["GET", own],
      ["POST", `/${manyKeys}/test${own}`],
      ["DELETE", `/${manyKeys}${own}`]
    ] as const)
      expectError(await acting.call(method, path), "403 forbidden")
    expectError(
      await acting.call("POST", `/${many}/connect${own}`, {
        json: { redirectUrl: redirectUrls.cookie }
      }),
      "403 forbidden"
    )
    // What the tenant owns is theirs to see and to use, and the rest is not there.
    expect((await list(acting)).items.map((one) => one["integrationId"])).toEqual([tenants])
    expect((await list(acting)).total).toBe(1)
    expect(expectOk(await byId.test(acting, tenants))["status"]).toBe("ok")
    expect(expectOk(await byId.get(admin, id))["status"]).toBe("connected")
  })

  check("a user's own flow is finished by that user: bound to the browser", async (host) => {
    const max = memberOf(host.admin(), "max")
    const flow = await startFlow(max, { provider: many, query: ownSales })
    const response = await consent(flow)
    const elsewhere = { ...flow, browser: host.browser() }
    expect((await comeBack(elsewhere, response)).status).toBe(400)
    expect(await throughFlow(max, "account-1", { query: ownSales })).toMatch(/^int_/)
    const one = expectOk(await max.call("GET", `/${many}${ownSales}`))
    expect(one).toMatchObject({ integrationId, owner: "user", userId: "max", connectedBy: "max" })
  })

  check("a user's own flow is finished by that user: bound to the session", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    const bound = { provider: many, query: own, binding: "session" } as const
    const others: ReadonlyArray<Person> = [
      admin,
      memberOf(admin, "eve"),
      memberOf(host.admin(), "max"),
      max.as({ roles: [] }),
      max.as({ isImpersonated: true })
    ]
    for (const other of others) {
      const flow = await startFlow(max, bound)
      const answer = await comeBack({ ...flow, browser: other.browser() }, await consent(flow))
      expect([other.claims, answer.status]).toEqual([other.claims, 400])
      // And it is gone for its user too.
      expect((await comeBack(flow, await consent(flow))).status).toBe(400)
    }
    const flow = await startFlow(max, bound)
    const nobody = await comeBack({ ...flow, browser: host.browser() }, await consent(flow))
    expect(destination(nobody).searchParams.get("error")).toBe("session_expired")
    expect(await list(max)).toEqual({ items: [], total: 0 })
    expect(await throughFlow(max, "account-1", bound)).toMatch(/^int_/)
  })

  check("a user's own flow is finished by that user: by complete", async (host) => {
    const admin = host.admin()
    const max = memberOf(admin, "max")
    const park = () => parkFlow(max, "allow", { provider: many, query: ownSales })
    const strangers: ReadonlyArray<Person> = [
      memberOf(admin, "eve"),
      admin,
      memberOf(host.admin(), "max")
    ]
    for (const stranger of strangers) {
      const flowId = await park()
      expectError(await complete(stranger, flowId, ownSales), "404 flow_not_found")
      expectError(await complete(max, flowId, ownSales), "404 flow_not_found")
    }
    // Who may not is refused before the flow is looked at.
    const flowId = await park()
    for (const refused of [max.as({ roles: [] }), max.as({ isImpersonated: true })])
      expectError(await complete(refused, flowId, ownSales), "403 forbidden")
    expectError(await complete(max, flowId), "403 forbidden")
    expectOk(await complete(max, flowId, ownSales))
    const one = expectOk(await max.call("GET", `/${many}${ownSales}`))
    expect(one).toMatchObject({ owner: "user", userId: "max", name: "sales" })

    // Another name, or another owner, than the flow has: there is no such flow.
    for (const query of ["?owner=user&name=other", "?owner=user&name=default"])
      expectError(await complete(max, await parkAgain(max), query), "404 flow_not_found")
    expectOk(await complete(max, await parkAgain(max), own))
    const ofTenant = await parkFlow(admin, "allow", { provider: many })
    expectError(await complete(admin, ofTenant, own), "404 flow_not_found")
    const ofAdmin = await parkFlow(admin, "allow", { provider: many, query: own })
    expectError(await complete(admin, ofAdmin, "?owner=tenant"), "404 flow_not_found")
  })

  check(
    "a role that is gone ends what was begun for the tenant, and not one's own",
    async (host) => {
      const admin = host.admin()
      const demoted = admin.as({ roles: ["member"] })
      const flowId = await parkFlow(admin, "allow", { provider: many, query: own })
      expectOk(await complete(demoted, flowId, own))
      const ofTenant = await parkFlow(admin, "allow", { provider: many })
      expectError(await complete(demoted, ofTenant), "403 forbidden")
      // With a claim to be one's own it is looked up, not found, and gone.
      expectError(await complete(demoted, ofTenant, own), "404 flow_not_found")
      expectError(await complete(admin, ofTenant), "404 flow_not_found")
    }
  )
}

const parkAgain = (person: Person): Promise<string> =>
  parkFlow(person, "allow", { provider: many, query: ownSales, body: { reauthorize: true } })
