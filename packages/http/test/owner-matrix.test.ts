import { HttpApi } from "effect/http-api"
import { Context } from "effect"
import { describe, expect, it } from "vitest"
import { type Right, RightOf, type Role, roleOf, TakesIntegrationId } from "../src/annotations.ts"
import { Api } from "../src/Api.ts"
import { completeUrl, cookieUrl, comeBack, storeKey } from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost } from "./support/host.ts"

/**
 * Everybody of a tenant, and of another one, asks everything of everything that the tenant and its user Ada have: each operation
 * of the declaration that has a caller, on each connection, by name and by id. What must come of it is stated here, and
 * not taken from the code. An operation that this file has no rule for fails a test.
 */

interface Caller {
  readonly tenant: "home" | "elsewhere"
  readonly user: "ada" | "bob"
  readonly role: "admin" | "member" | undefined
  readonly isImpersonated: boolean
}

const people: ReadonlyArray<Caller> = (["ada", "bob"] as const).flatMap((user) =>
  (["admin", "member"] as const).flatMap((role) =>
    [false, true].map((isImpersonated) => ({ tenant: "home", user, role, isImpersonated }) as const)
  )
)
const callers: ReadonlyArray<Caller> = [
  ...people,
  { tenant: "home", user: "ada", role: undefined, isImpersonated: false },
  // A user id means somebody else in another tenant.
  { tenant: "elsewhere", user: "ada", role: "admin", isImpersonated: false },
  { tenant: "elsewhere", user: "ada", role: "member", isImpersonated: false },
  { tenant: "elsewhere", user: "bob", role: "admin", isImpersonated: true }
]

const named = ({ isImpersonated, role, tenant, user }: Caller): string =>
  `${user}, ${role ?? "nobody"}${isImpersonated ? ", impersonated" : ""}${tenant === "home" ? "" : ", of another tenant"}`

/** What a request means: by whose name it is called, and whether an id stands in the path in its place. */
interface Target {
  readonly title: string
  readonly by: "name" | "id"
  readonly owner: "tenant" | "user"
  readonly name: "default" | "sales" | "none"
}

const targets: ReadonlyArray<Target> = (["name", "id"] as const).flatMap((by) =>
  (["tenant", "user"] as const).flatMap((owner) =>
    (["default", "sales", "none"] as const).map((name) => ({
      title: `${owner === "tenant" ? "the tenant's" : by === "id" ? "Ada's own" : "one's own"} ${name} by ${by}`,
      by,
      owner,
      name
    }))
  )
)

/** What the caller is to the owner of what the request means. */
type Relation = "tenants" | "own" | "anothers"

type Verdict = "yes" | "six members" | "403 forbidden" | "not there"

/** Who may do what. */
const verdicts: Readonly<Record<string, Readonly<Record<Right, Verdict>>>> = {
  "admin of tenants": { see: "yes", act: "yes", end: "yes" },
  "member of tenants": { see: "yes", act: "403 forbidden", end: "403 forbidden" },
  "impersonated admin of tenants": { see: "yes", act: "yes", end: "yes" },
  "impersonated member of tenants": { see: "yes", act: "403 forbidden", end: "403 forbidden" },
  "admin of own": { see: "yes", act: "yes", end: "yes" },
  "member of own": { see: "yes", act: "yes", end: "yes" },
  "impersonated admin of own": {
    see: "403 forbidden",
    act: "403 forbidden",
    end: "403 forbidden"
  },
  "impersonated member of own": {
    see: "403 forbidden",
    act: "403 forbidden",
    end: "403 forbidden"
  },
  "admin of anothers": { see: "six members", act: "403 forbidden", end: "yes" },
  "member of anothers": { see: "not there", act: "not there", end: "not there" },
  "impersonated admin of anothers": {
    see: "403 forbidden",
    act: "403 forbidden",
    end: "403 forbidden"
  },
  "impersonated member of anothers": { see: "not there", act: "not there", end: "not there" }
}

interface Rule {
  readonly right: Right
  /** Where an id may stand in the place of the provider. */
  readonly takesId: boolean
  /** The role that A asks for, without an owner in the query. */
  readonly role: Role
  /** Of a success. */
  readonly done: number
  /** The answer to who may, where nothing has this name; a number where something comes to be or nothing need be there. */
  readonly absent: string | number
  /** A flow is of the user who began it, also if the tenant owns what comes of it. */
  readonly isAdasAlone?: true
  readonly provider: "forge" | "gauge"
  readonly send: (cell: Cell) => Promise<Response>
}

interface Cell {
  readonly world: World
  readonly token: string
  readonly caller: Caller
  readonly target: Target
  /** Of the path, up to what the operation adds. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
}

const notThere = "404 integration_not_found"

/** By operation. `test` and `disconnect` ask for no body, so what is said of one provider holds for the other. */
const rules: Readonly<Record<string, Rule>> = {
  connect: {
    right: "act",
    takesId: true,
    role: "admin",
    done: 200,
    absent: 200,
    provider: "forge",
    send: ({ path, query, token, world }) =>
      world.host.send("POST", `${path}/connect${query}`, {
        token,
        json: { redirectUrl: cookieUrl, reauthorize: true }
      })
  },
  storeCredentials: {
    right: "act",
    takesId: false,
    role: "admin",
    done: 201,
    absent: 201,
    provider: "gauge",
    send: ({ path, query, token, world }) =>
      world.host.send("POST", `${path}/credentials${query}`, {
        token,
        json: { credentials: { api_key: "good-key" } }
      })
  },
  listCredentials: {
    right: "act",
    takesId: false,
    role: "admin",
    done: 200,
    absent: 200,
    provider: "gauge",
    send: ({ path, query, token, world }) =>
      world.host.send("GET", `${path}/credentials${query}`, { token })
  },
  deleteCredential: {
    right: "act",
    takesId: false,
    role: "admin",
    done: 204,
    absent: "404 credential_not_found",
    provider: "gauge",
    send: async ({ path, query, target, token, world }) => {
      const key = target.name === "none" ? `crd_${"0".repeat(26)}` : await world.keyOf(target)
      return world.host.send("DELETE", `${path}/credentials/${key}${query}`, { token })
    }
  },
  swapCredential: {
    right: "act",
    takesId: true,
    role: "admin",
    done: 200,
    absent: notThere,
    provider: "gauge",
    send: async ({ caller, path, query, target, token, world }) =>
      world.host.send("PUT", `${path}/credential${query}`, {
        token,
        // One that the caller may use, so that it is not for the key's sake that it fails.
        json: { credentialId: await world.keyOf(target, caller) }
      })
  },
  complete: {
    right: "act",
    takesId: false,
    role: "admin",
    done: 200,
    absent: "404 flow_not_found",
    isAdasAlone: true,
    provider: "forge",
    send: async ({ path, query, target, token, world }) =>
      world.host.send("POST", `${path}/complete${query}`, {
        token,
        json: { flowId: target.name === "none" ? "f".repeat(43) : await world.flowOf(target) }
      })
  },
  get: {
    right: "see",
    takesId: true,
    role: "member",
    done: 200,
    absent: notThere,
    provider: "gauge",
    send: ({ path, query, token, world }) => world.host.send("GET", `${path}${query}`, { token })
  },
  disconnect: {
    right: "end",
    takesId: true,
    role: "admin",
    done: 204,
    absent: notThere,
    provider: "forge",
    send: ({ path, query, token, world }) => world.host.send("DELETE", `${path}${query}`, { token })
  },
  test: {
    right: "act",
    takesId: true,
    role: "admin",
    done: 200,
    absent: notThere,
    provider: "gauge",
    send: ({ path, query, token, world }) =>
      world.host.send("POST", `${path}/test${query}`, { token })
  }
}

/** In these nothing has to be there: they name an owner, whose keys are meant. */
const ofKeys = ["storeCredentials", "listCredentials"]

const relationOf = ({ owner, by }: Target, { tenant, user }: Caller): Relation => {
  if (owner === "tenant") return "tenants"
  return by === "name" || (tenant === "home" && user === "ada") ? "own" : "anothers"
}

/** Whether something that the caller's tenant has, or the caller, is under this name. */
const exists = ({ by, name, owner }: Target, { tenant, user }: Caller): boolean =>
  name !== "none" && tenant === "home" && (owner === "tenant" || by === "id" || user === "ada")

const expectedOf = (rule: Rule, caller: Caller, target: Target): string => {
  const { role } = caller
  if (role === undefined) return "403 forbidden"
  const isThere =
    exists(target, caller) && (rule.isAdasAlone === undefined || caller.user === "ada")
  // An id that is not there, or that is another tenant's, tells nobody whose it would be.
  if (target.by === "id" && !isThere) return notThere
  const relation = relationOf(target, caller)
  const of = `${caller.isImpersonated ? "impersonated " : ""}${role} of ${relation}`
  const verdict = verdicts[of]?.[rule.right]
  switch (verdict) {
    case "not there":
      return notThere
    case "403 forbidden":
      return verdict
    case "six members":
      return `${rule.done} six members`
    case "yes":
      return String(isThere ? rule.done : rule.absent)
    case undefined:
      throw new Error(`no verdict on ${of}`)
  }
}

/** Both providers, for everybody. */
const ofBoth = [forge, gauge].map((config) => ({
  ...config,
  ownedBy: ["tenant", "user"] as const,
  connections: "many" as const
}))

/** A tenant, its user Ada, and what both have; and another tenant, which has nothing. */
class World {
  readonly host: Host
  readonly provider: Rule["provider"]
  readonly #tokens = new Map<string, Promise<string>>()
  readonly ids = new Map<string, string>()

  constructor(host: Host, provider: Rule["provider"]) {
    this.host = host
    this.provider = provider
  }

  token({ isImpersonated, role, tenant, user }: Caller): Promise<string> {
    const claims = {
      tenant_id: tenant,
      sub: user,
      roles: role === undefined ? [] : [role],
      ...(isImpersonated && { act: { sub: "support" } })
    }
    const key = JSON.stringify(claims)
    const token = this.#tokens.get(key) ?? this.host.issuer.token(claims)
    this.#tokens.set(key, token)
    return token
  }

  /** Ada herself, as an admin where it is the tenant's. */
  readonly ada = (owner: Target["owner"]): Promise<string> =>
    this.token({
      tenant: "home",
      user: "ada",
      role: owner === "tenant" ? "admin" : "member",
      isImpersonated: false
    })

  /** A spare key of the owner's; where somebody else asks for one's own, of that person's. */
  async keyOf({ owner }: Target, caller?: Caller): Promise<string> {
    const token =
      caller === undefined
        ? await this.ada(owner)
        : await this.token({ ...caller, role: "admin", isImpersonated: false })
    return storeKey(this.host, token, owner)
  }

  async flowOf({ name, owner }: Target): Promise<string> {
    const response = await this.host.send("POST", `/forge/connect?owner=${owner}&name=${name}`, {
      token: await this.ada(owner),
      json: { redirectUrl: completeUrl, reauthorize: true }
    })
    expect(response.status).toBe(200)
    const started = { ...(await bodyOf<{ state: string; authorizationUrl: string }>(response)) }
    const back = await comeBack(this.host, { ...started, cookie: "", setCookie: null })
    const { hash } = new URL(back.headers.get("location") ?? "")
    return new URLSearchParams(hash.slice(1)).get("flowId") ?? ""
  }

  async connectAll(): Promise<void> {
    for (const owner of ["tenant", "user"] as const) {
      for (const name of ["default", "sales"] as const) {
        const token = await this.ada(owner)
        const query = `?owner=${owner}&name=${name}`
        const response =
          this.provider === "gauge"
            ? await this.host.send("POST", `/gauge/connect${query}`, {
                token,
                json: { credentialId: await storeKey(this.host, token, owner) }
              })
            : await this.host.send("POST", `/forge/complete${query}`, {
                token,
                json: { flowId: await this.flowOf({ title: "", by: "name", owner, name }) }
              })
        const { integrationId } = await bodyOf<{ integrationId: string }>(response)
        expect(integrationId).toMatch(/^int_/)
        this.ids.set(`${owner} ${name}`, integrationId)
      }
    }
  }

  /** What is connected, as those see it who own it. */
  async connected(): Promise<ReadonlyArray<string>> {
    const { items } = await bodyOf<{ items: ReadonlyArray<Item> }>(
      await this.host.send("GET", "?status=connected", { token: await this.ada("tenant") })
    )
    return items.map(({ name, owner }) => `${owner} ${String(name)}`)
  }
}

interface Item {
  readonly owner: string
  readonly name?: string
}

const sixMembers = ["connectedAt", "integrationId", "owner", "provider", "status", "userId"]

/** Status and code; of what is shown, whether it is all or what an admin sees of a user's. */
const outcome = async (response: Response): Promise<string> => {
  const text = await response.text()
  const body = (text === "" ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>
  if (!response.ok) return `${response.status} ${String(body["error"])}`
  const isBrief = JSON.stringify(Object.keys(body).toSorted()) === JSON.stringify(sixMembers)
  return `${response.status}${isBrief ? " six members" : ""}`
}

/** All operations that have a caller, as they are declared. */
const declared = new Map<string, unknown>()
HttpApi.reflect(Api, {
  onGroup: () => undefined,
  onEndpoint: ({ endpoint, mergedAnnotations }) => {
    const role = roleOf(endpoint)
    if (role === "public") return
    const right = Context.get(mergedAnnotations, RightOf)
    const takesId = Context.get(mergedAnnotations, TakesIntegrationId)
    declared.set(endpoint.identifier, { right, takesId, role })
  }
})

describe("S-94 tenant × owner × role × operation", () => {
  it("has a rule for each operation that has a caller", () => {
    const stated = Object.entries(rules).map(
      ([name, { right, role, takesId }]) => [name, { right, takesId, role }] as const
    )
    const list = { right: "see", takesId: false, role: "member" }
    expect(Object.fromEntries(declared)).toEqual({ ...Object.fromEntries(stated), list })
  })

  const rows = Object.entries(rules).flatMap(([operation, rule]) =>
    callers.map((caller) => [`${operation} by ${named(caller)}`, operation, rule, caller] as const)
  )
  it.each(rows)("%s", async (_, operation, rule, caller) => {
    const world = new World(await makeHost({ providers: ofBoth }), rule.provider)
    await world.connectAll()
    const token = await world.token(caller)
    const ended = new Set<string>()
    const got: Record<string, string> = {}
    const expected: Record<string, string> = {}
    for (const target of targets) {
      if (target.by === "id" && !rule.takesId) continue
      const key = `${target.owner} ${target.name}`
      const id = world.ids.get(key) ?? `int_${"0".repeat(26)}`
      // One is ended once, by whichever name comes first.
      const isEnded = ended.has(key) && exists(target, caller)
      const query =
        target.by === "id"
          ? ""
          : target.owner === "tenant" && target.name === "default"
            ? ""
            : `?owner=${target.owner}${ofKeys.includes(operation) ? "" : `&name=${target.name}`}`
      const path = target.by === "id" ? `/${id}` : `/${rule.provider}`
      const response = await rule.send({ world, token, caller, target, path, query })
      got[target.title] = await outcome(response)
      const wanted = expectedOf(rule, caller, target)
      expected[target.title] = isEnded && wanted === String(rule.done) ? notThere : wanted
      if (operation === "disconnect" && got[target.title] === "204") ended.add(key)
    }
    expect(got).toEqual(expected)
    const all = ["tenant default", "tenant sales", "user default", "user sales"]
    expect((await world.connected()).toSorted()).toEqual(all.filter((key) => !ended.has(key)))
  })
})

interface Listed {
  readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly total: number
}

const filters: ReadonlyArray<{ readonly owner?: Target["owner"]; readonly name?: string }> = [
  {},
  { owner: "tenant" },
  { owner: "user" },
  { name: "sales" },
  { owner: "tenant", name: "sales" },
  { owner: "user", name: "sales" },
  { name: "none" }
]

describe("S-94 S-97 what is listed", () => {
  /** Bob has one too, so that there is another's for Ada. */
  const all = [
    { of: "tenant", owner: "tenant", name: "default" },
    { of: "tenant", owner: "tenant", name: "sales" },
    { of: "ada", owner: "user", name: "default" },
    { of: "ada", owner: "user", name: "sales" },
    { of: "bob", owner: "user", name: "default" }
  ]

  const expectedList = (
    { isImpersonated, role, tenant, user }: Caller,
    filter: (typeof filters)[number]
  ): unknown => {
    if (role === undefined || (filter.owner === "user" && isImpersonated)) return "403 forbidden"
    const seen = all
      .filter(({ owner }) => filter.owner === undefined || owner === filter.owner)
      .filter(({ name }) => filter.name === undefined || name === filter.name)
      .flatMap(({ name, of }) => {
        if (of === "tenant" || (of === user && !isImpersonated)) return [`${of} ${name}`]
        // Who does not see the name does not learn by it either.
        const mayKnow = role === "admin" && !isImpersonated && filter.name === undefined
        return mayKnow ? [`${of} six members`] : []
      })
    const here = tenant === "home" ? seen : []
    return { items: here.toSorted(), total: here.length }
  }

  it.each(callers.map((caller) => [named(caller), caller] as const))("by %s", async (_, caller) => {
    const world = new World(await makeHost({ providers: ofBoth }), "gauge")
    await world.connectAll()
    const bob = await world.token({ ...caller, tenant: "home", user: "bob", ...aMember })
    await world.host.send("POST", "/gauge/connect?owner=user", {
      token: bob,
      json: { credentialId: await storeKey(world.host, bob, "user") }
    })
    const token = await world.token(caller)
    const ask = async (query: string) => {
      const response = await world.host.send("GET", `?${query}`, { token })
      if (!response.ok) return `${response.status} ${(await bodyOf(response)).error}`
      const { items, total } = await bodyOf<Listed>(response)
      return {
        items: items
          .map((item) => {
            const of = item["owner"] === "tenant" ? "tenant" : String(item["userId"])
            const isBrief = Object.keys(item).toSorted().join() === sixMembers.join()
            return `${of} ${isBrief ? "six members" : String(item["name"])}`
          })
          .toSorted(),
        total
      }
    }
    for (const filter of filters) {
      const query = new URLSearchParams(filter).toString()
      expect([filter, await ask(query)]).toEqual([filter, expectedList(caller, filter)])
      const paged = await ask(`${query}&limit=100`)
      expect([filter, paged]).toEqual([filter, expectedList(caller, filter)])
    }
  })
})

const aMember = { role: "member", isImpersonated: false } as const

describe("S-95 each with the keys of each", () => {
  const owners = ["tenant", "user"] as const
  const uses = {
    connect: ["POST", "connect"],
    swapCredential: ["PUT", "credential"],
    deleteCredential: ["DELETE", "credentials/"]
  } as const
  const admin: Caller = { tenant: "home", user: "bob", role: "admin", isImpersonated: false }
  const keyOwners = [
    ["the tenant's", "tenant", { ...admin, user: "ada" }],
    ["one's own", "user", undefined],
    ["another user's", "user", { ...admin, user: "bob" }],
    ["another tenant's", "tenant", { ...admin, tenant: "elsewhere" }],
    [
      "of the same user id in another tenant",
      "user",
      { ...admin, tenant: "elsewhere", user: "ada" }
    ]
  ] as const

  const cells = Object.keys(uses).flatMap((operation) =>
    owners.flatMap((owner) =>
      keyOwners.map(
        ([title, keyOwner, keeper]) =>
          [
            `${operation} for ${owner === "tenant" ? "the tenant" : "oneself"}, with a key ${title}`,
            operation as keyof typeof uses,
            owner,
            keyOwner,
            keeper
          ] as const
      )
    )
  )
  it.each(cells)("%s", async (title, operation, owner, keyOwner, keeper) => {
    const world = new World(await makeHost({ providers: ofBoth }), "gauge")
    const ada: Caller = { ...admin, user: "ada" }
    const token = await world.token(ada)
    const key = await storeKey(world.host, await world.token(keeper ?? ada), keyOwner)
    if (operation === "swapCredential")
      await world.host.send("POST", `/gauge/connect?owner=${owner}`, {
        token,
        json: { credentialId: await storeKey(world.host, token, owner) }
      })
    const [method, path] = uses[operation]
    const isDelete = operation === "deleteCredential"
    const response = await world.host.send(
      method,
      `/gauge/${path}${isDelete ? key : ""}?owner=${owner}`,
      { token, ...(!isDelete && { json: { credentialId: key } }) }
    )
    const isOwners = title.endsWith(owner === "tenant" ? "the tenant's" : "one's own")
    expect(await outcome(response)).toBe(
      isOwners ? (isDelete ? "204" : "200") : "404 credential_not_found"
    )
    // It is where it was, unless its owner deleted it.
    const kept = await world.host.send("GET", `/gauge/credentials?owner=${keyOwner}`, {
      token: await world.token(keeper ?? ada)
    })
    const { items } = await bodyOf<Listed>(kept)
    expect(items.some(({ credentialId }) => credentialId === key)).toBe(!(isOwners && isDelete))
  })
})
