import { Effect, Redacted, Schema } from "effect"
import type { FlowSecrets, FlowTerms, ParkedFlow, SecretHash } from "../domain/Flow.ts"
import { Secret } from "../domain/Sealed.ts"
import type { AuthorizationResponse } from "../ports/AuthorizationServerClient.ts"
import { Cipher } from "../ports/Cipher.ts"
import { decodeFlowSecrets, EncodedFlowSecrets, encodeFlowSecrets } from "./flowSecrets.ts"
import { responseContext } from "./sealContexts.ts"

/** What waits between the callback and `complete`: sealed as one value, so that nothing of it is at rest in clear. */
interface ParkedResponse {
  readonly response: AuthorizationResponse
  readonly secrets: FlowSecrets
}

const Encoded = Schema.fromJsonString(
  Schema.Struct({
    code: Schema.String,
    iss: Schema.optionalKey(Schema.String),
    captured: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    scopes: Schema.optionalKey(Schema.Array(Schema.String)),
    fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    ...EncodedFlowSecrets.fields
  })
)
const encode = Schema.encodeSync(Encoded)
const decode = Schema.decodeSync(Encoded)

export const sealParkedResponse = Effect.fnUntraced(function* (
  flow: FlowTerms,
  flowIdHash: SecretHash,
  { response, secrets }: ParkedResponse
) {
  const cipher = yield* Cipher
  const json = encode({
    code: Redacted.value(response.code),
    ...(response.iss !== undefined && { iss: response.iss }),
    captured: response.captured,
    ...(response.scopes !== undefined && { scopes: response.scopes }),
    ...(response.fields !== undefined && { fields: response.fields }),
    ...encodeFlowSecrets(secrets)
  })
  return yield* cipher.seal(Secret(json), responseContext(flow, flowIdHash))
})

export const openParkedResponse = Effect.fnUntraced(function* (flow: ParkedFlow) {
  const cipher = yield* Cipher
  // Decoding cannot fail: only we can produce a value that decrypts.
  const opened = decode(
    Redacted.value(yield* cipher.open(flow.sealedResponse, responseContext(flow, flow.flowIdHash)))
  )
  return {
    response: {
      code: Secret(opened.code),
      iss: opened.iss,
      // One that was parked before values were captured has none.
      captured: opened.captured ?? {},
      scopes: opened.scopes,
      fields: opened.fields
    },
    secrets: decodeFlowSecrets(opened)
  } satisfies ParkedResponse
})
