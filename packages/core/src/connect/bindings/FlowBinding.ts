import type { Effect } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import type { Binding, BurnedFlow, Principal, Secret } from "../../model/index.ts"
import type { RedirectBinding } from "../../services/index.ts"

/**
 * The page that a call comes from: one on the host's list, one that the host's function admitted, or one whose only proof
 * is that the redirect URL has its origin.
 */
export type BeginningPage = "listed" | "admitted" | "of_redirect"

/** The user who is signed in at the host; undefined if the host's answer was unusable. */
export type SignedIn = Principal | "nobody" | undefined

/** The callback as the browser sent it. Nothing in it is trusted until the state and the browser's secret have been checked. */
export interface CallbackInput {
  readonly parameters: URLSearchParams
  /** Whether the parameters came in a form, by POST (OAuth 2.0 Form Post Response Mode). */
  readonly isPosted: boolean
  /** The last part of the path, if it is a tenant's own redirect URI. */
  readonly context?: string | undefined
  /** The secret of the flow's cookie, if the browser sent one. */
  readonly browserSecret: (flowTag: string) => string | undefined
  /** The user who is signed in at the host; left out if the host has no `resolveSession`. */
  readonly session?: Effect.Effect<SignedIn> | undefined
}

/** The proof that a callback gives about the person at the browser. */
export type Proof =
  | { readonly _tag: "Proven" }
  /** Nobody is signed in at the host any more. The page may learn that, and nothing else. */
  | { readonly _tag: "SessionExpired" }
  /** Another person's browser or session. Both texts are for the log. */
  | { readonly _tag: "Refused"; readonly problem: string; readonly expected: string }

export const proven: Proof = { _tag: "Proven" }

/** Binds a flow to the person who began it, so that nobody else can finish it (RFC 9700 §4.7). */
export interface FlowBinding {
  readonly name: Binding
  /**
   * Whether the page may begin a flow. An attacker may run a page that is not on the host's list, and begin a flow in a
   * victim's browser. Such a page may begin only flows that end with the user's own session.
   */
  readonly mayBegin: (page: BeginningPage, allowed: RedirectBinding) => boolean
  /** The secret of the browser that begins the flow; undefined if the binding needs none. */
  readonly start: Effect.Effect<Secret | undefined, never, SecureRandom.SecureRandom>
  /** Compares the callback with the start of the flow. */
  readonly prove: (
    flow: BurnedFlow,
    callback: CallbackInput
  ) => Effect.Effect<Proof, never, Digest.Digest>
  /**
   * Whether the callback redeems the code, parks it for a call of the user who began the flow, or asks the person at the
   * browser to confirm first.
   */
  readonly end: "redeem" | "park" | "confirm"
}
