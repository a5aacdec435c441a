import { createHawser } from "@hawser/effect"
import { startTestProvider } from "@hawser/testing"
import type { IntegrationEvent } from "hawser"
import { readFileSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { makeIssuer } from "./support/issuer.ts"
import { everyRun } from "./support/matrix.ts"
import { type Mount, prefix } from "./support/mounts.ts"
import { Client, type Recording } from "./support/recordedClient.ts"
import { inMemory, onPostgres, type TestStore } from "./support/stores.ts"

/**
 * A client of the public reference and what it was answered by the last commit in which a tenant had one connection to a
 * provider, and no user any. It is not recorded again: whoever changes an answer of it breaks clients that exist.
 */
const recording = JSON.parse(
  readFileSync(new URL("fixtures/recorded-client.json", import.meta.url), "utf8")
) as Recording

const subscribed = ["integration.connected", "integration.disconnected"] as const

const app = "https://app.conformance.example"

const startHost = async (mount: Mount, startStore: () => Promise<TestStore>) => {
  const [provider, { authenticate, mintToken }, { close, store }] = await Promise.all([
    startTestProvider(),
    makeIssuer(),
    startStore()
  ])
  const server = provider.options.providers.flatMap(({ definition }) =>
    "tokenEndpoint" in definition ? new URL(definition.tokenEndpoint).origin : []
  )[0]
  if (server === undefined) throw new Error("The kit has no authorization server.")
  for (const [key, answer] of Object.entries(recording.keys)) provider.answerKey(key, answer)
  const hawser = await createHawser({
    providers: JSON.parse(
      JSON.stringify(recording.providers).replaceAll("<server>", server)
    ) as typeof provider.options.providers,
    allowedRedirectUrls: [
      { url: `${app}/cookie?kept=1`, binding: "cookie" },
      { url: `${app}/complete`, binding: "complete" }
    ],
    rateLimit: 400,
    unsafelyAllowLoopback: true,
    publicUrl: `https://host.conformance.example${prefix}`,
    authenticate,
    store,
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
  })
  const events: Array<IntegrationEvent> = []
  const told = Promise.withResolvers<void>()
  for (const name of subscribed)
    await hawser.on(name, { as: `recorder of ${name}` }, async ({ event }) => {
      events.push(event)
      if (events.length === recording.events.length) told.resolve()
    })
  const mounted = await mount(hawser.handler)
  return {
    server,
    tokenOf: (person: string) => {
      const [tenant, userId = "", ...roles] = person.split(" ")
      return mintToken({
        tenantId: tenant === "-" ? undefined : tenant,
        userId,
        roles: roles.map((role) => (role === "admin" ? role : "member"))
      })
    },
    baseUrl: mounted.baseUrl,
    send: mounted.fetch ?? fetch,
    allEvents: async () => {
      await told.promise
      return events
    },
    close: async () => {
      await mounted.close()
      await hawser.close()
      await Promise.all([close(), provider.close()])
    }
  }
}

const patterns: Readonly<Record<string, string>> = {
  int: "int_[0-9A-HJKMNP-TV-Z]{26}",
  crd: "crd_[0-9A-HJKMNP-TV-Z]{26}",
  evt: "evt_[0-9A-HJKMNP-TV-Z]{26}",
  secret: "[\\w-]{43}",
  time: "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ",
  number: "\\d+",
  text: ".+"
}

const placeholder = /<(\w+)(?: \d+)?>/g

/** Values that come again under a name are the same: of `<int 1>` there is one. */
class Replay {
  readonly #values = new Map<string, string>()

  constructor(server: string) {
    this.#values.set("<server>", server)
  }

  resolve = (text: string): string =>
    text.replaceAll(placeholder, (name) => this.#values.get(name) ?? name)

  /** What of a recorded value is missing in today's, or another. */
  differences(recorded: unknown, today: unknown, path: string): ReadonlyArray<string> {
    if (typeof recorded === "string" && typeof today === "string")
      return this.#isText(recorded, today) ? [] : [`${path}: ${recorded}, and not ${today}`]
    if (Array.isArray(recorded) && Array.isArray(today) && recorded.length === today.length)
      return recorded.flatMap((one, index) =>
        this.differences(one, (today as ReadonlyArray<unknown>)[index], `${path}.${index}`)
      )
    if (isObject(recorded) && isObject(today))
      return Object.entries(recorded).flatMap(([name, one]) =>
        this.differences(one, today[name], `${path}.${name}`)
      )
    return Object.is(recorded, today)
      ? []
      : [`${path}: ${JSON.stringify(recorded)}, and not ${JSON.stringify(today)}`]
  }

  #isText(recorded: string, today: string): boolean {
    const names = [...recorded.matchAll(placeholder)]
    const texts = recorded.split(/<\w+(?: \d+)?>/).map(exactly)
    const pattern = texts.reduce((before, text, index) => {
      const [name = "", kind = ""] = names[index - 1] ?? []
      const known = this.#values.get(name)
      return `${before}(${known === undefined ? patterns[kind] : escaped(known)})${text}`
    })
    const found = new RegExp(`^${pattern}$`, "s").exec(today)
    for (const [index, [name]] of names.entries()) {
      const value = found?.[index + 1]
      if (value !== undefined && /\d>$/.test(name)) this.#values.set(name, value)
    }
    return found !== null
  }
}

const exactly = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

/** As it is, or escaped as in a query. */
const escaped = (text: string): string => [text, encodeURIComponent(text)].map(exactly).join("|")

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const integrationIn = ({ data }: IntegrationEvent): string => data.integrationId

const replayed = (
  [mountName, mount]: readonly [string, Mount],
  storeName: string,
  startStore: () => Promise<TestStore>
): void => {
  describe(`a recorded client of ${mountName} on ${storeName}`, () => {
    it("is answered as it was, with more members at most", { timeout: 60_000 }, async () => {
      const host = await startHost(mount, startStore)
      try {
        const replay = new Replay(host.server)
        const client = new Client({ ...host, resolve: replay.resolve })
        for (const { answer, ...step } of recording.steps)
          expect(replay.differences(answer, await client.play(step), step.title)).toEqual([])

        const events = await host.allEvents()
        expect(events).toHaveLength(recording.events.length)
        // In order for each connection, as one subscriber hears it; the other may be ahead or behind.
        for (const id of new Set(recording.events.map(integrationIn))) {
          for (const name of subscribed) {
            const of = (all: ReadonlyArray<IntegrationEvent>, wanted: string) =>
              all.filter((event) => event.event === name && integrationIn(event) === wanted)
            const today = of(events, replay.resolve(id))
            expect(replay.differences(of(recording.events, id), today, name)).toEqual([])
          }
        }
      } finally {
        await host.close()
      }
    })
  })
}

const database = await createDatabase()
afterAll(database.drop)

for (const mount of everyRun("memory")) replayed(mount, "memory", inMemory)
for (const mount of everyRun("PostgreSQL")) replayed(mount, "PostgreSQL", onPostgres(database.url))
