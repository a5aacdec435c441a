import type { ProviderConfig } from "@hawser/core"
import { openApi } from "@hawser/http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type DocumentedRoute, documentedRoutes } from "../../../test-support/documented-routes.ts"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

/**
 * One tenant has everything, another asks for it: on every route of the OpenAPI document, with every id that the first
 * one has, and the answer must be that to an id which never existed. A route, or a parameter, that this file cannot fill
 * in fails a test, so that a new one cannot be forgotten.
 */

/** What the tenant `bank` has, by the names of the document's parameters; or, in its place, what nobody has. */
interface Ids {
  readonly provider: string
  readonly credentialId: string
  readonly flowId: string
  readonly state: string
  readonly cursor: string
}

/** A provider that nobody connects, for each that `bank` has connected: their names are equally long. */
const twins: Readonly<Record<string, string>> = { projects: "projectz", beacon: "beacom" }
const providers = Object.keys(twins)

const twinOf = (config: ProviderConfig): ProviderConfig => {
  // oxlint-disable-next-line typescript/no-misused-spread -- A definition is plain data.
  const definition = { ...config.definition, id: twins[config.definition.id] }
  return { ...config, definition } as ProviderConfig
}

let host: TestHost
let credentials: { readonly inUse: string; readonly spare: string }
/** Of a page of the other tenant's, by the operation that gave it. */
const cursors: Record<string, string> = {}

const bank = { tenant: "bank", user: "banker" }

const storeKey = async () => {
  const response = await host.call("POST", "/beacon/credentials", {
    as: bank,
    body: { credentials: { api_key: goodApiKey }, label: "canary-label" }
  })
  return ((await response.json()) as { credentialId: string }).credentialId
}

beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), (parts) => ({
    providers: [...parts.providers, ...parts.providers.map(twinOf)]
  }))
  credentials = { inUse: await storeKey(), spare: await storeKey() }
  await host.call("POST", "/beacon/connect", {
    as: bank,
    body: { credentialId: credentials.inUse }
  })
  await connectProjects(host, { as: bank })
  const page = await host.call("GET", "?limit=1", { as: bank })
  cursors["list"] = ((await page.json()) as { nextCursor: string }).nextCursor
  const keys = await host.call("GET", "/beacon/credentials?limit=1", { as: bank })
  cursors["listCredentials"] = ((await keys.json()) as { nextCursor: string }).nextCursor
})
afterAll(() => host.close())

let starts = 0

/** A flow of `bank`: each is good for one request, and of an admin of its own, because few may wait at once. */
const startOfBank = (redirectUrl: string) =>
  startFlow(host, redirectUrl, {
    as: { ...bank, user: `banker-${String(starts++)}` },
    body: { reauthorize: true }
  })

/** Its state waits for the callback. */
const stateOfBank = async () => (await startOfBank(host.cookieRedirect)).state

/** Its flow id waits for `complete`. */
const flowIdOfBank = async () => {
  const flow = await startOfBank(host.completeRedirect)
  const { location } = await callback(flow, await consent(host, flow))
  return new URLSearchParams(location?.hash.slice(1)).get("flowId") ?? ""
}

const neverExisted = {
  credentialId: `crd_${"0".repeat(26)}`,
  flowId: "f".repeat(43),
  state: "s".repeat(43),
  cursor: ""
}

const isApiKey = (ids: Ids): boolean => ids.provider.startsWith("beaco")

type Value = string | boolean | object | undefined

/** Every parameter that the document may name, in a path, a query or a body; undefined if the provider takes none. */
const fillers: Readonly<Record<string, (ids: Ids) => Value>> = {
  provider: (ids) => ids.provider,
  credentialId: (ids) => (isApiKey(ids) ? ids.credentialId : undefined),
  flowId: (ids) => ids.flowId,
  account: (ids) => (isApiKey(ids) ? undefined : "an-account"),
  state: (ids) => ids.state,
  cursor: (ids) => ids.cursor,
  code: () => "a-code",
  context: () => "o3Jx1sVb7QmZk9Yw2LtPdA",
  flow: () => "o3Jx1sVb7QmZk9Yw2LtPdA",
  token: () => "t".repeat(43),
  answer: () => "connect",
  agreed: () => "yes",
  iss: () => host.authorizationServer.issuer,
  error: () => undefined,
  status: () => "connected",
  owner: () => "tenant",
  name: () => "default",
  limit: () => "2",
  category: () => "monitoring",
  redirectUrl: (ids) => (isApiKey(ids) ? undefined : host.cookieRedirect),
  credentials: () => ({ api_key: goodApiKey }),
  label: () => "ours",
  scopes: (ids) => (isApiKey(ids) ? undefined : ["projects.read"]),
  fields: () => undefined,
  reauthorize: (ids) => (isApiKey(ids) ? undefined : true),
  replaceScopes: (ids) => (isApiKey(ids) ? undefined : false)
}

const fill = (name: string, ids: Ids): Value => {
  const filler = fillers[name]
  if (filler === undefined) throw new Error(`nobody has said what "${name}" may hold`)
  return filler(ids)
}

const filled = (names: ReadonlyArray<string>, ids: Ids): ReadonlyArray<[string, Value]> =>
  names
    .map((name): [string, Value] => [name, fill(name, ids)])
    .filter(([, value]) => value !== undefined)

const asParameters = (entries: ReadonlyArray<[string, unknown]>) =>
  new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()

const requestOf = (route: DocumentedRoute, ids: Ids) => {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    // In a path something stands, whatever the provider takes.
    const value = fill(name, ids) ?? ids.credentialId
    if (typeof value !== "string") throw new Error(`"${name}" stands in a path and is not a text`)
    return encodeURIComponent(value)
  })
  const query = asParameters(filled(namesOf(route.query), ids))
  const members = filled(namesOf(route.body?.members ?? []), ids)
  return {
    path: query === "" ? path : `${path}?${query}`,
    body:
      route.body === undefined
        ? undefined
        : route.body.type === "json"
          ? JSON.stringify(Object.fromEntries(members))
          : asParameters(members)
  }
}

const namesOf = (parameters: ReadonlyArray<{ readonly name: string }>) =>
  parameters.map(({ name }) => name)

const contentTypes = { json: "application/json", form: "application/x-www-form-urlencoded" }

/** What differs from one answer to the next whatever was asked for, and the names of the twins. */
const normalised = (text: string): string =>
  text
    .replaceAll(/projectz|beacom/g, (name) => (name === "beacom" ? "beacon" : "projects"))
    .replaceAll(/(?:crd|int)_[0-9A-HJKMNP-TV-Z]{26}/g, "(id)")
    .replaceAll(/[\w-]{43}/g, "(secret)")
    .replaceAll(/hawser-[\w-]{22}/g, "hawser-(tag)")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "(time)")

let tenants = 0

/** Asks as an admin of a tenant that has nothing, and is another each time. */
const ask = async (route: DocumentedRoute, ids: Ids) => {
  const { body, path } = requestOf(route, ids)
  const as = { tenant: `rival-${String(tenants++).padStart(4, "0")}`, user: "mallory" }
  const response = await fetch(`${host.origin}/v1/integrations${path}`, {
    method: route.method,
    redirect: "manual",
    headers: {
      ...(!route.isPublic && { authorization: `Bearer ${await host.token(as)}` }),
      ...(route.body !== undefined && { "content-type": contentTypes[route.body.type] })
    },
    ...(body !== undefined && { body })
  })
  return {
    status: response.status,
    body: normalised(await response.text()),
    headers: [...response.headers]
      .filter(([name]) => name !== "date")
      .map(([name, value]) => `${name}: ${normalised(value)}`)
  }
}

const routes = documentedRoutes(openApi())

/** Every name of a parameter of a route. */
const allNames = ({ body, pathParameters, query }: DocumentedRoute): ReadonlyArray<string> => [
  ...pathParameters,
  ...namesOf(query),
  ...namesOf(body?.members ?? [])
]

const variants = routes.flatMap((route) => {
  const names = allNames(route)
  return (route.pathParameters.includes("provider") ? providers : ["projects"]).flatMap(
    (provider) => {
      const keys =
        names.includes("credentialId") && provider === "beacon"
          ? (["inUse", "spare"] as const)
          : (["spare"] as const)
      return keys.map((key) => ({
        title: `${route.method} ${route.path || "/"} of ${provider}, ${key}`,
        route,
        provider,
        key
      }))
    }
  )
})

/** All that `bank` has, as it sees it itself. */
const holdings = async () => {
  const read = async (path: string) => (await host.call("GET", path, { as: bank })).text()
  return {
    list: await read(""),
    credentials: await read("/beacon/credentials"),
    test: (await host.hawser.tenant("bank", { user: "banker" }).connection("beacon").test()).status,
    token: (await host.hawser.tenant("bank").connection("projects").token()).token,
    key: (await host.hawser.tenant("bank").connection("beacon").apiKey()).get("api_key")
  }
}

/** A cursor tells where a page begins, and that place need not exist. */
const emptyPlaces: Readonly<Record<string, string>> = {
  list: Buffer.from(`["projectz","","int_${"0".repeat(26)}"]`).toString("base64url"),
  listCredentials: Buffer.from(`[0,"crd_${"0".repeat(26)}"]`).toString("base64url")
}

/** What may be answered to a tenant that has nothing: what it may do for itself, and that nothing is there. */
const expected: Readonly<Record<string, ReadonlyArray<number>>> = {
  connect: [200, 404],
  storeCredentials: [201, 400],
  listCredentials: [200],
  deleteCredential: [404],
  swapCredential: [400, 404],
  callback: [400],
  callbackForm: [400],
  tenantCallback: [400],
  tenantCallbackForm: [400],
  showConfirmation: [400],
  confirm: [400],
  complete: [404],
  list: [200],
  get: [404],
  disconnect: [404],
  test: [404],
  catalog: [200]
}

describe("the matrix", () => {
  it("knows every route of the OpenAPI document, and every parameter of it", () => {
    expect(routes.map(({ operation }) => operation).toSorted()).toEqual(
      Object.keys(expected).toSorted()
    )
    const named = new Set(routes.flatMap(allNames))
    expect([...named].toSorted()).toEqual(Object.keys(fillers).toSorted())
  })
})

describe("S-57 S-58 what belongs to another tenant is answered as what never existed", () => {
  it.each(variants.map((variant) => [variant.title, variant] as const))(
    "%s",
    async (_, { key, provider, route }) => {
      const names = allNames(route)
      /** The ids that the route takes; flows are begun for this request alone. */
      const theirs = async (): Promise<Ids> => ({
        provider,
        credentialId: credentials[key],
        flowId: names.includes("flowId") ? await flowIdOfBank() : "",
        state: names.includes("state") ? await stateOfBank() : "",
        cursor: cursors[route.operation] ?? ""
      })
      const cursor = emptyPlaces[route.operation] ?? ""
      const nobodys: Ids = { ...neverExisted, provider: twins[provider] ?? "", cursor }

      const before = await holdings()
      const [foreign, absent] = [await ask(route, await theirs()), await ask(route, nobodys)]
      expect(foreign).toEqual(absent)
      expect(expected[route.operation]).toContain(foreign.status)
      // One of their ids alone, beside what never existed, tells nothing either.
      for (const name of ["credentialId", "flowId", "state", "cursor"] as const) {
        if (!names.includes(name)) continue
        const one = await ask(route, { ...nobodys, [name]: (await theirs())[name] })
        expect([name, one]).toEqual([name, absent])
      }
      expect(await holdings()).toEqual(before)
    }
  )
})
