import { MemoryStores } from "@hawser/memory"
import { postgres, type Store } from "@hawser/postgres"
import { PgliteClient, PostgresStores } from "@hawser/postgres/effect"
import { randomBytes } from "node:crypto"
import { Layer } from "effect"
import { vi } from "vitest"
import { createPGlite } from "../../../test-support/pglite.ts"
import { query } from "../../../test-support/postgres-query.ts"

/** An empty store, and how an hour passes for its flows. */
export interface TestStore {
  readonly store: Store
  readonly expireFlows: () => Promise<void>
  readonly close: () => Promise<void>
}

const anHour = 3_600_000

/** The database's clock stays where it is; what waits there becomes older. */
const makeOlder = (schema: string) => `UPDATE ${schema}.flow
  SET expires_at = expires_at - interval '1 hour',
    response_expires_at = response_expires_at - interval '1 hour'`

/** The store in memory lives by this process's clock. */
export const inMemory = async (): Promise<TestStore> => ({
  store: { layer: MemoryStores.layer },
  expireFlows: async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + anHour })
  },
  close: async () => void vi.useRealTimers()
})

export const onPGlite = async (): Promise<TestStore> => {
  const database = await createPGlite()
  return {
    store: {
      layer: PostgresStores.layer().pipe(Layer.provide(PgliteClient.layerFrom(database)))
    },
    expireFlows: async () => void (await database.exec(makeOlder("hawser"))),
    close: () => database.close()
  }
}

/** On a server, in a schema of its own. */
export const onPostgres = (url: string) => async (): Promise<TestStore> => {
  const schema = `hawser_${randomBytes(6).toString("hex")}`
  return {
    store: postgres({ url, schema }),
    expireFlows: async () => void (await query(url, makeOlder(schema))),
    close: async () => void (await query(url, `DROP SCHEMA ${schema} CASCADE`))
  }
}
