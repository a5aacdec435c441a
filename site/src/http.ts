import { readFileSync } from "node:fs"
import { workspace } from "../../scripts/steps.ts"
import { cell, fence, slugify } from "./markdown.ts"

/** The HTTP API as a page, made of the OpenAPI document. */

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<Schema>
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: ReadonlyArray<string>
  readonly description?: string
}

interface Body {
  readonly content?: Readonly<
    Record<
      string,
      {
        readonly schema: Schema
        readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
      }
    >
  >
}

interface Operation {
  readonly summary: string
  readonly description?: string
  readonly parameters?: ReadonlyArray<{
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema: Schema
  }>
  readonly security?: ReadonlyArray<Readonly<Record<string, ReadonlyArray<string>>>>
  readonly requestBody?: Body
  readonly responses: Readonly<Record<string, Body & { readonly description: string }>>
}

interface Document {
  readonly info: { readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const typeOf = (schema: Schema): string => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? ""
    return `[${name}](#${slugify(`Body ${name}`)})`
  }
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" or ")
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" or ")
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`
  return schema.type ?? "any"
}

const bodyOf = ({ content = {} }: Body): ReadonlyArray<string> =>
  Object.entries(content).flatMap(([media, { examples = {}, schema }]) => [
    `\`${media}\`: ${typeOf(schema)}`,
    ...Object.values(examples).map(({ value }) =>
      typeof value === "string"
        ? fence("text", value)
        : fence("json", JSON.stringify(value, null, 2))
    )
  ])

const callerOf = ({ security = [] }: Operation): string => {
  const schemes = security.flatMap((one) => Object.entries(one))
  if (schemes.length === 0) return "Anybody may call it."
  const roles = [...new Set(schemes.flatMap(([, names]) => names))]
  return roles.length === 0
    ? "It needs a caller of the tenant."
    : `It needs a caller with the role ${roles.map((role) => `\`${role}\``).join(" or ")}.`
}

const operationOf = (method: string, path: string, operation: Operation): string => {
  const { description, parameters = [], requestBody, responses, summary } = operation
  return [
    `### ${summary}`,
    fence("text", `${method.toUpperCase()} ${path}`),
    ...(description === undefined ? [] : [description]),
    callerOf(operation),
    ...(parameters.length === 0
      ? []
      : [
          [
            "| parameter | in | type | |",
            "|---|---|---|---|",
            ...parameters.map(
              (one) =>
                `| \`${one.name}\`${one.required === true ? "" : " (optional)"} | ${one.in} | ${cell(typeOf(one.schema))} | ${cell(one.description ?? "")} |`
            )
          ].join("\n")
        ]),
    ...(requestBody === undefined ? [] : ["**Body.**", ...bodyOf(requestBody)]),
    ...Object.entries(responses).flatMap(([status, answer]) => [
      `**${status}.** ${answer.description.replaceAll(" | ", " / ")}`,
      ...(Number(status) < 300 ? bodyOf(answer) : [])
    ])
  ].join("\n\n")
}

const schemaOf = (
  name: string,
  { description, properties = {}, required = [], ...schema }: Schema
) =>
  [
    `### Body ${name}`,
    ...(description === undefined ? [] : [description]),
    ...(Object.keys(properties).length === 0
      ? [typeOf(schema)]
      : [
          [
            "| member | type | |",
            "|---|---|---|",
            ...Object.entries(properties).map(
              ([member, one]) =>
                `| \`${member}\`${required.includes(member) ? "" : " (optional)"} | ${cell(typeOf(one))} | ${cell(one.description ?? "")} |`
            )
          ].join("\n")
        ])
  ].join("\n\n")

export const httpPage = (): string => {
  const { components, info, paths } = JSON.parse(
    readFileSync(`${workspace}docs/openapi.json`, "utf8")
  ) as Document
  return [
    "# HTTP API",
    info.description,
    "[Errors](errors.md) has each code with its cause and fix. Programs read [openapi.json](../openapi.json).",
    "## Operations",
    ...Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => operationOf(method, path, operation))
    ),
    "## Bodies",
    ...Object.entries(components.schemas).map(([name, schema]) => schemaOf(name, schema)),
    ""
  ].join("\n\n")
}
