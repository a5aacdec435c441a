import { Effect, Redacted, Schema } from "effect"
import {
  type BurnedFlow,
  type FlowSecrets,
  type FlowTerms,
  type NewFlow,
  type ParkedFlow,
  type Sealed,
  Secret,
  type SecretHash,
  type WaitingFlow
} from "../model/index.ts"
import type { AuthorizationResponse } from "../protocol/index.ts"
import { Cipher } from "../services/index.ts"
import { flowContext, parkedContext } from "../vault/index.ts"

/** The encoding of a flow's secrets before they are sealed, in the flow and beside its parked code. */
const EncodedFlowSecrets = Schema.Struct({
  codeVerifier: Schema.optionalKey(Schema.String),
  dpopKey: Schema.optionalKey(Schema.String)
})

const plainSecrets = ({ codeVerifier, dpopKey }: FlowSecrets): typeof EncodedFlowSecrets.Type => ({
  ...(codeVerifier !== undefined && { codeVerifier: Redacted.value(codeVerifier) }),
  ...(dpopKey !== undefined && { dpopKey: Redacted.value(dpopKey) })
})

const redactedSecrets = ({
  codeVerifier,
  dpopKey
}: typeof EncodedFlowSecrets.Type): FlowSecrets => ({
  codeVerifier: codeVerifier === undefined ? undefined : Secret(codeVerifier),
  dpopKey: dpopKey === undefined ? undefined : Secret(dpopKey)
})

type OfFlow = FlowTerms & Pick<NewFlow, "browserHash" | "stateHash">

/** Even without secrets, a value is sealed, because it decrypts only beside these terms. */
export const sealFlowSecrets = Effect.fnUntraced(function* (flow: OfFlow, secrets: FlowSecrets) {
  const cipher = yield* Cipher
  return yield* cipher.seal(Secret(JSON.stringify(plainSecrets(secrets))), flowContext(flow))
})

/** Fails with `DecryptionFailed` if any term that the flow fixed at its start was changed. */
export const openFlowSecrets = Effect.fnUntraced(function* (
  flow: OfFlow & Pick<BurnedFlow, "sealedSecrets">
) {
  const cipher = yield* Cipher
  const sealed = flow.sealedSecrets ?? nothing
  const json = Redacted.value(yield* cipher.open(sealed, flowContext(flow)))
  // Only we can produce a value that decrypts, so its form needs no check: one by a schema takes 4 KiB.
  return redactedSecrets(JSON.parse(json) as typeof EncodedFlowSecrets.Type)
})

const nothing = new Uint8Array() as Sealed

/** What waits between the callback and `complete`, sealed as one value, so that none of it is stored in the clear. */
export interface ParkedResponse {
  readonly response: AuthorizationResponse
  readonly secrets: FlowSecrets
  /** Hash of the token in the confirm page. */
  readonly pageTokenHash?: SecretHash | undefined
}

const ResponseJson = Schema.fromJsonString(
  Schema.Struct({
    code: Schema.String,
    iss: Schema.optionalKey(Schema.String),
    captured: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    scopes: Schema.optionalKey(Schema.Array(Schema.String)),
    fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    pageTokenHash: Schema.optionalKey(Schema.Uint8ArrayFromBase64Url),
    ...EncodedFlowSecrets.fields
  })
)
const encodeResponse = Schema.encodeSync(ResponseJson)
const decodeResponse = Schema.decodeSync(ResponseJson)

export const sealParkedResponse = Effect.fnUntraced(function* (
  flow: FlowTerms,
  place: Pick<ParkedFlow, "as" | "flowIdHash">,
  { pageTokenHash, response, secrets }: ParkedResponse
) {
  const cipher = yield* Cipher
  const json = encodeResponse({
    code: Redacted.value(response.code),
    ...(response.iss !== undefined && { iss: response.iss }),
    captured: response.captured,
    ...(response.scopes !== undefined && { scopes: response.scopes }),
    ...(response.fields !== undefined && { fields: response.fields }),
    ...(pageTokenHash !== undefined && { pageTokenHash }),
    ...plainSecrets(secrets)
  })
  return yield* cipher.seal(Secret(json), parkedContext(flow, place))
})

export const openParkedResponse = Effect.fnUntraced(function* (flow: WaitingFlow) {
  const cipher = yield* Cipher
  // Decoding cannot fail: only we can produce a value that decrypts.
  const opened = decodeResponse(
    Redacted.value(yield* cipher.open(flow.sealedResponse, parkedContext(flow, flow)))
  )
  return {
    response: {
      code: Secret(opened.code),
      iss: opened.iss,
      // A flow that an older release parked has no captured values.
      captured: opened.captured ?? {},
      scopes: opened.scopes,
      fields: opened.fields
    },
    secrets: redactedSecrets(opened),
    pageTokenHash: opened.pageTokenHash as SecretHash | undefined
  } satisfies ParkedResponse
})
