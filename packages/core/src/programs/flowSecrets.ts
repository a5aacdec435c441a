import { Effect, Redacted, Schema } from "effect"
import type { BurnedFlow, FlowSecrets, FlowTerms, NewFlow } from "../domain/Flow.ts"
import { type Sealed, Secret } from "../domain/Sealed.ts"
import { Cipher } from "../ports/Cipher.ts"
import { flowContext } from "./sealContexts.ts"

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

type OfFlow = FlowTerms & Pick<NewFlow, "browserHash" | "stateHash">

/** Without any secrets there is still something that opens beside these very terms alone. */
export const sealFlowSecrets = Effect.fnUntraced(function* (flow: OfFlow, secrets: FlowSecrets) {
  const cipher = yield* Cipher
  return yield* cipher.seal(Secret(encode(encodeFlowSecrets(secrets))), flowContext(flow))
})

/** Fails with `DecryptionFailed` where anything of what the flow fixed at its start is another by now. */
export const openFlowSecrets = Effect.fnUntraced(function* (
  flow: OfFlow & Pick<BurnedFlow, "sealedSecrets">
) {
  const cipher = yield* Cipher
  const sealed = flow.sealedSecrets ?? nothing
  // Decoding cannot fail: only we can produce a value that decrypts.
  return decodeFlowSecrets(decode(Redacted.value(yield* cipher.open(sealed, flowContext(flow)))))
})

const nothing = new Uint8Array() as Sealed
