import { describe, expect, it } from "@effect/vitest"
import { CredentialStore, type Store, StorageUnavailable } from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Cause, Effect, Exit, Layer } from "effect"
import { inspect } from "node:util"
import { connectWithCredential, freshTenant } from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { proxy } from "./support/proxy.ts"

const canary = "canary-password-5d1c"

const failureOf = (store: Store) => Effect.flip(Effect.scoped(Layer.build(store.layer)))

/** Everything that a log could make of an error. */
const printed = (error: unknown): string =>
  [String(error), inspect(error, { depth: 20 }), JSON.stringify(error)].join("\n")

describe("The start", () => {
  it.live("with an unreachable server fails with StorageUnavailable and shows no password", () =>
    Effect.gen(function* () {
      const error = yield* failureOf(
        postgres({ url: `postgres://ann:${canary}@127.0.0.1:1/hawser` })
      )
      expect(error._tag).toBe("StorageUnavailable")
      expect(printed(error)).not.toContain(canary)
    })
  )

  it.live.each([undefined, "", "localhost", `mysql://ann:${canary}@db/x`, `ann:${canary}@db:5432`])(
    "with a URL that is none says what to set, without the value",
    (url) =>
      Effect.gen(function* () {
        const error = yield* failureOf(postgres({ url }))
        expect(error.message).toMatch(/^postgres\.url: set it to a URL like postgres:/)
        expect(printed(error)).not.toContain(canary)
      })
  )

  it.live("with a database that is not there says so", () =>
    Effect.gen(function* () {
      const url = new URL(yield* freshDatabase)
      url.pathname = "/no_such_database"
      const error = yield* failureOf(postgres({ url: url.href }))
      expect(error.message).toBe("postgres.url: the server has no database of this name; create it")
    })
  )
})

describe("A store whose database refuses a value", () => {
  it.live("S-125 has a defect, and no outage that would be waited for", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      yield* Effect.gen(function* () {
        const credentials = yield* CredentialStore
        const { with: connected, ...key } = yield* connectWithCredential(freshTenant())
        const id = `${connected.credentialId}\0` as typeof connected.credentialId
        const exit = yield* Effect.exit(credentials.find({ ...key, id }))
        expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
      }).pipe(Effect.provide(postgres({ url }).layer))
    })
  )
})

describe("A store whose database went away", () => {
  it.live("answers StorageUnavailable, which may be retried and quotes no value", () =>
    Effect.gen(function* () {
      const server = yield* proxy(yield* freshDatabase)
      yield* Effect.gen(function* () {
        const tenant = freshTenant()
        const { with: connected, ...key } = yield* connectWithCredential(tenant)
        yield* server.cut
        const credentials = yield* CredentialStore
        const error = yield* Effect.flip(credentials.find({ ...key, id: connected.credentialId }))
        expect(error).toBeInstanceOf(StorageUnavailable)
        expect(error.message).toBe("The store cannot be reached. Try again.")
        expect(printed(error)).not.toContain(tenant)
      }).pipe(Effect.provide(postgres({ url: server.url }).layer))
    })
  )
})
