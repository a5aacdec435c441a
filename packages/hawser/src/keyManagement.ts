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
 * A key management service, for hosts without Effect. What rejects, or does not answer within `hookTimeoutMs`, counts as
 * unreachable: the call in question fails with `StorageUnavailable` and may be made again.
 */
export interface KeyManagementPromise {
  /** What names the key that `wrap` uses. Stored with each value; another name here is a new key (`rotateKeys`). */
  readonly primaryKeyId: string
  /** Wraps the 32 bytes of a data key under the primary key, bound to the context, which `unwrap` is given again. */
  readonly wrap: (
    dataKey: Uint8Array,
    context: Uint8Array,
    signal: AbortSignal
  ) => Promise<Uint8Array>
  /** The data key; undefined if the service is there and refuses: an unknown key, another context, changed bytes. */
  readonly unwrap: (
    wrapped: { readonly keyId: string; readonly bytes: Uint8Array },
    context: Uint8Array,
    signal: AbortSignal
  ) => Promise<Uint8Array | undefined>
}

/** The keys of the options: exactly one of the two. */
export interface KeyOptions {
  /** 32 random bytes, as base64 or hex. Of several the first seals and all open. */
  readonly encryptionKey?: string | undefined | readonly [string, ...ReadonlyArray<string>]
  /** A key management service in place of `encryptionKey`. */
  readonly keyManagement?: KeyManagementPromise
}

const asked = <A>(hook: string, call: HostFunction<A>["call"], read: HostFunction<A>["read"]) =>
  Effect.mapError(
    askHost({ hook: `keyManagement.${hook}`, call, read }),
    (cause) => new KeysUnavailable({ cause })
  )

const bytesOf = (answer: unknown): Uint8Array => {
  if (answer instanceof Uint8Array) return answer
  throw new UnusableAnswer("Answer a Uint8Array.")
}

/** The port over a host's promises. */
const overPromises = (keys: KeyManagementPromise): KeyManagement["Service"] => ({
  primaryKeyId: keys.primaryKeyId,
  wrap: (dataKey, context) =>
    asked("wrap", (signal) => keys.wrap(dataKey, context, signal), bytesOf),
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
