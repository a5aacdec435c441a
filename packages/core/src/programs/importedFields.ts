import { Effect } from "effect"
import { capturedValue } from "../domain/capturedValue.ts"
import { type ValidationDetail, ValidationError } from "../domain/Errors.ts"
import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Definition } from "../domain/ProviderDefinition.ts"
import { checkFields } from "./fields.ts"

/**
 * What a connection that was made elsewhere has of the tenant's fields, and of what the vendor told when it was made: no
 * flow will tell that again. Fails with `ValidationError`, which tells paths and no values.
 */
export const importedFields = Effect.fnUntraced(function* (
  { captures = {}, fields }: Pick<OAuth2Definition, "captures" | "fields">,
  given: Readonly<Record<string, string>>
): Effect.fn.Return<TenantFields, ValidationError> {
  const isCaptured = (name: string) => Object.hasOwn(captures, name)
  const named = Object.fromEntries(Object.entries(given).filter(([name]) => !isCaptured(name)))
  const values = yield* checkFields("fields", fields ?? [], named)
  const captured: Record<string, string> = {}
  const details: Array<ValidationDetail> = []
  for (const [name, capture] of Object.entries(captures)) {
    const path = `fields.${name}`
    const text = Object.hasOwn(given, name) ? given[name] : undefined
    if (text === undefined) {
      if (capture.required !== false) details.push({ path, code: "missing" })
      continue
    }
    const value = capturedValue(capture, fields ?? [], values, text)
    if (value === undefined) details.push({ path, code: "invalid" })
    else captured[name] = value
  }
  return details.length === 0 ? { ...values, ...captured } : yield* new ValidationError({ details })
})
