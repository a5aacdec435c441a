import { Schema } from "effect"

/** Why refreshing does not work for now. None of them ends a connection. */
export const RefreshProblem = Schema.Literals(["provider_unavailable", "misconfigured"])
export type RefreshProblem = typeof RefreshProblem.Type

/**
 * The provider withdrew a grant that cannot be refreshed, as far as its check or its API says. Nothing has ended: the next
 * success brings it back.
 */
export const AccessProblem = Schema.Literal("grant_revoked")
export type AccessProblem = typeof AccessProblem.Type

/** Why the access has ended and only a person can renew it. */
export const EndReason = Schema.Literals([
  /** The provider refused the refresh token: withdrawn at the provider, or unused for too long. */
  "refresh_failed",
  /** A refresh whose answer never arrived was tried once more, and the provider refused the old token. */
  "refresh_interrupted",
  /** The provider said so by its own means (`markRevoked`). */
  "revoked",
  /** The access token has expired and came without a refresh token. */
  "token_expired"
])
export type EndReason = typeof EndReason.Type

/** Why an integration does not work, or why its provider ended it. */
export const IntegrationProblem = Schema.Literals([
  ...RefreshProblem.literals,
  AccessProblem.literal,
  ...EndReason.literals
])
export type IntegrationProblem = typeof IntegrationProblem.Type
