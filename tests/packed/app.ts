/**
 * A host with Express, the bundle, and a second Hawser over a store of its own, in one process. `pack:check` compiles and
 * runs it with the packages as they are published; it ends with 1 where one of its sentences does not hold.
 */
import assert from "node:assert/strict"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { ConnectionStore } from "@hawser/core"
import * as effect from "@hawser/effect"
import { expressHandler } from "@hawser/express"
import { MemoryStores } from "@hawser/memory"
import { datadog } from "@hawser/providers"
import { Effect, Layer } from "effect"
import express from "express"
import { createHawser, github, type HawserOptions, isHawserError, memory } from "hawser"

const page = "https://app.example.com/integrations"
const common = {
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: [page],
  authenticate: async () => ({ tenantId: "acme", userId: "ada", roles: ["admin"] as const }),
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
  workers: "off"
} satisfies Partial<HawserOptions>

let asked = 0
/** The host's own store: here memory's, which counts what it is asked. */
const ownStore: effect.Store = {
  layer: Layer.effect(
    ConnectionStore,
    Effect.map(ConnectionStore, (store) => ({
      ...store,
      find: (...key: Parameters<typeof store.find>) => {
        asked++
        return store.find(...key)
      }
    }))
  ).pipe(Layer.provideMerge(MemoryStores.layer))
}

const logged: Array<string> = []
const log = (message: string, details: object) =>
  void logged.push(`${message} ${inspect(details, { depth: null })}`)

const bundled = await createHawser({
  ...common,
  authenticate: async () => {
    throw new Error("The host's own mistake.")
  },
  logger: { messageFirst: { info: log, warn: log, error: log } },
  providers: [github({ clientId: "client", clientSecret: "secret" })],
  store: memory()
})
const own = await effect.createHawser({
  ...common,
  publicUrl: "https://app.example.com/own",
  providers: [datadog()],
  store: ownStore
})

const app = express()
app.use("/own/v1/integrations", expressHandler(own.handler))
app.use("/v1/integrations", expressHandler(bundled.handler))
const server = app.listen(0, "127.0.0.1")
await once(server, "listening")
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const providersAt = async (path: string): Promise<unknown> => {
  const { items } = (await (await fetch(origin + path)).json()) as {
    readonly items: ReadonlyArray<{ readonly provider: string }>
  }
  return items.map(({ provider }) => provider)
}
assert.deepEqual(await providersAt("/v1/integrations/catalog"), ["github"])
assert.deepEqual(await providersAt("/own/v1/integrations/catalog"), ["datadog"])

const thrownBy = async (call: () => Promise<unknown>): Promise<Error> => {
  try {
    await call()
  } catch (error) {
    assert(error instanceof Error)
    return error
  }
  throw new Error("It did not reject.")
}

const ofBundle = await thrownBy(() => bundled.tenant("acme").connection("github").get())
const ofOwn = await thrownBy(() => own.tenant("acme").connection("datadog").get())
assert(asked > 0, "The host's own store was asked.")
for (const error of [ofBundle, ofOwn]) {
  assert(isHawserError(error, "integration_not_found"))
  // By the declarations, a number that this code has.
  assert.equal(error.httpStatus satisfies number, 404)
}

// The stack is the host's own, and nothing in it or in the message is of the library below.
assert.match(ofBundle.stack ?? "", /app\.ts/)
assert.doesNotMatch(inspect(ofBundle), /effect|fiber|runtime\.js|hawser\/dist/i)

// Nor is it in a line of the log about a function of the host's that throws.
await fetch(`${origin}/v1/integrations`, { headers: { authorization: "Bearer token" } })
const line = logged.find((one) => one.includes("The host's own mistake."))
assert(line !== undefined)
assert.match(line, /app\.ts/)
assert.doesNotMatch(line, /effect|fiber|runtime\.js/i)

const refused = await thrownBy(() =>
  createHawser({ ...common, providers: [], store: ownStore as unknown as HawserOptions["store"] })
)
assert(isHawserError(refused, "configuration_error"))
assert.match(refused.message, /^store: .* works with @hawser\/effect\./)

await bundled.close()
await own.close()
server.close()
console.log("The bundle, a store of the host's own and Express are side by side.")
