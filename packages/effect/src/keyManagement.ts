import {
  askHost,
  ConfigurationError,
  DecryptionFailed,
  type HostFunction,
  KeyManagement,
  KeysUnavailable,
  LocalKeyring,
  Secret,
  UnusableAnswer
} from "@hawser/core"
import { Effect, Layer } from "effect"

/**
 * A key management service. A function that rejects, or does not answer within `hookTimeout`,
 * counts as unreachable: the call fails with `StorageUnavailable`, and you can repeat it.
 */
export interface KeyManagementPromise {
  /** The id of the key that `wrap` uses. It is stored with each value; a changed id means a new key (`rotateKeys`). */
  readonly primaryKeyId: string
  /** Wraps the 32 bytes of a data key under the primary key, bound to the context. `unwrap` gets the same context. */
  readonly wrap: (
    dataKey: Uint8Array,
    context: Uint8Array,
    signal: AbortSignal
  ) => Promise<Uint8Array>
  /** Returns the data key; undefined if the service refuses: an unknown key, another context, or changed bytes. */
  readonly unwrap: (
    wrapped: { readonly keyId: string; readonly bytes: Uint8Array },
    context: Uint8Array,
    signal: AbortSignal
  ) => Promise<Uint8Array | undefined>
}

/** The keys of the options: exactly one of the two. */
export interface KeyOptions {
  /** 32 random bytes, as base64 or hex. With several keys, the first seals and all of them open. */
  readonly encryptionKey?: string | undefined | readonly [string, ...ReadonlyArray<string>]
  /** A key management service instead of `encryptionKey`. */
  readonly keyManagement?: KeyManagementPromise
}

const asked = <A>(hook: string, call: HostFunction<A>["call"], read: HostFunction<A>["read"]) =>
  Effect.mapError(
    askHost({ hook: `keyManagement.${hook}`, call, read }),
    (cause) => new KeysUnavailable({ cause })
  )

const checkBytes = (answer: unknown): Uint8Array => {
  if (answer instanceof Uint8Array) return answer
  throw new UnusableAnswer("Answer a Uint8Array.")
}

/** The service over the host's promises. */
const overPromises = (keys: KeyManagementPromise): KeyManagement["Service"] => ({
  primaryKeyId: keys.primaryKeyId,
  wrap: (dataKey, context) =>
    asked("wrap", (signal) => keys.wrap(dataKey, context, signal), checkBytes),
  unwrap: (wrapped, context) =>
    Effect.flatMap(
      asked(
        "unwrap",
        (signal) => keys.unwrap(wrapped, context, signal),
        (answer) => (answer instanceof Uint8Array ? answer : undefined)
      ),
      (dataKey) =>
        dataKey === undefined
          ? Effect.fail(new DecryptionFailed({ reason: "not_authentic" }))
          : Effect.succeed(dataKey)
    )
})

/** The keys that the host chose. */
export const keyManagementLayer = ({ encryptionKey, keyManagement }: KeyOptions) => {
  if (keyManagement === undefined) {
    const [first, ...others] = typeof encryptionKey === "object" ? encryptionKey : [encryptionKey]
    return LocalKeyring.layer({ keys: [Secret(first ?? ""), ...others.map(Secret)] })
  }
  return Layer.effect(
    KeyManagement,
    encryptionKey === undefined
      ? Effect.succeed(overPromises(keyManagement))
      : new ConfigurationError({
          setting: "keyManagement",
          problem: "Set either encryptionKey or keyManagement, not both."
        })
  )
}
