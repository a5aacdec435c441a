import { type ConfigurationError, isObject, type StorageUnavailable } from "@hawser/core"
import { HawserJobsLive } from "@hawser/effect"
import { pglite, postgres } from "@hawser/postgres"
import { inspectPglite, inspectPostgres, type Inspection } from "@hawser/postgres/effect"
import { Effect, Layer, type Scope } from "effect"
import type { HawserOptions, PgliteStoreOptions, PostgresOptions } from "hawser"
import { Problem } from "../Problem.ts"
import { note } from "../terminal.ts"

/** What a host's `postgres(…)` or `pglite(…)` was called with. */
export type HostStore =
  | { readonly kind: "postgres"; readonly options: PostgresOptions }
  | { readonly kind: "pglite"; readonly options: PgliteStoreOptions }

/** The database of the host's options. */
export const storeOf = (store: unknown): Effect.Effect<HostStore, Problem> => {
  const { kind, options } = isObject(store) ? store : {}
  if ((kind === "postgres" || kind === "pglite") && isObject(options)) {
    return Effect.succeed({ kind, options } as unknown as HostStore)
  }
  return Effect.fail(
    kind === "memory"
      ? new Problem({
          code: "store_in_memory",
          problem: "The store is memory(), which nobody sees from outside its process.",
          next: "Use postgres({ url }) or pglite({ dataDir }), also for development."
        })
      : new Problem({
          code: "store_not_readable",
          problem:
            "The store is not one of postgres(…) and pglite(…) of hawser. One of @hawser/effect or of your own layers belongs to your copy of Effect.",
          next: "Export options with postgres({ url }) of hawser as default of a hawser.config.ts, for the command line alone."
        })
  )
}

/** The database, for an operator. Tables are neither made nor changed. */
export const inspect = ({
  store
}: HawserOptions): Effect.Effect<
  Inspection,
  ConfigurationError | Problem | StorageUnavailable,
  Scope.Scope
> =>
  Effect.flatMap(storeOf(store), ({ kind, options }) =>
    // The options of both are checked here, as at the start.
    Effect.try({
      try: () => (kind === "postgres" ? postgres(options) : pglite(options)),
      catch: (error) => error as ConfigurationError
    }).pipe(Effect.andThen(kind === "postgres" ? inspectPostgres(options) : inspectPglite(options)))
  )

/** The same, for commands that read the tables: they must be this release's. */
export const inspectTables = (options: HawserOptions) =>
  Effect.tap(inspect(options), (database) =>
    Effect.flatMap(database.tables, ({ missing, version }) =>
      missing.length === 0
        ? Effect.void
        : new Problem({
            code: "tables_not_current",
            problem:
              version === 0
                ? "The database has no tables of Hawser."
                : `The tables are at version ${version}, which this release cannot read.`,
            next: "Run npx hawser migrate, or give the output of npx hawser sql to your own migrations."
          })
    )
  )

const quiet = {
  info: () => {},
  warn: (text: string) => note(text),
  error: (text: string) => note(text)
}

/** What seals and opens the stored values, without workers, providers or HTTP. The tables have to be there. */
export const vault = ({ encryptionKey, hookTimeout, keyManagement, store }: HawserOptions) =>
  Layer.unwrap(
    Effect.map(storeOf(store), ({ kind, options }) =>
      HawserJobsLive({
        store:
          kind === "postgres"
            ? postgres({ ...options, migrate: "check" })
            : pglite({ ...options, migrate: "check" }),
        providers: [],
        workers: "off",
        logger: quiet,
        ...(encryptionKey !== undefined && { encryptionKey }),
        ...(keyManagement !== undefined && { keyManagement }),
        ...(hookTimeout !== undefined && { hookTimeout })
      })
    )
  )
