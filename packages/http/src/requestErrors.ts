import { TaggedError } from "@hawser/core"

/**
 * Nothing of the contract stands at this path.
 *
 * @fix Compare the path with the contract, and the prefix with `publicUrl` and `basePath`.
 */
export class RouteNotFound extends TaggedError("RouteNotFound") {
  readonly code = "not_found"
  override readonly httpStatus = 404
  override readonly message = "There is nothing at this path."
}

/**
 * The path exists, this method on it does not.
 *
 * @fix Use a method that the header `Allow` names.
 */
export class MethodNotAllowed extends TaggedError("MethodNotAllowed")<{
  readonly allow: string
}> {
  readonly code = "method_not_allowed"
  override readonly httpStatus = 405
  override get message(): string {
    return `This path answers to ${this.allow} only.`
  }
}

/**
 * No caller could be made of the request. The reason is for the security log alone: the answer is always the same.
 *
 * @fix Send a valid access token or session. The host finds the reason in its log and in `onSecurityEvent`.
 */
export class Unauthorized extends TaggedError("Unauthorized")<{
  readonly reason: AuthenticationFailure
}> {
  readonly code = "unauthorized"
  override readonly httpStatus = 401
  override readonly message = "Send a valid access token as `Authorization: Bearer …`."
}

/** Why a caller was not authenticated: words for the security log. */
export type AuthenticationFailure =
  | "no_token"
  | "malformed"
  | "key_in_header"
  | "algorithm"
  | "unknown_key"
  | "signature"
  | "expired"
  | "claim"
  | "no_user"
  | "csrf"
  | "refused_by_host"

/**
 * Callers cannot be told apart at the moment: the keys cannot be loaded, or the host's own function threw.
 *
 * @fix Try again. The host looks at its log: its key set may be out of reach, or its function for callers may fail.
 */
export class AuthenticationUnavailable extends TaggedError("AuthenticationUnavailable")<{
  readonly cause: unknown
}> {
  readonly code = "authentication_unavailable"
  override readonly retryable = true
  override readonly httpStatus = 503
  override readonly message = "Callers cannot be authenticated at the moment. Try again."
}

/**
 * The tenant, or the client's address where no tenant is known, has used up its calls of this minute.
 *
 * @fix Wait `retryAfter` seconds. The host sets the limit with `rateLimit`.
 */
export class RateLimitExceeded extends TaggedError("RateLimitExceeded")<{
  /** Seconds. */
  readonly retryAfter: number
}> {
  readonly code = "rate_limit_exceeded"
  override readonly retryable = true
  override readonly httpStatus = 429
  override readonly message = "Too many calls in this minute. Wait and try again."
}

/**
 * A browser fetches the callback ahead of its user, who may never come: that must not use the flow up.
 *
 * @fix Open the page itself. Nothing was used up.
 */
export class PrefetchRefused extends TaggedError("PrefetchRefused") {
  readonly code = "prefetch_refused"
  override readonly retryable = true
  override readonly httpStatus = 503
  override readonly message = "This page cannot be prefetched. Open it."
}

/**
 * An installation that was begun at the provider came back, and no flow was begun for it here.
 *
 * @fix Open `startUrl` and connect from there.
 */
export class InstallationWithoutFlow extends TaggedError("InstallationWithoutFlow")<{
  readonly displayName: string
  /** The page of the host's where a flow begins. */
  readonly startUrl: string
  /** Somebody else has yet to approve it, or it was changed; undefined for one that can be connected. */
  readonly action: "requested" | "updated" | undefined
}> {
  readonly code = "installation_without_flow"
  override readonly httpStatus = 400
  override get message(): string {
    switch (this.action) {
      case "requested":
        return `This installation waits for an owner's approval at ${this.displayName}. Connect from the application once it is given: open startUrl.`
      case "updated":
        return `This installation was changed at ${this.displayName}. What is connected with it stays connected; to connect it, open startUrl.`
      case undefined:
        return `This installation was begun at ${this.displayName} and needs to be finished from the application: open startUrl.`
    }
  }
}

/**
 * The body is not JSON.
 *
 * @fix Send a JSON object, with `Content-Type: application/json`.
 */
export class UnsupportedMediaType extends TaggedError("UnsupportedMediaType") {
  readonly code = "unsupported_media_type"
  override readonly httpStatus = 415
  override readonly message = "Send a JSON object as `application/json`."
}

/**
 * The body is past 64 KiB.
 *
 * @fix Send a smaller one.
 */
export class PayloadTooLarge extends TaggedError("PayloadTooLarge") {
  readonly code = "payload_too_large"
  override readonly httpStatus = 413
  override readonly message = "The body is larger than 64 KiB."
}

/**
 * The host's own code has read the body and kept nothing of it: a mistake in the host, which no caller can mend.
 *
 * @fix Mount Hawser before what reads bodies, or hand on a copy, as the message says.
 */
export class BodyAlreadyRead extends TaggedError("BodyAlreadyRead") {
  readonly code = "body_already_read"
  override readonly httpStatus = 500
  override readonly message =
    "The body was read before the request came to Hawser. Mount Hawser before what reads bodies, or hand on a copy: `request.clone()`, or on Node `request.body` or `request.rawBody`."
}
