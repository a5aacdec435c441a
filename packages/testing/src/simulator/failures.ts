/** What a vendor can be told to do wrong, once or a few times. */
export type Failure =
  /** Answers as ever, that many milliseconds later. */
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "status"; readonly status: number }
  /** An answer of the test's own, in JSON. */
  | { readonly kind: "answer"; readonly status: number; readonly body?: unknown }
  /** 429, with the seconds to wait in `Retry-After`. */
  | { readonly kind: "rate_limited"; readonly retryAfter: number }
  /** The token or code is dead, in the vendor's own words. */
  | { readonly kind: "invalid_grant" }
  /** A refresh that the vendor cannot answer for now: in its own words where it has some, else 503. */
  | { readonly kind: "busy" }
  /** No answer: the connection is cut, and in process `handle` throws. */
  | { readonly kind: "reset" }
  /** An answer in which numbers are strings, and strings numbers. */
  | { readonly kind: "wrong_types" }
  /** Grants these scopes of those asked for; default all but the last. */
  | { readonly kind: "partial_scopes"; readonly scopes?: ReadonlyArray<string> }
  /** It is another account that consents, or that answers. */
  | { readonly kind: "other_account" }
  /** The consent covers another account besides: the vendor's list of accounts has both, at `discovery`. */
  | { readonly kind: "several_accounts" }
  /** What is issued lies that many seconds in the past, and so is over already. Default: its whole lifetime. */
  | { readonly kind: "clock_skew"; readonly seconds?: number }
  /** The person says no, at `authorize`. */
  | { readonly kind: "access_denied"; readonly error?: string }

/** No answer came, as `reset` was asked for. */
export class ConnectionReset extends Error {
  readonly code = "ECONNRESET"
  override get message(): string {
    return "The simulated vendor cut the connection."
  }
}

/** The failures that wait, by vendor and kind of request, each with how often it is still to come. */
export class FailureQueue {
  readonly #waiting: Array<{
    readonly vendor: string
    readonly request: string
    readonly failure: Failure
    times: number
  }> = []

  add(vendor: string, request: string, failure: Failure, times: number): void {
    if (times > 0) this.#waiting.push({ vendor, request, failure, times })
  }

  /** The oldest one for a request of these kinds. */
  take(vendor: string, requests: ReadonlyArray<string>): Failure | undefined {
    const index = this.#waiting.findIndex(
      (one) => one.vendor === vendor && requests.includes(one.request)
    )
    const found = this.#waiting[index]
    if (found === undefined) return undefined
    found.times -= 1
    if (found.times === 0) this.#waiting.splice(index, 1)
    return found.failure
  }
}

/** The same JSON with other types at its leaves. */
export const withWrongTypes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withWrongTypes)
  if (typeof value === "string") return value.length
  if (typeof value === "number" || typeof value === "boolean") return `${value}, as a text`
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, withWrongTypes(inner)])
      )
    : {}
}
