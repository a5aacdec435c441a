import { Console } from "node:console"
import { Writable } from "node:stream"
import fastify from "fastify"
import { createHawser, defineProvider, type HawserOptions, memory } from "hawser"
import pino from "pino"
import { assert, describe, it } from "vitest"
import winston from "winston"

/** What a logger wrote, as one text. */
const sink = () => {
  const written: Array<string> = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    }
  })
  return { stream, text: () => written.join("") }
}

/** A host whose handler throws, which is a warning with the event's id, the attempt and the cause. */
const warn = async (options: Pick<HawserOptions, "logger">) => {
  const hawser = await createHawser({
    publicUrl: "https://app.example.com",
    allowedRedirectUrls: ["https://app.example.com/done"],
    authenticate: async () => ({ tenantId: "acme", userId: "ada", roles: ["admin"] }),
    providers: [
      defineProvider(
        {
          id: "forge",
          displayName: "Forge",
          category: "other",
          description: "A forge.",
          authType: "oauth2",
          authorizationEndpoint: "https://forge.example/authorize",
          tokenEndpoint: "https://forge.example/token",
          clientAuthentication: "client_secret_basic",
          defaultScopes: []
        },
        { clientId: "client", clientSecret: "secret" }
      )
    ],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    workers: "off",
    ...options
  })
  try {
    await hawser.on("integration.disconnected", { as: "audit" }, () => {
      throw new Error("the host's own mistake")
    })
    await hawser.admin.import([
      { tenantId: "acme", provider: "forge", connectedBy: "ada", accessToken: "token-1" }
    ])
    await hawser.tenant("acme", { user: "ada" }).connection("forge").disconnect()
    await hawser.tick()
  } finally {
    await hawser.close()
  }
}

const message = /Subscriber audit failed on integration\.disconnected/

/** The one line of JSON that was written about it. */
const lineOf = (text: string): Record<string, unknown> => {
  const lines = text.split("\n").filter((line) => message.test(line))
  assert.lengthOf(lines, 1)
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>
}

const assertDetails = (line: Record<string, unknown>) => {
  assert.match(String(line["eventId"]), /^evt_[0-9A-Z]{26}$/)
  assert.strictEqual(line["attempt"], 1)
  assert.match(String(line["cause"]), /the host's own mistake\n +at /)
}

/** Nothing that is not in one of the details may stand in the text, if a logger has them. */
const assertPlain = (text: unknown) => {
  assert.match(String(text), message)
  assert.notInclude(String(text), "evt_")
}

describe("a logger of the host's gets a line's text and all of its details", () => {
  it("pino", async () => {
    const { stream, text } = sink()
    await warn({ logger: pino(stream) })
    const line = lineOf(text())
    assertDetails(line)
    assertPlain(line["msg"])
    assert.strictEqual(line["level"], 40)
  })

  it("a child of pino's", async () => {
    const { stream, text } = sink()
    await warn({ logger: pino(stream).child({ module: "hawser" }) })
    const line = lineOf(text())
    assertDetails(line)
    assert.strictEqual(line["module"], "hawser")
  })

  it("Fastify's app.log", async () => {
    const { stream, text } = sink()
    const app = fastify({ logger: { stream } })
    await warn({ logger: app.log })
    await app.close()
    const line = lineOf(text())
    assertDetails(line)
    assertPlain(line["msg"])
  })

  it("winston, and a child of it", async () => {
    for (const childOf of [
      (logger: winston.Logger) => logger,
      (logger: winston.Logger) => logger.child({ module: "hawser" })
    ]) {
      const { stream, text } = sink()
      const logger = winston.createLogger({
        format: winston.format.json(),
        transports: [new winston.transports.Stream({ stream })]
      })
      await warn({ logger: childOf(logger) })
      const line = lineOf(text())
      assertDetails(line)
      assertPlain(line["message"])
      assert.strictEqual(line["level"], "warn")
    }
  })

  it("a console", async () => {
    const { stream, text } = sink()
    await warn({ logger: new Console(stream) })
    assert.match(text(), message)
    assert.match(text(), /eventId: 'evt_[0-9A-Z]{26}'/)
    assert.match(text(), /the host's own mistake/)
    assert.lengthOf(text().match(/evt_/g) ?? [], 1)
  })

  it("one of its own that takes the text first", async () => {
    const calls: Array<readonly [string, object]> = []
    const note = (text: string, details: object) => void calls.push([text, details])
    await warn({ logger: { messageFirst: { info: note, warn: note, error: note } } })
    const [text, details] = calls.find(([one]) => message.test(one)) ?? []
    assertPlain(text)
    assertDetails({ ...details })
  })

  it("one of its own that takes the details first", async () => {
    const calls: Array<readonly [object, string]> = []
    const note = (details: object, text: string) => void calls.push([details, text])
    await warn({ logger: { detailsFirst: { info: note, warn: note, error: note } } })
    const [details, text] = calls.find(([, one]) => message.test(one)) ?? []
    assertPlain(text)
    assertDetails({ ...details })
  })

  it("one around pino that nobody has described", async () => {
    const { stream, text } = sink()
    const inner = pino(stream)
    const passOn =
      (level: "info" | "warn" | "error") =>
      (...line: ReadonlyArray<unknown>) =>
        void Reflect.apply(inner[level], inner, line)
    await warn({ logger: { info: passOn("info"), warn: passOn("warn"), error: passOn("error") } })
    const line = lineOf(text())
    assert.match(String(line["msg"]), /"eventId":"evt_[0-9A-Z]{26}".*the host's own mistake/)
  })
})
