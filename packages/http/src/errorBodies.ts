import { FlowFailure, IntegrationId } from "@hawser/core"
import { Schema } from "effect"

/**
 * Error bodies as the wire has them: flat, `{"error": "<machine code>", "message": "<text for a person>"}`. The typed
 * client fails with these; what the programs fail with is turned into them by `errorAnswer.ts`.
 */

const text = {
  message: Schema.String.annotate({ description: "Text for a person. It may change." }),
  requestId: Schema.optionalKey(
    Schema.String.annotate({ description: "What the server's log has about this call." })
  )
}

const answer = (httpApiStatus: number, description: string) => ({ httpApiStatus, description })

const details = Schema.optionalKey(
  Schema.Array(Schema.Struct({ path: Schema.String, code: Schema.String })).annotate({
    description:
      "Where, and what is wrong there: `missing`, `unknown`, `invalid` or `not_allowed`. Never a value that was sent."
  })
)

export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(
  {
    error: Schema.Literal("validation_error"),
    ...text,
    details
  },
  answer(400, "`validation_error`: the request breaks the contract; `details` says where.")
) {}

/** The same words that the callback gives a page. */
const flowFailure = (word: Schema.Codec<FlowFailure>) =>
  Schema.optionalKey(
    word.annotate({
      description:
        "Why the flow did not connect: a word of the closed list that the callback gives a page as `error`."
    })
  )

/** What `complete` answers where the request breaks the contract, or the flow gave no connection. */
export class FlowRefused extends Schema.Error<FlowRefused>("FlowRefused")(
  {
    error: Schema.Literal("validation_error"),
    ...text,
    details,
    reason: flowFailure(FlowFailure)
  },
  answer(
    400,
    "`validation_error`: the request breaks the contract, and `details` says where; or the flow did not connect, and `reason` says why."
  )
) {}

const conflicts = Schema.Literals(["already_connected", "account_already_connected"])
const conflictText =
  "`already_connected`: it is connected. `account_already_connected`: the same owner is connected with this account under another name; `integrationId` says which."
const twin = Schema.optionalKey(
  IntegrationId.annotate({ description: "The connection that the account has already." })
)

export class FlowConflict extends Schema.Error<FlowConflict>("FlowConflict")(
  { error: conflicts, ...text, integrationId: twin, reason: flowFailure(conflicts) },
  answer(409, conflictText)
) {}

/** What `complete` answers if the consent covers several accounts. */
export class AccountChoice extends Schema.Error<AccountChoice>("AccountChoice")(
  {
    error: Schema.Literal("account_choice_required"),
    ...text,
    flowId: Schema.String.annotate({
      description: "For the next call, in place of the one that was sent. It works once."
    }),
    choices: Schema.Array(
      Schema.Struct({
        id: Schema.String.annotate({ description: "What to send as `account`." }),
        label: Schema.String.annotate({ description: "What a person knows the account by." })
      })
    )
  },
  answer(
    409,
    "`account_choice_required`: the consent covers several accounts. Show `choices`, and send `flowId` and the `id` of one as `account`."
  )
) {}

/** What the callback answers where it has no flow to end. */
export class NoFlow extends Schema.Error<NoFlow>("NoFlow")(
  {
    error: Schema.Literal("validation_error"),
    ...text,
    details: Schema.optionalKey(
      Schema.Array(Schema.Struct({ path: Schema.String, code: Schema.String }))
    ),
    startUrl: Schema.optionalKey(
      Schema.String.annotate({
        description:
          "Where an installation that was begun at the provider is finished: a page of the application."
      })
    )
  },
  answer(
    400,
    "`validation_error`: there is no valid flow. Where an installation was begun at the provider, `startUrl` says where to finish it."
  )
) {}

export class UnauthorizedBody extends Schema.Error<UnauthorizedBody>("Unauthorized")(
  { error: Schema.Literal("unauthorized"), ...text },
  answer(401, "`unauthorized`: no valid access token came with the call.")
) {}

export class ForbiddenBody extends Schema.Error<ForbiddenBody>("Forbidden")(
  { error: Schema.Literal("forbidden"), ...text },
  answer(
    403,
    "`forbidden`: the caller lacks the role, has no tenant, is not the user who owns the connection, acts as another user, or the page's origin is not allowed."
  )
) {}

export class ProviderNotFoundBody extends Schema.Error<ProviderNotFoundBody>("ProviderNotFound")(
  { error: Schema.Literal("provider_not_found"), ...text },
  answer(404, "`provider_not_found`: no such provider is open to the tenant.")
) {}

export class CredentialNotFoundBody extends Schema.Error<CredentialNotFoundBody>(
  "CredentialNotFound"
)(
  { error: Schema.Literal("credential_not_found"), ...text },
  answer(404, "`credential_not_found`: the owner has no such API key for this provider.")
) {}

export class FlowNotFoundBody extends Schema.Error<FlowNotFoundBody>("FlowNotFound")(
  { error: Schema.Literal("flow_not_found"), ...text },
  answer(404, "`flow_not_found`: the caller has no such flow, or it was used or has expired.")
) {}

export class IntegrationNotFoundBody extends Schema.Error<IntegrationNotFoundBody>(
  "IntegrationNotFound"
)(
  { error: Schema.Literal("integration_not_found"), ...text },
  answer(404, "`integration_not_found`: no such integration, or not for this caller.")
) {}

export class CredentialInUseBody extends Schema.Error<CredentialInUseBody>("CredentialInUse")(
  { error: Schema.Literal("credential_in_use"), ...text },
  answer(409, "`credential_in_use`: an integration is connected with this API key.")
) {}

export class AccountConflict extends Schema.Error<AccountConflict>("AccountConflict")(
  {
    error: Schema.Literals(["account_mismatch", "account_already_connected"]),
    ...text,
    integrationId: twin
  },
  answer(
    409,
    "`account_mismatch`: the API key is of another account than the one that is connected, or was before its provider ended it. `account_already_connected`: the same owner is connected with the key's account under another name; `integrationId` says which."
  )
) {}

export class Conflict extends Schema.Error<Conflict>("Conflict")(
  { error: conflicts, ...text, integrationId: twin },
  answer(409, conflictText)
) {}

export class ContentTooLarge extends Schema.Error<ContentTooLarge>("ContentTooLarge")(
  { error: Schema.Literal("payload_too_large"), ...text },
  answer(413, "`payload_too_large`: the body is larger than 64 KiB.")
) {}

export class UnsupportedMediaTypeBody extends Schema.Error<UnsupportedMediaTypeBody>(
  "UnsupportedMediaType"
)(
  { error: Schema.Literal("unsupported_media_type"), ...text },
  answer(415, "`unsupported_media_type`: the body has another media type than the operation reads.")
) {}

export class CredentialRejectedBody extends Schema.Error<CredentialRejectedBody>(
  "CredentialRejected"
)(
  { error: Schema.Literal("credential_validation_failed"), ...text },
  answer(
    422,
    "`credential_validation_failed`: the provider rejected the API key; nothing was changed."
  )
) {}

export class TooManyRequests extends Schema.Error<TooManyRequests>("TooManyRequests")(
  { error: Schema.Literal("rate_limit_exceeded"), ...text },
  answer(
    429,
    "`rate_limit_exceeded`: too many calls in this minute, too many open flows, or too many stored API keys."
  )
) {}

export class InternalErrorBody extends Schema.Error<InternalErrorBody>("InternalError")(
  { error: Schema.Literal("internal_error"), ...text },
  answer(
    500,
    "`internal_error`: something went wrong on the server; `requestId` finds it in the log."
  )
) {}

export class PrefetchRefusedBody extends Schema.Error<PrefetchRefusedBody>("PrefetchRefused")(
  { error: Schema.Literal("prefetch_refused"), ...text },
  answer(
    503,
    "`prefetch_refused`: a browser fetched the page ahead of its user. The visit itself is served."
  )
) {}

export class Unavailable extends Schema.Error<Unavailable>("Unavailable")(
  { error: Schema.Literals(["authentication_unavailable", "storage_unavailable"]), ...text },
  answer(
    503,
    "`authentication_unavailable`, `storage_unavailable`: something that is needed cannot be reached. Try again."
  )
) {}
