import { Effect, Redacted, Schema } from "effect"
import { Base64Url } from "effect/encoding"
import type { FlowSecrets, NewFlow } from "../domain/Flow.ts"
import { type SealContext, Secret } from "../domain/Sealed.ts"
import { Cipher } from "../ports/Cipher.ts"

/** How a flow's secrets stand in what is sealed: in the flow itself, and beside its parked code. */
export const EncodedFlowSecrets = Schema.Struct({
  codeVerifier: Schema.optionalKey(Schema.String),
  dpopKey: Schema.optionalKey(Schema.String)
})

export const encodeFlowSecrets = ({
  codeVerifier,
  dpopKey
}: FlowSecrets): typeof EncodedFlowSecrets.Type => ({
  ...(codeVerifier !== undefined && { codeVerifier: Redacted.value(codeVerifier) }),
  ...(dpopKey !== undefined && { dpopKey: Redacted.value(dpopKey) })
})

export const decodeFlowSecrets = ({
  codeVerifier,
  dpopKey
}: typeof EncodedFlowSecrets.Type): FlowSecrets => ({
  codeVerifier: codeVerifier === undefined ? undefined : Secret(codeVerifier),
  dpopKey: dpopKey === undefined ? undefined : Secret(dpopKey)
})

const Json = Schema.fromJsonString(EncodedFlowSecrets)
const encode = Schema.encodeSync(Json)
const decode = Schema.decodeSync(Json)

type OfFlow = Pick<NewFlow, "tenantId" | "provider" | "stateHash">

const contextOf = ({ provider, stateHash, tenantId }: OfFlow): SealContext => ({
  tenantId,
  provider,
  recordId: Base64Url.encode(stateHash),
  field: "flow_secrets"
})

/** Undefined where the flow has none. */
export const sealFlowSecrets = Effect.fnUntraced(function* (flow: OfFlow, secrets: FlowSecrets) {
  const encoded = encodeFlowSecrets(secrets)
  if (Object.keys(encoded).length === 0) return undefined
  const cipher = yield* Cipher
  return yield* cipher.seal(Secret(encode(encoded)), contextOf(flow))
})

export const openFlowSecrets = Effect.fnUntraced(function* (
  flow: OfFlow & Pick<NewFlow, "sealedSecrets">
) {
  if (flow.sealedSecrets === undefined) return decodeFlowSecrets({})
  const cipher = yield* Cipher
  // Decoding cannot fail: only we can produce a value that decrypts.
  return decodeFlowSecrets(
    decode(Redacted.value(yield* cipher.open(flow.sealedSecrets, contextOf(flow))))
  )
})
