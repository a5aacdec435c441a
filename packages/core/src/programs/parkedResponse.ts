import { Effect, Redacted, Schema } from "effect"
import { Base64Url } from "effect/encoding"
import type { FlowTerms, ParkedFlow, SecretHash } from "../domain/Flow.ts"
import { type SealContext, Secret } from "../domain/Sealed.ts"
import type { AuthorizationResponse } from "../ports/AuthorizationServerClient.ts"
import { Cipher } from "../ports/Cipher.ts"

/** What waits between the callback and `complete`: sealed as one value, so that nothing of it is at rest in clear. */
interface ParkedResponse {
  readonly response: AuthorizationResponse
  readonly codeVerifier: Secret | undefined
}

const Encoded = Schema.fromJsonString(
  Schema.Struct({
    code: Schema.String,
    iss: Schema.optionalKey(Schema.String),
    codeVerifier: Schema.optionalKey(Schema.String)
  })
)
const encode = Schema.encodeSync(Encoded)
const decode = Schema.decodeSync(Encoded)

const contextOf = (flow: FlowTerms, flowIdHash: SecretHash): SealContext => ({
  tenantId: flow.tenantId,
  provider: flow.provider,
  recordId: Base64Url.encode(flowIdHash),
  field: "authorization_response"
})

export const sealParkedResponse = Effect.fnUntraced(function* (
  flow: FlowTerms,
  flowIdHash: SecretHash,
  { codeVerifier, response }: ParkedResponse
) {
  const cipher = yield* Cipher
  const json = encode({
    code: Redacted.value(response.code),
    ...(response.iss !== undefined && { iss: response.iss }),
    ...(codeVerifier !== undefined && { codeVerifier: Redacted.value(codeVerifier) })
  })
  return yield* cipher.seal(Secret(json), contextOf(flow, flowIdHash))
})

export const openParkedResponse = Effect.fnUntraced(function* (flow: ParkedFlow) {
  const cipher = yield* Cipher
  // What opens was sealed by us, so it decodes.
  const opened = decode(
    Redacted.value(yield* cipher.open(flow.sealedResponse, contextOf(flow, flow.flowIdHash)))
  )
  return {
    response: { code: Secret(opened.code), iss: opened.iss },
    codeVerifier: opened.codeVerifier === undefined ? undefined : Secret(opened.codeVerifier)
  } satisfies ParkedResponse
})
