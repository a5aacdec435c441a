import type { JsonSchema } from "effect"

type Schema = JsonSchema.JsonSchema

/** The schemas of a document by name. */
export type Schemas = Readonly<Record<string, Schema>>

/** What a `$ref` into a document's schemas names; any other schema is itself. */
export const resolved = (schema: Schema, schemas: Schemas): Schema => {
  const name = referencedName(schema)
  return name === undefined ? schema : (schemas[name] ?? {})
}

/** The name that a `$ref` ends in. */
export const referencedName = ({ $ref }: Schema): string | undefined =>
  typeof $ref === "string" ? $ref.slice($ref.lastIndexOf("/") + 1) : undefined

/** The other schemas that one stands for. */
export const alternatives = ({ anyOf }: Schema): ReadonlyArray<Schema> | undefined =>
  Array.isArray(anyOf) ? (anyOf as ReadonlyArray<Schema>) : undefined

/** Values that a schema takes: those that it names itself, or one made of the examples of its parts. */
export const examplesOf = (schema: Schema, schemas: Schemas): ReadonlyArray<unknown> => {
  const { enum: choices, examples } = schema
  if (Array.isArray(examples)) return examples
  if (Array.isArray(choices)) return choices.slice(0, 1)
  const others = alternatives(schema)
  if (others !== undefined) return others.flatMap((one) => examplesOf(one, schemas))
  const target = resolved(schema, schemas)
  return target === schema ? [made(schema, schemas)] : examplesOf(target, schemas)
}

const made = (schema: Schema, schemas: Schemas): unknown => {
  switch (schema["type"]) {
    case "object":
      return Object.fromEntries(
        membersOf(schema)
          .filter(({ member, required }) => required || member["examples"] !== undefined)
          .map(({ member, name }) => [name, examplesOf(member, schemas)[0]])
      )
    case "array":
      return examplesOf(schema["items"] as Schema, schemas).slice(0, 1)
    case "boolean":
      return true
    default:
      return "…"
  }
}

/** The members of an object. */
export const membersOf = ({ properties = {}, required }: Schema) =>
  Object.entries(properties as Schemas).map(([name, member]) => ({
    name,
    member,
    required: Array.isArray(required) && required.includes(name)
  }))
