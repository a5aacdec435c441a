import { Effect, Option } from "effect"
import type {
  ApiKeyDefinition,
  LiveCheck,
  OAuth2Definition,
  ProviderDefinition
} from "../domain/ProviderDefinition.ts"
import type { Secret } from "../domain/Sealed.ts"
import { Egress } from "../ports/Egress.ts"
import {
  type ApiCredential,
  keyCredential,
  staticHeaders,
  tokenCredential,
  withQuery
} from "./apiCredential.ts"
import { type FieldValues, renderTemplate } from "./fields.ts"
import { memberAt } from "./memberAt.ts"

/** `unreachable` and `unexpected_answer`: the provider did not say either way, so the key is neither. */
export type CheckVerdict =
  | "accepted"
  | "rejected"
  | "unreachable"
  | "unexpected_answer"
  | "not_supported"

/** A body that is not the vendor's JSON comes from something in between, so it says nothing about the key. */
const verdictOfBody = async (check: LiveCheck, response: Response): Promise<CheckVerdict> => {
  if (check.acceptedBody === undefined) return "accepted"
  try {
    const body: unknown = await response.json()
    return memberAt(body, check.acceptedBody.path) === check.acceptedBody.equals
      ? "accepted"
      : "rejected"
  } catch {
    return "unexpected_answer"
  }
}

type Checked = Pick<ProviderDefinition, "apiHeaders" | "check">

/** One GET that the definition fixes. Nothing of the answer leaves this function but the verdict (S-67). */
const liveCheck = Effect.fnUntraced(function* (
  { apiHeaders, check }: Checked,
  fields: FieldValues,
  credential: ApiCredential
): Effect.fn.Return<CheckVerdict, never, Egress> {
  if (check === undefined) return "not_supported"
  const egress = yield* Egress
  const url = withQuery(new URL(renderTemplate(check.url, fields)), credential)
  const answer = yield* Effect.option(
    egress.request({
      method: "GET",
      url,
      headers: {
        accept: "application/json",
        ...staticHeaders(apiHeaders),
        ...credential.headers
      },
      hosts: [url.host]
    })
  )
  if (Option.isNone(answer)) return "unreachable"
  const response = answer.value
  if ((check.rejectedStatus ?? [401, 403]).includes(response.status)) return "rejected"
  if (!(check.acceptedStatus ?? [200]).includes(response.status)) return "unexpected_answer"
  return yield* Effect.promise(() => verdictOfBody(check, response))
})

/** Asks the provider whether it accepts an API key. */
export const checkApiKey = (
  definition: Checked & Pick<ApiKeyDefinition, "basic" | "headers" | "query">,
  values: FieldValues
): Effect.Effect<CheckVerdict, never, Egress> =>
  liveCheck(definition, values, keyCredential(definition, values))

/** Asks the provider whether it accepts an access token. */
export const checkAccessToken = (
  definition: Checked & Pick<OAuth2Definition, "tokenHeader">,
  fields: FieldValues,
  accessToken: Secret
): Effect.Effect<CheckVerdict, never, Egress> =>
  liveCheck(definition, fields, tokenCredential(definition, accessToken))
