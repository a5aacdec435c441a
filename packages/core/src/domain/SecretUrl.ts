import type { Brand } from "effect"
import type { AuthorizationServerSnapshot } from "./Flow.ts"

/**
 * A URL that a secret may be sent to: the definition has it, what stands in it is what the definition takes, and the host's
 * lock has approved both. Only `secretUrl` makes one.
 */
export type SecretUrl = string & Brand.Brand<"SecretUrl">

/** The server as this tenant reaches it by the definition of now. Secrets may go to its URLs. */
export interface CheckedServer extends AuthorizationServerSnapshot {
  readonly authorizationEndpoint: SecretUrl
  readonly tokenEndpoint: SecretUrl
  readonly introspectionEndpoint?: SecretUrl
  readonly tokenExchangeEndpoint?: SecretUrl
  readonly pushedAuthorizationRequestEndpoint?: SecretUrl
}
