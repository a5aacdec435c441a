import type { Registration } from "./Registration.ts"

/** An authorization request that the vendor takes. */
export interface AuthorizationRequest {
  readonly client: Registration
  readonly redirectUri: string
  readonly state: string | undefined
  readonly nonce: string | undefined
  readonly scopes: ReadonlyArray<string>
  readonly userScopes: ReadonlyArray<string>
  readonly challenge: string | undefined
  /** It has what the vendor wants of a request of a connected account. */
  readonly reauthorizes: boolean
}
