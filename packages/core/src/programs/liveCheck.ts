import { Effect, Option, Predicate } from "effect"
import type { ApiKeyDefinition, LiveCheck } from "../domain/ProviderDefinition.ts"
import { Egress } from "../ports/Egress.ts"
import { type CredentialValues, renderTemplate } from "./credentialFields.ts"

/** `unavailable`: the provider did not say either way, so the key is neither accepted nor rejected. */
export type CheckVerdict = "accepted" | "rejected" | "unavailable"

const memberAt = (body: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, key) => (Predicate.hasProperty(value, key) ? value[key] : undefined),
    body
  )

/** A body that is not the vendor's JSON comes from something in between, so it says nothing about the key. */
const verdictOfBody = async (check: LiveCheck, response: Response): Promise<CheckVerdict> => {
  if (check.acceptedBody === undefined) return "accepted"
  try {
    const body: unknown = await response.json()
    return memberAt(body, check.acceptedBody.path) === check.acceptedBody.equals
      ? "accepted"
      : "rejected"
  } catch {
    return "unavailable"
  }
}

/**
 * Asks the provider whether it accepts the credential: one GET that the definition fixes. Nothing of the answer leaves
 * this function but the verdict (S-67).
 */
export const liveCheck = Effect.fnUntraced(function* (
  definition: ApiKeyDefinition & { readonly check: LiveCheck },
  values: CredentialValues
): Effect.fn.Return<CheckVerdict, never, Egress> {
  const egress = yield* Egress
  const { check } = definition
  const url = new URL(renderTemplate(check.url, values))
  const headers: Record<string, string> = { accept: "application/json" }
  for (const [name, template] of Object.entries(definition.headers))
    headers[name] = renderTemplate(template, values)

  const answer = yield* Effect.option(
    egress.request({ method: "GET", url, headers, hosts: [url.host] })
  )
  if (Option.isNone(answer)) return "unavailable"
  const response = answer.value
  if ((check.rejectedStatus ?? [401, 403]).includes(response.status)) return "rejected"
  if (!(check.acceptedStatus ?? [200]).includes(response.status)) return "unavailable"
  return yield* Effect.promise(() => verdictOfBody(check, response))
})
