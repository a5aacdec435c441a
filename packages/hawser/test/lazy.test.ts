import { type Hawser, type HawserOptions, lazyHawser, memory, postgres } from "hawser"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"

/** The same file once more, as a bundler may have it. */
const copyOfModule = "../src/lazyHawser.ts?copied"

const settings = (change: Partial<HawserOptions> = {}): HawserOptions => ({
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: ["https://app.example.com/integrations"],
  authenticate: () => Promise.resolve(null),
  providers: [],
  store: memory(),
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
  ...change
})

const closedAfterwards = async (starting: Promise<Hawser>): Promise<Hawser> => {
  const hawser = await starting
  onTestFinished(() => hawser.close())
  return hawser
}

/** A name that no other test has. */
const freshName = (): string => crypto.randomUUID()

describe("a lazy Hawser", () => {
  it("reads no setting and opens no database before it is asked for", async () => {
    const database = await createDatabase()
    const options = vi.fn<() => HawserOptions>(() =>
      settings({ store: postgres({ url: database.url }) })
    )
    const hawser = lazyHawser(freshName(), options)
    const schemas = () => query(database.url, "SELECT 1 FROM pg_namespace WHERE nspname = 'hawser'")
    expect(await schemas()).toHaveLength(0)
    expect(options).not.toHaveBeenCalled()

    await closedAfterwards(hawser())
    expect(await schemas()).toHaveLength(1)
  })

  it("is one in the process, however often it is asked for at once and its module is copied", async () => {
    const copied = (await import(copyOfModule)) as { lazyHawser: typeof lazyHawser }
    expect(copied.lazyHawser).not.toBe(lazyHawser)
    const name = freshName()
    const options = vi.fn<() => HawserOptions>(() => settings())
    const here = lazyHawser(name, options)
    const there = copied.lazyHawser(name, options)

    const [first, ...others] = await Promise.all([here(), there(), here(), there()])
    onTestFinished(() => first.close())
    expect(others).toEqual([first, first, first])
    expect(options).toHaveBeenCalledTimes(1)
    expect(await there()).toBe(first)
  })

  it("is another one by another name", async () => {
    const one = await closedAfterwards(lazyHawser(freshName(), () => settings())())
    const other = await closedAfterwards(lazyHawser(freshName(), () => settings())())
    expect(one).not.toBe(other)
  })

  it("is started again after a start that failed", async () => {
    const options = vi
      .fn<() => HawserOptions | Promise<HawserOptions>>()
      .mockImplementationOnce(() => settings({ encryptionKey: undefined }))
      .mockImplementationOnce(() => Promise.reject(new Error("no secrets yet")))
      .mockImplementation(() => settings())
    const hawser = lazyHawser(freshName(), options)
    const starts = [hawser(), hawser()]
    await expect(starts[0]).rejects.toThrow("encryptionKey")
    await expect(starts[1]).rejects.toThrow("encryptionKey")
    await expect(hawser()).rejects.toThrow("no secrets yet")
    expect(await (await closedAfterwards(hawser())).catalog()).toEqual([])
    expect(options).toHaveBeenCalledTimes(3)
  })

  it("is given to nobody before what is to be called at its start is done", async () => {
    const done: Array<string> = []
    const hawser = lazyHawser(
      freshName(),
      () => settings(),
      async ({ catalog }) => {
        await catalog()
        done.push("started")
      }
    )
    await closedAfterwards(hawser())
    await hawser()
    expect(done).toEqual(["started"])
  })

  it("is closed and started again if what is to be called at its start fails", async () => {
    const seen: Array<Hawser> = []
    const hawser = lazyHawser(
      freshName(),
      () => settings(),
      (started) => {
        seen.push(started)
        if (seen.length === 1) throw new Error("not yet")
      }
    )
    await expect(hawser()).rejects.toThrow("not yet")
    await expect(seen[0]?.catalog()).rejects.toThrow()
    expect(await (await closedAfterwards(hawser())).catalog()).toEqual([])
  })

  it("starts again after it was closed, and a second close does not touch the new one", async () => {
    const hawser = lazyHawser(freshName(), () => settings())
    const first = await hawser()
    await first.close()
    const second = await closedAfterwards(hawser())
    expect(second).not.toBe(first)
    await first.close()
    expect(await hawser()).toBe(second)
    expect(await second.catalog()).toEqual([])
  })
})
