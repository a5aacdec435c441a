import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Definition } from "../domain/ProviderDefinition.ts"

/**
 * The flow's fields with the region that the callback names: one of those that the definition enumerates, and nothing else
 * that a browser could write there. Undefined where it names another.
 */
export const fieldsNamed = (
  { callbackRegion }: OAuth2Definition,
  fields: TenantFields,
  parameters: URLSearchParams
): TenantFields | undefined => {
  if (callbackRegion === undefined) return fields
  const { field, parameter, values } = callbackRegion
  const [named, ...others] = parameters.getAll(parameter)
  if (named === undefined) return fields
  const value = Object.hasOwn(values, named) ? values[named] : undefined
  if (value === undefined || others.length > 0) return undefined
  return fields[field] === value ? fields : { ...fields, [field]: value }
}
