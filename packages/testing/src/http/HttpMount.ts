import type { Role } from "@hawser/core"
import type { TestProvider } from "./provider/startTestProvider.ts"

/** Whom a token is for. */
export interface TokenClaims {
  /** Undefined for a valid user of no tenant. */
  readonly tenantId: string | undefined
  readonly userId: string
  readonly roles: ReadonlyArray<Role>
  /** Somebody else acts as the user: the token has `act` (RFC 8693 §4.1). */
  readonly isImpersonated?: boolean
}

/** A host that runs, and what the HTTP suite needs to know of it. */
export interface HttpMount {
  /** Where the suite reaches the mount: what stands before `/v1/integrations`. */
  readonly baseUrl: string
  /** If there is no server, the handler itself: called in the place of `fetch`, with `baseUrl` whatever it likes. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** A bearer token that the host takes, valid for minutes. */
  readonly mintToken: (claims: TokenClaims) => Promise<string>
  /** From `startTestProvider`; the host was started with its `options`. */
  readonly provider: TestProvider
  /** Lets an hour pass for the flows that wait, parked ones among them. Without it, what expires is not tested. */
  readonly expireFlows?: () => Promise<void>
  /**
   * `bodyPreParsed` where the host reads bodies, as `express.json()` does, before the handler sees them: then what only
   * the bytes show (415, 413, JSON in a form) is the parser's to answer, and not tested.
   */
  readonly profile?: "bodyPreParsed"
  /** Ends the host after the last test. */
  readonly close?: () => Promise<void>
}
