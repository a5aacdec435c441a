import { HttpApi, OpenApi } from "effect/http-api"
import { type Role, roleOf } from "./annotations.ts"
import { Api } from "./Api.ts"
import { examplesOf, referencedName, type Schemas } from "./openApiExample.ts"
import { declareHeaders } from "./openApiTransforms.ts"

type Document = OpenApi.OpenAPISpec
type Operation = OpenApi.OpenAPISpecOperation
type Parameter = OpenApi.OpenAPISpecParameter
type Answer = OpenApi.OpenApiSpecResponse
type Content = OpenApi.OpenApiSpecContent

export interface OpenApiOptions {
  /** The URL under which the world reaches the mount, prefix included. Without it the document has a variable. */
  readonly publicUrl?: string
}

/**
 * The contract as an OpenAPI 3.1 document, made of the declaration that the handler runs. What `effect/http-api` leaves
 * out is added here: roles, examples, headers.
 */
export const openApi = ({ publicUrl }: OpenApiOptions = {}): Document => {
  const document = plainNames(OpenApi.fromApi(Api))
  const schemas = openAnswers(document)
  const roles = rolesById()
  return {
    ...document,
    servers: [publicUrl === undefined ? anyServer : { url: publicUrl }],
    paths: mapOperations(document.paths, (operation) =>
      described(operation, roles.get(operation.operationId) ?? "public", schemas)
    ),
    components: { ...document.components, schemas, ...sharedHeaders }
  }
}

const anyServer: OpenApi.OpenAPISpecServer = {
  url: "{publicUrl}",
  variables: {
    publicUrl: {
      default: "https://app.example.com",
      description: "The URL under which the application mounts Hawser."
    }
  }
}

/** Effect names what an error class is encoded as after the class; the wire knows no other side of it. */
const plainNames = (document: Document): Document =>
  JSON.parse(
    JSON.stringify(document).replaceAll(/"((?:#\/components\/schemas\/)?\w+)Encoded"/g, '"$1"')
  ) as Document

const mapOperations = (
  paths: Document["paths"],
  change: (operation: Operation) => Operation
): Document["paths"] =>
  Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) => [
          method,
          change(operation)
        ])
      )
    ])
  )

const rolesById = (): ReadonlyMap<string, Role> => {
  const roles = new Map<string, Role>()
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => roles.set(endpoint.identifier, roleOf(endpoint))
  })
  return roles
}

/** A body with members that are not declared is refused; an answer may get more of them in a later release. */
const openAnswers = ({ components, paths }: Document): Schemas => {
  const bodies = new Set(
    Object.values(paths)
      .flatMap((item) => Object.values(item as Readonly<Record<string, Operation>>))
      .map(({ requestBody }) =>
        referencedName(requestBody?.content["application/json"]?.schema ?? {})
      )
  )
  return Object.fromEntries(
    Object.entries(components.schemas).map(([name, schema]) => [
      name,
      bodies.has(name) ? schema : openly(schema)
    ])
  )
}

const openly = <Part>(part: Part): Part =>
  JSON.parse(
    JSON.stringify(part, (name, value: unknown) =>
      name === "additionalProperties" && value === false ? undefined : value
    )
  ) as Part

const described = (operation: Operation, role: Role, schemas: Schemas): Operation => ({
  ...operation,
  security: requirements[role],
  parameters: operation.parameters.map(describedParameter),
  ...(operation.requestBody !== undefined && {
    requestBody: {
      ...operation.requestBody,
      content: withExamples(operation.requestBody.content, schemas)
    }
  }),
  responses: Object.fromEntries(
    Object.entries(operation.responses).map(([status, answer]) => [
      status,
      describedAnswer(Number(status), openly(answer), role, schemas)
    ])
  )
})

/** OpenAPI 3.1 lets a requirement name roles; one of several requirements is enough. */
const requirements: Readonly<Record<Role, Operation["security"]>> = {
  admin: [{ bearer: ["admin"] }],
  member: [{ bearer: ["admin"] }, { bearer: ["member"] }],
  public: []
}

/** A parameter's text and example stand beside its schema, not in it. */
const describedParameter = (parameter: Parameter): Parameter => {
  const { description, examples, ...schema } = parameter.schema as {
    readonly description?: string
    readonly examples?: ReadonlyArray<unknown>
  }
  return {
    ...parameter,
    schema,
    ...(description !== undefined && { description }),
    ...(examples !== undefined && { example: examples[0] })
  }
}

const describedAnswer = (status: number, answer: Answer, role: Role, schemas: Schemas): Answer => {
  const headers = { ...answer.headers, ...errorHeaders[status], ...rateHeaders(status, role) }
  const { content } = answer
  return {
    ...answer,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(content !== undefined && {
      content: status < 400 ? withExamples(content, schemas) : content
    })
  }
}

const withExamples = (content: Content, schemas: Schemas): Content =>
  Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const values = examplesOf(media.schema, schemas)
      const several = values.map((value, at) => [`example${at + 1}`, { value }] as const)
      return [
        type,
        {
          ...media,
          ...(values.length > 1
            ? { examples: Object.fromEntries(several) }
            : { example: values[0] })
        }
      ]
    })
  )

const errorHeaders: Readonly<Record<number, Answer["headers"]>> = {
  401: declareHeaders({ "WWW-Authenticate": "The scheme `Bearer` (RFC 6750)." }),
  429: declareHeaders({ "Retry-After": "Seconds after which a call may succeed." })
}

const rateLimit = {
  "X-RateLimit-Limit": "Calls that the tenant has in a minute.",
  "X-RateLimit-Remaining": "Calls that are left of them.",
  "X-RateLimit-Reset": "When the minute ends, in seconds since 1970."
}

const sharedHeaders = { headers: declareHeaders(rateLimit) }

// Effect's type of a document knows no references among headers; OpenAPI does.
const references = Object.fromEntries(
  Object.keys(rateLimit).map((name) => [name, { $ref: `#/components/headers/${name}` }])
) as unknown as NonNullable<Answer["headers"]>

/** Only what is counted for a tenant says what is left. */
const rateHeaders = (status: number, role: Role) =>
  role === "public" || status === 401 ? {} : references
