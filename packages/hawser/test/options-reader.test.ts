import { randomBytes } from "node:crypto"
import { createHawser, type HawserOptions, lazyHawser, memory, pagerdutyApiKey } from "hawser"
import { expect, it, onTestFinished } from "vitest"

const options = {
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: ["https://app.example.com/integrations"],
  authenticate: () => Promise.resolve(null),
  providers: [pagerdutyApiKey()],
  store: memory(),
  encryptionKey: randomBytes(32).toString("base64")
} satisfies HawserOptions

const reader = Symbol.for("hawser.optionsReader")

/** As the command line does it, before it imports a host's module. */
const reading = (): ReadonlyArray<() => unknown> => {
  const read: Array<() => unknown> = []
  Object.defineProperty(globalThis, reader, {
    configurable: true,
    value: (given: () => unknown) => void read.push(given)
  })
  onTestFinished(() => void Reflect.deleteProperty(globalThis, reader))
  return read
}

it("while the command line reads options, createHawser gives them and starts nothing", async () => {
  const read = reading()
  let hasStarted = false
  void createHawser(options).then(() => (hasStarted = true))
  expect(read.map((given) => given())).toEqual([options])
  Reflect.deleteProperty(globalThis, reader)
  // One that is called later, and does start, has as much to do.
  await (await createHawser(options)).close()
  expect(hasStarted).toBe(false)
})

it("while the command line reads options, lazyHawser gives its function, which is not called", () => {
  const read = reading()
  let calls = 0
  lazyHawser("read by a command", () => {
    calls++
    return options
  })
  expect(calls).toBe(0)
  expect(read.map((given) => given())).toEqual([options])
})
