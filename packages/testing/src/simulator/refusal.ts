import type { ProviderFacts } from "@hawser/providers/facts"
import { answerOf } from "./answers.ts"

/** The vendor's own refusal; with another error code, where the vendor has its code, if a test has chosen one. */
export const refusal = (
  facts: ProviderFacts,
  refused: { readonly status: number; readonly body?: unknown },
  error: string | undefined
): Response => {
  if (error === undefined) return answerOf(refused)
  const body = withError(refused.body, codesOf(facts), error)
  const isSaid = JSON.stringify(body ?? null).includes(JSON.stringify(error))
  return answerOf({ status: refused.status, body: isSaid ? body : { error } })
}

const codesOf = (facts: ProviderFacts): ReadonlyArray<string> =>
  facts.authType === "oauth2"
    ? ["invalid_grant", ...(facts.terminalErrors ?? []), ...(facts.temporaryErrors ?? [])]
    : ["invalid_client"]

const withError = (value: unknown, codes: ReadonlyArray<string>, error: string): unknown => {
  if (typeof value === "string") return codes.includes(value) ? error : value
  if (Array.isArray(value)) return value.map((one) => withError(one, codes, error))
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, withError(inner, codes, error)])
      )
    : value
}
