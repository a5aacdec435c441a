/**
 * A host as the pages describe one: tenants, users, named connections, events, errors, what is rare, and a page's client.
 * `pack:check` compiles this one file as an ES module and as CommonJS, with each version of TypeScript, and runs what comes of it;
 * it ends with 1 where one of its sentences does not hold.
 */
import assert from "node:assert/strict"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import {
  type ActingTenant,
  createHawser,
  defineProvider,
  github,
  type HandledEvent,
  type Hawser,
  isHawserError,
  memory,
  nodeHandler,
  type Tenant
} from "hawser"
import { ClientError, createClient, type Returned } from "hawser/client"
import { slack } from "hawser/providers"

const publicUrl = "http://localhost:3000"
const page = `${publicUrl}/settings/integrations`

/** An API-key service of the host's own, which anybody may have many of. */
const locker = defineProvider(
  {
    id: "locker",
    displayName: "Locker",
    category: "cloud",
    description: "Boxes.",
    authType: "api_key",
    fields: [{ name: "api_key", label: "API key" }],
    headers: { "x-api-key": "{api_key}" }
  },
  { ownedBy: ["tenant", "user"], connections: "many" }
)

const start = () =>
  createHawser({
    publicUrl,
    allowedRedirectUrls: [page],
    // A bearer token here is `tenant/user/role`; yours is a JWT.
    authenticate: async (request) => {
      const [, tenantId, userId, role] =
        /^Bearer (\w+)\/(\w+)\/(admin|member)$/.exec(request.headers.get("authorization") ?? "") ??
        []
      return tenantId === undefined || userId === undefined
        ? null
        : { tenantId, userId, roles: [role === "admin" ? "admin" : "member"] }
    },
    providers: [
      github({ clientId: "client", clientSecret: "secret" }),
      slack({ clientId: "client", clientSecret: "secret" }),
      locker
    ],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    flowLifetime: "10 minutes",
    hookTimeout: 5000
  })

type Host = Awaited<ReturnType<typeof start>>

/** Never called: what must not compile. */
export const misspelt = async (hawser: Host): Promise<void> => {
  const acme = hawser.tenant("acme", { user: "ada" })
  // @ts-expect-error a letter is missing
  acme.connection("gihub")
  // @ts-expect-error and here
  await acme.connect("slak", { redirectUrl: page })
  // @ts-expect-error there is no such event
  await hawser.on("integration.conected", { as: "greeter" }, () => undefined)
  // @ts-expect-error a subscriber has a name
  await hawser.on("integration.connected", {}, () => undefined)
  // @ts-expect-error somebody has to act
  // oxlint-disable-next-line typescript/no-unsafe-call -- it is not there
  await hawser.tenant("acme").connection("github").disconnect()
  // @ts-expect-error a duration has a unit
  await acme.connection("github").token({ validFor: "10" })
  // @ts-expect-error there is no such code
  isHawserError(undefined, "not_conected")
}

/** A Hawser that knows its providers is one that does not. */
const readable = (hawser: Hawser): Tenant => hawser.tenant("acme")

const keyOf = async (tenant: ActingTenant<"locker">, name: string) => {
  const key = await tenant.connection("locker", { owner: "user", name }).apiKey()
  return key.get("api_key")
}

const storeAndConnect = async (
  tenant: ActingTenant<"locker">,
  owner: "tenant" | "user",
  name: string,
  api_key: string
): Promise<string> => {
  const { credentialId } = await tenant
    .credentials("locker", { owner })
    .store({ credentials: { api_key }, label: name })
  const { integrationId } = await tenant.connect("locker", { owner, name, credentialId })
  return integrationId
}

const main = async (): Promise<void> => {
  const hawser = await start()
  const heard: Array<HandledEvent<"integration.connected">["event"]> = []
  const connected = new Promise<void>((resolve, reject) => {
    hawser
      .on("integration.connected", { as: "reader" }, ({ event, attempt }) => {
        assert.equal(attempt, 1)
        if (heard.push(event) === 3) resolve()
      })
      .catch(reject)
  })

  const ada = hawser.tenant("acme", { user: "ada" })
  const bob = hawser.tenant("acme", { user: "bob" })
  await storeAndConnect(ada, "tenant", "default", "the company's")
  await storeAndConnect(ada, "user", "sales", "ada's")
  const bobs = await storeAndConnect(bob, "user", "sales", "bob's")
  await connected
  assert.deepEqual(
    heard.map(({ data }) => [data.owner, data.userId, data.name]),
    [
      ["tenant", undefined, "default"],
      ["user", "ada", "sales"],
      ["user", "bob", "sales"]
    ]
  )
  assert.equal(await keyOf(ada, "sales"), "ada's")
  assert.equal(await keyOf(bob, "sales"), "bob's")
  assert.equal(
    (await hawser.tenant("acme").connection("locker").apiKey()).get("api_key"),
    "the company's"
  )

  // Nobody reaches what another user owns, and the error says what to do.
  for (const attempt of [
    () => ada.connection({ id: bobs }).get(),
    () => readable(hawser).connection({ id: bobs }).get()
  ]) {
    try {
      await attempt()
      assert.fail("It was there.")
    } catch (error) {
      assert(isHawserError(error, "integration_not_found"))
      assert.deepEqual([error.httpStatus satisfies number, error.retryable], [404, false])
    }
  }
  const missing = await hawser
    .tenant("acme")
    .connection("github")
    .token({ validFor: "10 minutes" })
    .catch((error: unknown) => error)
  assert(isHawserError(missing, "not_connected"))

  // The same, as a page has it.
  const server = createServer(nodeHandler(hawser.handler)).listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = (token: string) => createClient({ baseUrl, token })
  const { items, total } = await client("acme/ada/member").list({ query: { name: "sales" } })
  assert.deepEqual([items.map(({ owner }) => owner), total], [["user"], 1])
  const catalog = await client("acme/ada/member").catalog()
  assert.deepEqual(catalog.items.map(({ provider }) => provider).toSorted(), [
    "github",
    "locker",
    "slack"
  ])
  const begun = await client("acme/ada/admin").connect({
    params: { provider: "github" },
    query: { owner: "tenant" },
    payload: { redirectUrl: page }
  })
  assert("authorizationUrl" in begun && begun.authorizationUrl.startsWith("https://github.com/"))
  try {
    await client("acme/ada/member").disconnect({ params: { provider: "locker" } })
    assert.fail("A member disconnected the tenant's.")
  } catch (error) {
    assert(error instanceof ClientError)
    assert.deepEqual([error.code, error.httpStatus, error.retryable], ["forbidden", 403, false])
  }
  const returned: Returned = await client("acme/ada/admin").completeIfReturned({ owner: "user" })
  assert.equal(returned.status, "nothing")

  // What is rare.
  const moved: Array<string> = []
  for await (const { name, provider, userId } of hawser.admin.export())
    moved.push([provider, name, userId].join(" "))
  assert.deepEqual(moved.toSorted(), ["locker default ", "locker sales ada", "locker sales bob"])
  const { disconnected } = await hawser.admin.eraseUser({ tenantId: "acme", userId: "bob" })
  assert.equal(disconnected, 1)
  const tenants = await hawser.admin.tenants({ provider: "locker", status: "connected" })
  assert.equal(tenants.items.length, 2)

  server.close()
  server.closeAllConnections()
  await hawser.close()
  console.log("A host that was written from the pages works.")
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
