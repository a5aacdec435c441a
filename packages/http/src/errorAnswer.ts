import type {
  AccountAlreadyConnected,
  AccountChoiceRequired,
  AccountMismatch,
  AlreadyConnected,
  ConnectFailed,
  CredentialInUse,
  CredentialNotFound,
  CredentialRejected,
  DecryptionFailed,
  FlowFailure,
  FlowNotFound,
  Forbidden,
  IntegrationNotFound,
  ProviderNotFound,
  StorageUnavailable,
  TooManyCredentials,
  TooManyPendingFlows,
  ValidationError
} from "@hawser/core"
import { Redacted } from "effect"
import type { OperationName } from "./Api.ts"
import type {
  AuthenticationUnavailable,
  BodyAlreadyRead,
  InstallationWithoutFlow,
  MethodNotAllowed,
  PayloadTooLarge,
  PrefetchRefused,
  RateLimitExceeded,
  RouteNotFound,
  Unauthorized,
  UnsupportedMediaType
} from "./requestErrors.ts"

/** Every error that can reach the wire; anything else is a defect and answers 500. */
export type WireError =
  | AccountAlreadyConnected
  | AccountChoiceRequired
  | AccountMismatch
  | AlreadyConnected
  | AuthenticationUnavailable
  | BodyAlreadyRead
  | ConnectFailed
  | CredentialInUse
  | CredentialNotFound
  | CredentialRejected
  | DecryptionFailed
  | FlowNotFound
  | Forbidden
  | InstallationWithoutFlow
  | IntegrationNotFound
  | MethodNotAllowed
  | PayloadTooLarge
  | PrefetchRefused
  | ProviderNotFound
  | RateLimitExceeded
  | RouteNotFound
  | StorageUnavailable
  | TooManyCredentials
  | TooManyPendingFlows
  | Unauthorized
  | UnsupportedMediaType
  | ValidationError

/** An error as the contract answers it: a status, headers, a flat body. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly error: string
    readonly message: string
    readonly requestId?: string
    readonly details?: ReadonlyArray<{ readonly path: string; readonly code: string }>
    readonly startUrl?: string
    readonly integrationId?: string
    readonly reason?: FlowFailure
    readonly flowId?: string
    readonly choices?: AccountChoiceRequired["choices"]
  }
  /** Where an installation was begun that the answer is about, and what has become of it. */
  readonly begun?: Pick<InstallationWithoutFlow, "action" | "displayName">
}

const noHeaders = {}

/** The contract's words for errors that have a code of their own in process. */
const wireWords = {
  body_already_read: "internal_error",
  connect_failed: "validation_error",
  decryption_failed: "internal_error",
  installation_without_flow: "validation_error",
  too_many_credentials: "rate_limit_exceeded",
  too_many_pending_flows: "rate_limit_exceeded"
} as const satisfies { readonly [Code in WireError["code"]]?: string }

type WireWords = typeof wireWords

/** What the wire calls an error with this code. */
export type WireWord<Code extends WireError["code"]> = Code extends keyof WireWords
  ? WireWords[Code]
  : Code

const wireWord = (code: WireError["code"]): string =>
  code in wireWords ? wireWords[code as keyof WireWords] : code

/** The one place where errors become answers. */
export const errorAnswer = (error: WireError, operation?: OperationName): ErrorAnswer => {
  const { code, httpStatus: status, message } = error
  const answer = { status, headers: noHeaders, body: { error: wireWord(code), message } }
  switch (error._tag) {
    case "ValidationError":
      return { ...answer, body: { ...answer.body, details: error.details } }
    case "InstallationWithoutFlow": {
      const { action, displayName, startUrl } = error
      const begun = { action, displayName }
      return { ...answer, body: { ...answer.body, details: [], startUrl }, begun }
    }
    case "MethodNotAllowed":
      return { ...answer, headers: { allow: error.allow } }
    case "Unauthorized":
      // RFC 6750 §3, the same for every reason.
      return { ...answer, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }
    case "PrefetchRefused":
      return { ...answer, headers: { "retry-after": "0" } }
    case "RateLimitExceeded":
    case "TooManyPendingFlows":
      return { ...answer, headers: { "retry-after": String(error.retryAfter) } }
    case "AuthenticationUnavailable":
    case "BodyAlreadyRead":
    case "StorageUnavailable":
      return { ...answer, body: { ...answer.body, requestId: crypto.randomUUID() } }
    case "DecryptionFailed":
      // Its message speaks to the host about its keys, and not to a caller.
      return internalError()
    case "AccountChoiceRequired": {
      const { choices, flowId } = error
      return { ...answer, body: { ...answer.body, flowId: Redacted.value(flowId), choices } }
    }
    case "ConnectFailed":
      return { ...answer, body: { ...answer.body, reason: error.reason } }
    case "AccountAlreadyConnected": {
      const body = { ...answer.body, integrationId: error.integrationId }
      return { ...answer, body: operation === "complete" ? { ...body, reason: error.code } : body }
    }
    case "AlreadyConnected":
      // Where a flow ends its page gets the word that the callback would have given.
      return operation === "complete"
        ? { ...answer, body: { ...answer.body, reason: error.code } }
        : answer
    case "AccountMismatch":
    case "CredentialInUse":
    case "CredentialNotFound":
    case "CredentialRejected":
    case "FlowNotFound":
    case "Forbidden":
    case "IntegrationNotFound":
    case "PayloadTooLarge":
    case "ProviderNotFound":
    case "RouteNotFound":
    case "TooManyCredentials":
    case "UnsupportedMediaType":
      return answer
  }
}

/** What a caller sees of anything unexpected: a fixed text, and an id to find it in the log by. */
export const internalError = (): ErrorAnswer => ({
  status: 500,
  headers: noHeaders,
  body: {
    error: "internal_error",
    message: "Something went wrong on our side. Tell your support the request id.",
    requestId: crypto.randomUUID()
  }
})
