import {
  ConfigurationError,
  DecryptionFailed,
  KeyManagement,
  KeysUnavailable,
  LocalKeyring,
  Secret
} from "@hawser/core"
import { Duration, Effect, Layer } from "effect"

/**
 * A key management service, for hosts without Effect. What rejects, or does not answer within ten seconds, counts as
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
  /** The data key; undefined where the service is there and refuses: an unknown key, another context, changed bytes. */
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

const patience = Duration.seconds(10)

const asked = <A>(call: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({
    // A call that throws before it gives a promise fails like one that rejects.
    try: async (signal) => call(signal),
    catch: (cause) => new KeysUnavailable({ cause })
  }).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.fail(new KeysUnavailable({ cause: new Error("no answer in time") }))
    })
  )

/** The port over a host's promises. */
const overPromises = (keys: KeyManagementPromise): KeyManagement["Service"] => ({
  primaryKeyId: keys.primaryKeyId,
  wrap: (dataKey, context) =>
    Effect.filterOrFail(
      asked((signal) => keys.wrap(dataKey, context, signal)),
      (wrapped) => wrapped instanceof Uint8Array,
      () => new KeysUnavailable({ cause: new TypeError("wrap must answer a Uint8Array") })
    ),
  unwrap: (wrapped, context) =>
    Effect.filterOrFail(
      asked((signal) => keys.unwrap(wrapped, context, signal)),
      (dataKey) => dataKey instanceof Uint8Array,
      () => new DecryptionFailed({ reason: "not_authentic" })
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
