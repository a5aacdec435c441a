import type { OpenApi } from "effect/http-api"

type Operation = OpenApi.OpenAPISpecOperation

/** A parameter of a path, a query or a body, with its schema. */
export interface DocumentedParameter {
  readonly name: string
  readonly schema: Readonly<Record<string, unknown>>
}

/** A route of the OpenAPI document. */
export interface DocumentedRoute {
  readonly operation: string
  readonly method: string
  /** Under `/v1/integrations`, with `{name}` for parameters; empty for the list itself. */
  readonly path: string
  readonly isPublic: boolean
  readonly statuses: ReadonlyArray<number>
  readonly pathParameters: ReadonlyArray<string>
  readonly query: ReadonlyArray<DocumentedParameter>
  /** What kind of body it takes, if any, and its members. */
  readonly body:
    | {
        readonly type: "json" | "form"
        readonly members: ReadonlyArray<DocumentedParameter>
      }
    | undefined
}

const methods = ["get", "post", "put", "patch", "delete", "head", "options"] as const

/** All routes of the document, so that a new one is in every test that goes through them. */
export const documentedRoutes = (document: OpenApi.OpenAPISpec): ReadonlyArray<DocumentedRoute> =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      if (operation === undefined) return []
      return {
        operation: operation.operationId,
        method: method.toUpperCase(),
        path: path.replace(/^\/v1\/integrations/, ""),
        isPublic: operation.security.length === 0,
        statuses: Object.keys(operation.responses).map(Number),
        pathParameters: operation.parameters
          .filter((parameter) => parameter.in === "path")
          .map(({ name }) => name),
        query: operation.parameters
          .filter((parameter) => parameter.in === "query")
          .map(({ name, schema }) => ({ name, schema: asRecord(schema) })),
        body: bodyOf(document, operation)
      }
    })
  )

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const bodyOf = (document: OpenApi.OpenAPISpec, operation: Operation): DocumentedRoute["body"] => {
  const content = asRecord(operation.requestBody?.content)
  const type =
    "application/json" in content
      ? "json"
      : "application/x-www-form-urlencoded" in content
        ? "form"
        : undefined
  if (type === undefined) {
    if (Object.keys(content).length > 0)
      throw new Error(`${operation.operationId} has a body that nobody knows`)
    return undefined
  }
  const [media] = Object.values(content)
  const reference = asRecord(asRecord(media)["schema"])["$ref"]
  const name = typeof reference === "string" ? reference.replace("#/components/schemas/", "") : ""
  const properties = asRecord(asRecord(asRecord(document.components.schemas)[name])["properties"])
  return {
    type,
    members: Object.entries(properties).map(([member, schema]) => ({
      name: member,
      schema: asRecord(schema)
    }))
  }
}
