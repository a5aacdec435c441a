import { MemoryStores } from "@hawser/memory"
import { postgres as ofAnotherPackage } from "@hawser/postgres"
import { createHawser, isHawserError, memory, pglite, postgres, type Store } from "hawser"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"

const url = "postgres://ada:canary-password@127.0.0.1:1/app"

const start = (store: unknown) =>
  createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: ["https://app.example.com/integrations"],
    authenticate: async () => null,
    providers: [],
    store: store as Store,
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
  })

const thrownBy = async (act: () => unknown): Promise<Error> => {
  try {
    await act()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error("nothing was refused")
}

describe("what is made with a host's own copy of Effect", () => {
  it.each([
    ["a layer", () => start(MemoryStores.layer)],
    ["a store of layers", () => start({ layer: MemoryStores.layer })],
    ["a store of another package", () => start(ofAnotherPackage({ url }))],
    ["an SqlClient", () => postgres({ sqlClient: { "~effect/sql/SqlClient": true } } as never)],
    [
      "an SqlClient's transaction",
      async () => {
        const hawser = await start(memory())
        try {
          hawser.transaction({ "~effect/sql/SqlClient": true } as never)
        } finally {
          await hawser.close()
        }
      }
    ]
  ])("%s is refused, and the sentence says where it works", async (_, act) => {
    const error = await thrownBy(act)
    expect(isHawserError(error, "configuration_error")).toBe(true)
    expect(error.message).toContain("works with @hawser/effect")
  })
})

describe("a store's description", () => {
  it("shows no password where it is logged", () => {
    const store = postgres({ url })
    expect(inspect(store) + JSON.stringify(store) + JSON.stringify({ ...store })).not.toContain(
      "canary"
    )
  })

  it.each([
    ["pglite", () => pglite({ dataDir: "unused" })],
    ["postgres", () => postgres({ url })]
  ])("of %s that was copied has lost its options, and opens no other database", async (_, make) => {
    const error = await thrownBy(() => start({ ...make() }))
    expect(error.message).toMatch(/^store: Expected a store/)
  })
})

describe("an error", () => {
  it("has the stack of the host's call", async () => {
    const hawser = await start(memory())
    const callOfTheHost = async () => {
      await hawser.tenant("acme").connection("github").get()
    }
    const { message, name, stack } = await thrownBy(callOfTheHost)
    await hawser.close()
    expect(stack?.split("\n")[0]).toBe(`${name}: ${message}`)
    expect(stack?.split("\n")[1]).toContain("callOfTheHost")
  })

  it("of admin has it too", async () => {
    const hawser = await start(memory())
    const callOfTheHost = async () => {
      await hawser.admin.tenants({ provider: "nothing" })
    }
    const { stack } = await thrownBy(callOfTheHost)
    await hawser.close()
    expect(stack?.split("\n")[1]).toContain("callOfTheHost")
  })

  it("of the database is the cause, without what is around it here", async () => {
    const error = await thrownBy(() => start(postgres({ url })))
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" })
    expect(inspect(error)).not.toContain("~effect")
  })
})
