import {
  ConfigurationError,
  configuredDefinition,
  type EndpointChange,
  endpointChanges,
  EndpointLock,
  lockedEndpoints,
  lockEndpoints,
  type ProviderConfig,
  type ProviderDefinition
} from "@hawser/core"
import { Effect, Schema } from "effect"
import { readFile, rename, writeFile } from "node:fs/promises"

/** The options of the lock file. */
export interface EndpointLockOptions {
  /** The file's path, absolute or relative to the working directory. Commit the file beside your code. */
  readonly path: string
  /**
   * What to do with a configured provider that is not in the file. `add` writes it there, on a developer's machine. By
   * default, and on any other machine, the start is refused.
   */
  readonly onNewProvider?: "add" | "refuse"
}

const setting = "endpointLock"
const refuse = (problem: string) => new ConfigurationError({ setting, problem })

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(EndpointLock), {
  onExcessProperty: "error"
})

const fileErrorCode = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown"

/** Undefined if there is no such file. */
const readLockFile = Effect.fnUntraced(function* (path: string) {
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: fileErrorCode
  }).pipe(
    Effect.catch((code) =>
      code === "ENOENT"
        ? Effect.undefined
        : Effect.fail(refuse(`${path} cannot be read (${code}).`))
    )
  )
  if (text === undefined) return undefined
  return yield* Effect.mapError(decode(text), ({ message }) =>
    refuse(`${path} is not a lock file of Hawser's: ${message}`)
  )
})

/** In one step, so that no process reads half a file. */
const writeLockFile = (path: string, lock: EndpointLock) =>
  Effect.tryPromise({
    try: async () => {
      const half = `${path}.${process.pid}.tmp`
      await writeFile(half, `${JSON.stringify(lock, null, 2)}\n`)
      await rename(half, path)
    },
    catch: fileErrorCode
  })

/** A machine that builds or serves. It approves nothing: that happens on a developer's machine. */
const approvesNothing = (): string | undefined => {
  const { CI, NODE_ENV } = process.env
  if (CI !== undefined && CI !== "" && CI !== "false") return "CI is set"
  return NODE_ENV === "production" ? "NODE_ENV is production" : undefined
}

const writeAtStart = Effect.fnUntraced(function* (
  path: string,
  lock: EndpointLock,
  missing: string
) {
  const reason = approvesNothing()
  if (reason !== undefined) {
    return yield* refuse(
      `${missing}, and ${reason}. Start once on your machine, or call writeEndpointLock, and commit the file.`
    )
  }
  yield* Effect.mapError(writeLockFile(path, lock), (code) =>
    refuse(
      `${missing}, and it cannot be written (${code}). Write it on your machine and deploy it with the code.`
    )
  )
  yield* Effect.logWarning(`${missing}, so it was written. Look at it, and commit it.`)
  return lock
})

const sentence = ({ found, locked, member, provider }: EndpointChange): string =>
  `${provider}.${member} is ${found ?? "not there"} and was approved as ${locked ?? "not there"}.`

const differences = (lock: EndpointLock, definitions: ReadonlyArray<ProviderDefinition>) => {
  const known = definitions.map((definition) => ({
    definition,
    locked: lockedEndpoints(lock, definition.id)
  }))
  return {
    changes: known.flatMap(({ definition, locked }) =>
      locked === undefined ? [] : endpointChanges(locked, definition)
    ),
    added: known.flatMap(({ definition, locked }) => (locked === undefined ? [definition.id] : []))
  }
}

/**
 * Compares the definitions with the host's lock and returns it. The first start on a developer's machine writes it.
 *
 * Fails with `ConfigurationError` if an endpoint differs, a provider is new, or the file is not readable or writable.
 */
export const openEndpointLock = Effect.fnUntraced(function* (
  option: string | EndpointLockOptions,
  definitions: ReadonlyArray<ProviderDefinition>
): Effect.fn.Return<EndpointLock, ConfigurationError> {
  const { onNewProvider = "refuse", path } = typeof option === "string" ? { path: option } : option
  const lock = yield* readLockFile(path)
  if (lock === undefined)
    return yield* writeAtStart(path, lockEndpoints(undefined, definitions), `${path} is not there`)

  const { added, changes } = differences(lock, definitions)
  const ids = [...new Set(changes.map(({ provider }) => provider))]
  if (ids.length > 0) {
    return yield* refuse(
      `${changes.map(sentence).join(" ")} Credentials would be sent there. If the vendor itself says so, approve ${ids.join(", ")} with writeEndpointLock; if not, do not start.`
    )
  }
  if (added.length === 0) return lock
  const names = added.join(", ")
  if (onNewProvider === "refuse") {
    return yield* refuse(
      `${path} does not have ${names}. Look at the endpoints, and approve them with writeEndpointLock.`
    )
  }
  const unlocked = definitions.filter(({ id }) => added.includes(id))
  return yield* writeAtStart(path, lockEndpoints(lock, unlocked), `${path} does not have ${names}`)
})

/** What the lock file and the definitions of now disagree about. */
export interface EndpointComparison {
  /** Whether there is such a file. */
  readonly isThere: boolean
  readonly changes: ReadonlyArray<EndpointChange>
  /** The providers that are not in the file. */
  readonly added: ReadonlyArray<string>
}

/**
 * Compares the current endpoints of these providers with the lock file, and changes nothing.
 *
 * Rejects with `ConfigurationError` if a definition is invalid, or the file is not readable.
 *
 * @example
 * import { compareEndpointLock } from "@hawser/effect"
 * import { datadog } from "@hawser/providers"
 *
 * const { changes } = await compareEndpointLock("hawser.lock.json", [datadog()])
 */
export const compareEndpointLock = (
  path: string,
  providers: ReadonlyArray<ProviderConfig>
): Promise<EndpointComparison> =>
  Effect.gen(function* () {
    const definitions = yield* Effect.forEach(providers, configuredDefinition)
    const lock = yield* readLockFile(path)
    return {
      isThere: lock !== undefined,
      ...(lock === undefined
        ? { changes: [], added: definitions.map(({ id }) => id) }
        : differences(lock, definitions))
    }
  }).pipe(Effect.runPromise)

/**
 * Approves the current endpoints of these providers: writes them into the lock file, and leaves other providers as they
 * are. Returns the changes, to be reviewed.
 *
 * Rejects with `ConfigurationError` if a definition is invalid, or the file is not readable or writable.
 *
 * @example
 * import { writeEndpointLock } from "@hawser/effect"
 * import { datadog } from "@hawser/providers"
 *
 * const changes = await writeEndpointLock("hawser.lock.json", [datadog()])
 */
export const writeEndpointLock = (
  path: string,
  providers: ReadonlyArray<ProviderConfig>
): Promise<ReadonlyArray<EndpointChange>> =>
  Effect.gen(function* () {
    const definitions = yield* Effect.forEach(providers, configuredDefinition)
    const lock = yield* readLockFile(path)
    yield* Effect.mapError(writeLockFile(path, lockEndpoints(lock, definitions)), (code) =>
      refuse(`${path} cannot be written (${code}).`)
    )
    return definitions.flatMap((definition) =>
      endpointChanges((lock && lockedEndpoints(lock, definition.id)) ?? {}, definition)
    )
  }).pipe(Effect.runPromise)
