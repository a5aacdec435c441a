import { type Brand, Redacted } from "effect"
import type { Part } from "../crypto/canonical.ts"
import type { Owner, ProviderId, TenantId } from "./Ids.ts"

/** Ciphertext in Hawser's envelope. Only a `Cipher` makes one, so only sealed values can be stored. */
export type Sealed = Uint8Array & Brand.Brand<"Sealed">

/**
 * Where a sealed value belongs, and all that decides where it is sent. It is authenticated with the ciphertext: a value that
 * was moved to another row, tenant, provider or column does not open, nor one beside which any of this was changed.
 */
export interface SealContext {
  readonly tenantId: TenantId
  readonly owner: Owner
  readonly provider: ProviderId
  readonly recordId: string
  readonly field: string
  /** What else directs it, in the order that this field has. */
  readonly directing: ReadonlyArray<Part>
}

/** A secret in the process: prints as `<redacted>` everywhere (S-47). */
export type Secret = Redacted.Redacted<string>
export const Secret = (value: string): Secret => Redacted.make(value)
