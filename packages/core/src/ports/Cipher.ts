import type { Effect } from "effect"
import { Context } from "effect"
import type { DecryptionFailed } from "../domain/Errors.ts"
import type { SealContext, Sealed, Secret } from "../domain/Sealed.ts"

/** Seals secrets for the store and opens them again, bound to where they belong (S-41, S-42). */
export class Cipher extends Context.Service<
  Cipher,
  {
    readonly seal: (secret: Secret, context: SealContext) => Effect.Effect<Sealed>
    readonly open: (sealed: Sealed, context: SealContext) => Effect.Effect<Secret, DecryptionFailed>
  }
>()("@hawser/core/Cipher") {}
