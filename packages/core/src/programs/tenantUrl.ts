import { capturedValue } from "../domain/capturedValue.ts"
import { accepts } from "../domain/fieldValue.ts"
import type { Capture, Field } from "../domain/ProviderDefinition.ts"
import { placeholders, renderUrl } from "../domain/template.ts"
import type { FieldValues } from "./fields.ts"

/** What stands in the URLs of a definition. */
export interface Placed {
  readonly fields?: ReadonlyArray<Field> | undefined
  readonly captures?: Readonly<Record<string, Capture>> | undefined
}

/**
 * A URL of a definition's for one tenant. Undefined where a value that stands in it is not there, or not one that the
 * definition takes: it was stored under another (S-62, S-66).
 */
export const tenantUrl = (
  { captures = {}, fields = [] }: Placed,
  template: string,
  stored: FieldValues
): URL | undefined => {
  const values: Record<string, string> = {}
  for (const name of placeholders(template)) {
    const field = fields.find((one) => one.name === name)
    const value = Object.hasOwn(stored, name) ? stored[name] : field?.default
    const capture = captures[name]
    const isTaken =
      field !== undefined
        ? accepts(field, value)
        : capture !== undefined && capturedValue(capture, fields, stored, value) === value
    if (value === undefined || !isTaken) return undefined
    values[name] = value
  }
  return new URL(renderUrl(template, values))
}
