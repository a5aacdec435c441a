import { Effect, Option } from "effect"
import type {
  ApiKeyDefinition,
  LiveCheck,
  OAuth2Definition,
  ProviderDefinition
} from "../domain/ProviderDefinition.ts"
import { AuthorizationServerClient, type UsableToken } from "../ports/AuthorizationServerClient.ts"
import { Egress, type EgressError } from "../ports/Egress.ts"
import { keyCredential, staticHeaders, withQuery } from "./apiCredential.ts"
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
const liveCheck = Effect.fnUntraced(function* <R>(
  check: LiveCheck | undefined,
  values: FieldValues,
  get: (url: URL) => Effect.Effect<Response, EgressError, R>
): Effect.fn.Return<CheckVerdict, never, R> {
  if (check === undefined) return "not_supported"
  const answer = yield* Effect.option(get(new URL(renderTemplate(check.url, values))))
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
  liveCheck(definition.check, values, (checked) =>
    Effect.flatMap(Egress, (egress) => {
      const credential = keyCredential(definition, values)
      const url = withQuery(checked, credential)
      return egress.request({
        method: "GET",
        url,
        headers: {
          accept: "application/json",
          ...staticHeaders(definition.apiHeaders),
          ...credential.headers
        },
        hosts: [url.host]
      })
    })
  )

/** Asks the provider whether it accepts an access token. */
export const checkAccessToken = (
  definition: Checked & Pick<OAuth2Definition, "tokenHeader">,
  fields: FieldValues,
  token: UsableToken
): Effect.Effect<CheckVerdict, never, AuthorizationServerClient> =>
  liveCheck(definition.check, fields, (url) =>
    Effect.flatMap(AuthorizationServerClient, (client) => client.get(definition, url, token))
  )
