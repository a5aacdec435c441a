import { type Brand, Redacted } from "effect"
import type { ProviderId, TenantId } from "./Ids.ts"

/** Ciphertext in Hawser's envelope. Only a `Cipher` makes one, so only sealed values can be stored. */
export type Sealed = Uint8Array & Brand.Brand<"Sealed">

/**
 * Where a sealed value belongs. It is authenticated with the ciphertext, so that a value moved to another row, tenant,
 * provider or column does not open (S-42).
 */
export interface SealContext {
  readonly tenantId: TenantId
  readonly provider: ProviderId
  readonly recordId: string
  readonly field: string
}

/** A secret in the process: prints as `<redacted>` everywhere (S-47). */
export type Secret = Redacted.Redacted<string>
export const Secret = (value: string): Secret => Redacted.make(value)
