import { Effect, Layer, Redacted } from "effect"
import { createHash } from "node:crypto"
import { Aead, Digest, Mac, SecureRandom } from "effect/crypto"
import {
  CryptoLive,
  EnvelopeCipher,
  LocalKeyring,
  ProviderId,
  type SealContext,
  Secret,
  type SecurityEvent,
  SecurityLog,
  TenantId,
  tenantsOwn
} from "@hawser/core"

/** 32 bytes, the same for each seed on each run. */
export const keyBytes = (seed: number): Uint8Array =>
  new Uint8Array(createHash("sha256").update(`key ${seed}`).digest())

export const keyText = (seed: number): string => Buffer.from(keyBytes(seed)).toString("base64")

/** The context of a value, for tests to change one member of. */
export const sealContext: SealContext = {
  tenantId: TenantId.make("tenant-1"),
  owner: tenantsOwn,
  provider: ProviderId.make("github"),
  recordId: "gnt_1",
  field: "access_token",
  directing: ["default", undefined, ["site", "eu"], ""]
}

/** A security log that is kept, and not read by a person. */
export const recordedSecurityLog = () => {
  const events: Array<SecurityEvent> = []
  return {
    events,
    layer: Layer.succeed(
      SecurityLog,
      SecurityLog.make((event) => events.push(event))
    )
  }
}

/** The primitives over a source of bytes of the test's own. */
export const cryptoOver = (randomBytes: (size: number) => Uint8Array) =>
  Layer.mergeAll(Aead.layerWebCrypto, Digest.layerWebCrypto, Mac.layerWebCrypto).pipe(
    Layer.provideMerge(Layer.succeed(SecureRandom.SecureRandom, SecureRandom.make(randomBytes)))
  )

/** Bytes that count up: a source of "randomness" whose every output is known beforehand. */
export const countingBytes = (): ((size: number) => Uint8Array) => {
  let next = 0
  return (size) => Uint8Array.from({ length: size }, () => next++ % 256)
}

/** A cipher over the keys of these seeds: the first seals, all open. */
export const cipherOf = (
  seeds: readonly [number, ...ReadonlyArray<number>],
  options: { readonly crypto?: typeof CryptoLive } = {}
) => {
  const { events, layer: log } = recordedSecurityLog()
  const [first, ...others] = seeds
  // Fresh: within one scope a Layer is built once, and a second cipher would be the first.
  const layer = Layer.fresh(EnvelopeCipher.layer).pipe(
    Layer.provide(
      LocalKeyring.layer({
        keys: [Secret(keyText(first)), ...others.map((seed) => Secret(keyText(seed)))]
      })
    ),
    Layer.provide(log),
    Layer.provide(options.crypto ?? CryptoLive)
  )
  return { events, layer }
}

/** The text of a secret, for comparing. */
export const revealed = <E, R>(secret: Effect.Effect<Secret, E, R>) =>
  Effect.map(secret, Redacted.value)
