import { Effect, Schema } from "effect"
import {
  isWord,
  nearest,
  StorableText,
  type ValidationDetail,
  ValidationError
} from "../model/index.ts"
import { type Field, isLoopback } from "./ProviderDefinition.ts"

/** One label of a host name in lower case (RFC 1035 §2.3.1), so that nothing can be appended to the host. */
const subdomain = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** A secret is at most 16 KiB and never empty. */
const isText = Schema.is(StorableText({ maxLength: 16_384 }).check(Schema.isMinLength(1)))

/** Whether a text is safe to store and to put into a header: it has no control characters, which could inject another header. */
export const isPlainText = (value: unknown): value is string =>
  isText(value) && !/[\u0000-\u001f\u007f]/.test(value)

/** Whether the whole value matches a definition's pattern. */
export const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^(?:${pattern})$`, "v").test(value)

/** Whether a value is allowed for this field. */
export const accepts = (field: Field, value: unknown): value is string =>
  isPlainText(value) &&
  (field.choices === undefined || field.choices.includes(value)) &&
  (field.pattern === undefined || matches(field.pattern, value)) &&
  (field.format !== "subdomain" || subdomain.test(value)) &&
  (field.format !== "host" || isPublicHost(value))

/**
 * A host name in the form that browsers write, with at least two labels: not this machine, not an address, no dot at the
 * end, and only ports that are common for https. The egress checks that its addresses are public.
 */
export const isPublicHost = (value: string): boolean => {
  const [name = "", port, ...others] = value.split(":")
  return (
    value.length <= 253 &&
    others.length === 0 &&
    (port === undefined || port === "443" || port === "8443") &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/.test(name) &&
    !isLoopback(name) &&
    URL.parse(`https://${name}`)?.hostname === name
  )
}

/** The values of a definition's fields, checked against it. */
export type FieldValues = Readonly<Record<string, string>>

/** Checks the values of the tenant's admin. Errors name the field, never the value. */
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
    // The name of an unknown member may itself be a secret. It is quoted only if it resembles a field's name.
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

/** Fills a definition's template with checked values. An optional field that was left out becomes an empty text. */
export const renderTemplate = (template: string, values: FieldValues): string =>
  template.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => values[name] ?? "")
