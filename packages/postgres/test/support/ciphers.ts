import { Cipher, CryptoLive, EnvelopeCipher, LocalKeyring, Secret, SecurityLog } from "@hawser/core"
import { Effect, Layer } from "effect"

/** A host's cipher over these keys: the first seals, all open. */
export const cipherWith = (...[first, ...others]: readonly [string, ...ReadonlyArray<string>]) =>
  Effect.service(Cipher).pipe(
    Effect.provide(
      Layer.fresh(EnvelopeCipher.layer).pipe(
        Layer.provide(LocalKeyring.layer({ keys: [Secret(first), ...others.map(Secret)] })),
        Layer.provide(
          Layer.succeed(
            SecurityLog,
            SecurityLog.make(() => {})
          )
        ),
        Layer.provide(CryptoLive)
      )
    )
  )

export const randomKey = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
