import { EventBus, StorageUnavailable } from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Effect, Layer } from "effect"
import { type HandledEvent, memory, postgres } from "hawser"
import { afterEach, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { eventually } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const start = async (...parameters: Parameters<typeof startTestHost>): Promise<TestHost> => {
  const host = await startTestHost(...parameters)
  closing.push(host.close)
  return host
}

const connectBeacon = async ({ hawser }: TestHost, tenantId: string) => {
  const { credentialId } = await hawser
    .tenant(tenantId, { user: "ada" })
    .credentials("beacon")
    .store({ credentials: { api_key: goodApiKey } })
  return hawser.tenant(tenantId, { user: "ada" }).connect("beacon", { credentialId })
}

describe("hawser.on", () => {
  it("hears of a connection, in the contract's envelope", async () => {
    const host = await start(memory())
    const heard: Array<object> = []
    await host.hawser.on(
      "integration.connected",
      { as: "hears" },
      ({ event }) => void heard.push(event)
    )
    const connected = await connectBeacon(host, "acme")
    await eventually("the event", () => heard.length === 1)
    expect(heard[0]).toEqual({
      id: expect.stringMatching(/^evt_[0-9A-HJKMNP-TV-Z]{26}$/) as unknown,
      event: "integration.connected",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
      tenantId: "acme",
      data: {
        integrationId: "integrationId" in connected ? connected.integrationId : "",
        provider: "beacon",
        name: "default",
        owner: "tenant",
        connectedBy: "ada"
      }
    })
  })

  it("calls a handler that failed again, and gets the event through", async () => {
    const host = await start(memory())
    let calls = 0
    await host.hawser.on("integration.connected", { as: "queue" }, () => {
      calls++
      if (calls === 1) throw new Error("the host's queue is full")
    })
    await connectBeacon(host, "acme")
    await eventually("the second call", () => calls === 2)
  })

  it("with workers off nothing is delivered until tick", async () => {
    const host = await start(memory(), { workers: "off" })
    const heard: Array<string> = []
    await host.hawser.on(
      "integration.connected",
      { as: "hears" },
      ({ event }) => void heard.push(event.tenantId)
    )
    await connectBeacon(host, "acme")
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(heard).toEqual([])
    await host.hawser.tick()
    expect(heard).toEqual(["acme"])
  })

  it("a subscriber's place outlives the process: what happened meanwhile arrives after the restart", async () => {
    const database = await createDatabase()
    closing.push(database.drop)
    const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
    const first = await start(postgres({ url: database.url }), { encryptionKey })
    const heard: Array<string> = []
    const hear = ({ event }: HandledEvent<"integration.connected">) =>
      void heard.push(event.tenantId)
    await first.hawser.on("integration.connected", { as: "billing" }, hear)
    await connectBeacon(first, "before")
    await eventually("the first event", () => heard.length === 1)
    await first.hawser.close()

    const second = await start(postgres({ url: database.url }), { encryptionKey })
    await connectBeacon(second, "meanwhile")
    await second.hawser.on("integration.connected", { as: "billing" }, hear)
    await eventually("the second event", () => heard.length === 2)
    expect(heard).toEqual(["before", "meanwhile"])
  })

  it("needs a name, and one name has one event", async () => {
    const host = await start(memory())
    const { hawser } = host
    await hawser.on("integration.connected", { as: "mailer" }, () => {})
    for (const register of [
      () => hawser.on("integration.disconnected", { as: "mailer" }, () => {}),
      // A host in JavaScript may leave it out.
      () => hawser.on("integration.connected", {} as { as: string }, () => {})
    ])
      await expect(register()).rejects.toMatchObject({ code: "configuration_error" })
  })

  it("tells the handler which attempt it is, and when to end", async () => {
    const host = await start(memory())
    const calls: Array<readonly [attempt: number, isAborted: boolean]> = []
    await host.hawser.on("integration.connected", { as: "queue" }, ({ attempt, signal }) => {
      calls.push([attempt, signal.aborted])
      if (attempt === 1) throw new Error("the host's queue is full")
    })
    await connectBeacon(host, "acme")
    await eventually("the second call", () => calls.length === 2)
    expect(calls).toEqual([
      [1, false],
      [2, false]
    ])
  })

  it("a module that was reloaded replaces its handler, and a handle stops the last one alone", async () => {
    const host = await start(memory(), { workers: "off" })
    const { hawser } = host
    const heard: Array<string> = []
    const register = (version: string) =>
      hawser.on(
        "integration.connected",
        { as: "mailer" },
        ({ event }) => void heard.push(version + event.tenantId)
      )
    const first = await register("first ")
    const second = await register("second ")
    await connectBeacon(host, "acme")
    await first.stop()
    await hawser.tick()
    expect(heard).toEqual(["second acme"])

    await second.stop()
    await connectBeacon(host, "globex")
    await hawser.tick()
    expect(heard).toEqual(["second acme"])
    // The name is free, and its place was kept.
    await register("third ")
    await hawser.tick()
    expect(heard).toEqual(["second acme", "third globex"])
    await (await register("third ")).stop()
    await hawser.admin.unsubscribe("mailer")
  })

  it("S-125 a name that no database can store is refused, and there is nothing to unsubscribe", async () => {
    const database = await createDatabase()
    closing.push(database.drop)
    const { hawser } = await start(postgres({ url: database.url }))
    for (const name of ["mailer\0", "mailer\ud800", "x".repeat(256)]) {
      await expect(
        hawser.on("integration.connected", { as: name }, () => {})
      ).rejects.toMatchObject({ code: "configuration_error" })
      await hawser.admin.unsubscribe(name)
    }
  })

  it("can be called again after it failed", async () => {
    let isDown = true
    const store = Layer.effect(
      EventBus,
      Effect.map(EventBus, (bus) => ({
        ...bus,
        subscribe: (...parameters: Parameters<typeof bus.subscribe>) =>
          isDown
            ? Effect.fail(new StorageUnavailable({ cause: "down" }))
            : bus.subscribe(...parameters)
      }))
    ).pipe(Layer.provideMerge(MemoryStores.layer))
    const { hawser } = await start({ layer: store })
    const register = () => hawser.on("integration.connected", { as: "mailer" }, () => {})
    await expect(register()).rejects.toMatchObject({ code: "storage_unavailable" })
    isDown = false
    await register()
  })

  it("a handler that runs when Hawser is closed hears of it by its signal", async () => {
    const host = await start(memory())
    const begun = Promise.withResolvers<AbortSignal>()
    await host.hawser.on("integration.connected", { as: "slow" }, async ({ signal }) => {
      begun.resolve(signal)
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
    })
    await connectBeacon(host, "acme")
    const signal = await begun.promise
    expect(signal.aborted).toBe(false)
    await host.hawser.close({ within: 400 })
    expect(signal.aborted).toBe(true)
  })

  it("disconnecting destroys the key and is told", async () => {
    const host = await start(memory())
    const heard: Array<object> = []
    await host.hawser.on(
      "integration.disconnected",
      { as: "hears" },
      ({ event }) => void heard.push(event.data)
    )
    await connectBeacon(host, "acme")
    await host.hawser.tenant("acme", { user: "ada" }).connection("beacon").disconnect()
    await eventually("the event", () => heard.length === 1)
    expect(heard[0]).toMatchObject({ provider: "beacon", disconnectedBy: "ada", reason: "user" })
    await expect(host.hawser.tenant("acme").connection("beacon").apiKey()).rejects.toMatchObject({
      code: "not_connected"
    })
  })
})
