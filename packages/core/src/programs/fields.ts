import { Effect } from "effect"
import { isWord } from "../domain/decoder.ts"
import { nearest } from "../domain/didYouMean.ts"
import { type ValidationDetail, ValidationError } from "../domain/Errors.ts"
import { accepts } from "../domain/fieldValue.ts"
import type { Field } from "../domain/ProviderDefinition.ts"

/** The values of a definition's fields, checked against it. */
export type FieldValues = Readonly<Record<string, string>>

/** Checks what the tenant's admin filled in; says which field is wrong, never what was sent. */
export const checkFields = (
  member: "credentials" | "fields",
  fields: ReadonlyArray<Field>,
  input: Readonly<Record<string, unknown>>
): Effect.Effect<FieldValues, ValidationError> => {
  const details: Array<ValidationDetail> = []
  const values: Record<string, string> = {}
  const known = new Set(fields.map((field) => field.name))
  for (const name of Object.keys(input)) {
    if (known.has(name)) continue
    // Among secrets a name may be one itself: it is told back only where a field's name was probably meant.
    const isTold = isWord(name) && (member === "fields" || nearest(name, known) !== undefined)
    details.push({ path: isTold ? `${member}.${name}` : member, code: "unknown" })
  }
  for (const field of fields) {
    const value = Object.hasOwn(input, field.name) ? input[field.name] : undefined
    const path = `${member}.${field.name}`
    if (value === undefined) {
      if (field.default !== undefined) values[field.name] = field.default
      else if (field.required !== false) details.push({ path, code: "missing" })
    } else if (accepts(field, value)) {
      values[field.name] = value
    } else {
      details.push({ path, code: "invalid" })
    }
  }
  return details.length === 0
    ? Effect.succeed(values)
    : Effect.fail(new ValidationError({ details }))
}

/** Fills a definition's template with checked values. In place of an optional field that was left out stands nothing. */
export const renderTemplate = (template: string, values: FieldValues): string =>
  template.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => values[name] ?? "")
