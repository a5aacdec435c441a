import { Schema } from "effect"

/**
 * Error bodies as the wire has them: flat, `{"error": "<machine code>", "message": "<text for a person>"}`. The typed
 * client fails with these; what the programs fail with is turned into them by `errorAnswer.ts`.
 */

const text = { message: Schema.String, requestId: Schema.optionalKey(Schema.String) }

export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(
  {
    error: Schema.Literal("validation_error"),
    ...text,
    /** Where, and what is wrong there; never a value that was sent. */
    details: Schema.optionalKey(
      Schema.Array(Schema.Struct({ path: Schema.String, code: Schema.String }))
    )
  },
  { httpApiStatus: 400 }
) {}

export class UnauthorizedBody extends Schema.Error<UnauthorizedBody>("Unauthorized")(
  { error: Schema.Literal("unauthorized"), ...text },
  { httpApiStatus: 401 }
) {}

export class ForbiddenBody extends Schema.Error<ForbiddenBody>("Forbidden")(
  { error: Schema.Literal("forbidden"), ...text },
  { httpApiStatus: 403 }
) {}

export class ProviderNotFoundBody extends Schema.Error<ProviderNotFoundBody>("ProviderNotFound")(
  { error: Schema.Literal("provider_not_found"), ...text },
  { httpApiStatus: 404 }
) {}

export class CredentialNotFoundBody extends Schema.Error<CredentialNotFoundBody>(
  "CredentialNotFound"
)({ error: Schema.Literal("credential_not_found"), ...text }, { httpApiStatus: 404 }) {}

export class FlowNotFoundBody extends Schema.Error<FlowNotFoundBody>("FlowNotFound")(
  { error: Schema.Literal("flow_not_found"), ...text },
  { httpApiStatus: 404 }
) {}

export class IntegrationNotFoundBody extends Schema.Error<IntegrationNotFoundBody>(
  "IntegrationNotFound"
)({ error: Schema.Literal("integration_not_found"), ...text }, { httpApiStatus: 404 }) {}

export class CredentialInUseBody extends Schema.Error<CredentialInUseBody>("CredentialInUse")(
  { error: Schema.Literal("credential_in_use"), ...text },
  { httpApiStatus: 409 }
) {}

export class Conflict extends Schema.Error<Conflict>("Conflict")(
  { error: Schema.Literal("already_connected"), ...text },
  { httpApiStatus: 409 }
) {}

export class ContentTooLarge extends Schema.Error<ContentTooLarge>("ContentTooLarge")(
  { error: Schema.Literal("payload_too_large"), ...text },
  { httpApiStatus: 413 }
) {}

export class UnsupportedMediaTypeBody extends Schema.Error<UnsupportedMediaTypeBody>(
  "UnsupportedMediaType"
)({ error: Schema.Literal("unsupported_media_type"), ...text }, { httpApiStatus: 415 }) {}

export class CredentialRejectedBody extends Schema.Error<CredentialRejectedBody>(
  "CredentialRejected"
)({ error: Schema.Literal("credential_validation_failed"), ...text }, { httpApiStatus: 422 }) {}

export class TooManyRequests extends Schema.Error<TooManyRequests>("TooManyRequests")(
  { error: Schema.Literal("rate_limit_exceeded"), ...text },
  { httpApiStatus: 429 }
) {}

export class InternalErrorBody extends Schema.Error<InternalErrorBody>("InternalError")(
  { error: Schema.Literal("internal_error"), ...text },
  { httpApiStatus: 500 }
) {}

export class Unavailable extends Schema.Error<Unavailable>("Unavailable")(
  { error: Schema.Literals(["authentication_unavailable", "storage_unavailable"]), ...text },
  { httpApiStatus: 503 }
) {}
