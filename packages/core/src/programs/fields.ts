import { Effect } from "effect"
import { type ValidationDetail, ValidationError } from "../domain/Errors.ts"
import { StorableText } from "../domain/Ids.ts"
import type { Field } from "../domain/ProviderDefinition.ts"
import { Schema } from "effect"

/** The values of a definition's fields, checked against it. */
export type FieldValues = Readonly<Record<string, string>>

/** One label of a host name in lower case (RFC 1035 §2.3.1), so that nothing can be appended to the host (S-62). */
const subdomain = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** A secret is at most 16 KiB and never empty. */
const isFieldValue = Schema.is(StorableText({ maxLength: 16_384 }).check(Schema.isMinLength(1)))

/** Whether a value may stand where the definition has this field. */
export const accepts = (field: Field, value: unknown): value is string =>
  isFieldValue(value) &&
  (field.choices === undefined || field.choices.includes(value)) &&
  (field.pattern === undefined || new RegExp(`^(?:${field.pattern})$`, "v").test(value)) &&
  (field.format === undefined || subdomain.test(value)) &&
  // A value ends up in a header: no control characters, so that nothing can be injected after it.
  !/[\u0000-\u001f\u007f]/.test(value)

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
    // The name came from outside: it is told back only where it is a word that could have been meant.
    if (!known.has(name)) details.push({ path: member, code: "unknown" })
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

/** Fills a definition's template with checked values. */
export const renderTemplate = (template: string, values: FieldValues): string =>
  template.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => values[name] ?? "")
