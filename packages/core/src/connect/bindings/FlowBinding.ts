import type { Effect } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import type { Binding, BurnedFlow, Principal, Secret } from "../../model/index.ts"
import type { RedirectBinding } from "../../services/index.ts"

/**
 * The page that a call comes from: one of the host's list, one that the host admitted otherwise, or one that has nothing for it
 * but the redirect URL, which is of its own origin.
 */
export type BeginningPage = "listed" | "admitted" | "of_redirect"

/** Who a host says is signed in; undefined if it gave no answer that can be used. */
export type SignedIn = Principal | "nobody" | undefined

/** What the browser brought to the callback: nothing in it is trusted but the state and the browser's secret. */
export interface CallbackInput {
  readonly parameters: URLSearchParams
  /** Whether they came in a form, by POST (OAuth 2.0 Form Post Response Mode). */
  readonly isPosted: boolean
  /** What the path ends in if it is a tenant's own redirect URI. */
  readonly context?: string | undefined
  /** The secret of the flow's cookie, if the browser sent one. */
  readonly browserSecret: (flowTag: string) => string | undefined
  /** Who the host says is signed in here; left out if the host has said nothing of sessions. */
  readonly session?: Effect.Effect<SignedIn> | undefined
}

/** What the callback of a flow proves of the person behind the browser. */
export type Proof =
  | { readonly _tag: "Proven" }
  /** Nobody is signed in at the host any more: the page where the flow ends may be told so, and nothing else. */
  | { readonly _tag: "SessionExpired" }
  /** Somebody else's browser or session. Both texts are for the log. */
  | { readonly _tag: "Refused"; readonly problem: string; readonly expected: string }

export const proven: Proof = { _tag: "Proven" }

/** What binds a flow to the person who began it, so that nobody else can finish it (RFC 9700 §4.7). */
export interface FlowBinding {
  readonly name: Binding
  /**
   * Whether the page may begin a flow. One that is not of the host's list may be run by anybody: the browser that it begins in
   * proves nothing, and the flow's end may come into the hands of another person.
   */
  readonly mayBegin: (page: BeginningPage, allowed: RedirectBinding) => boolean
  /** The secret that only the browser that begins has; undefined if the binding needs none. */
  readonly start: Effect.Effect<Secret | undefined, never, SecureRandom.SecureRandom>
  /** Compares what came back with how the flow began. */
  readonly prove: (
    flow: BurnedFlow,
    callback: CallbackInput
  ) => Effect.Effect<Proof, never, Digest.Digest>
  /** Whether the callback redeems the code, or keeps it for a call of the person who began. */
  readonly end: "redeem" | "park"
}
