import type { OpenApi } from "effect/http-api"
import { html, type Markup } from "./html.ts"
import { examplesOf, referencedName, resolved, type Schemas } from "./openApiExample.ts"
import { memberTable, prose, table, describeType } from "./referenceSchema.ts"

type Content = OpenApi.OpenApiSpecContent

/** An operation with where it stands. */
export interface RoutedOperation {
  readonly method: string
  readonly path: string
  readonly operation: OpenApi.OpenAPISpecOperation
}

/** What a document says of one operation, as a section of the page. */
export const operationSection = (
  { method, operation, path }: RoutedOperation,
  publicUrl: string,
  schemas: Schemas
): Markup =>
  html`<section id="${operation.operationId}">
    <h3>${operation.summary}</h3>
    <p class="endpoint">
      <b>${method}</b> <code>${path}</code> <small>${audience(operation)}</small>
    </p>
    ${prose(operation.description)}${parameterTable(operation)}${requestBody(operation, schemas)}
    <h4>Answers</h4>
    ${answerTable(operation)}${answerExamples(operation, schemas)}
    <h4>curl</h4>
    <pre><code>${curlLine(method, publicUrl + path, operation, schemas)}</code></pre>
  </section> `

const audience = ({ security }: OpenApi.OpenAPISpecOperation): string => {
  const roles = security.flatMap((requirement) => Object.values(requirement).flat())
  return roles.length === 0
    ? "for everyone"
    : `for the tenant's ${roles.map((role) => `${role}s`).join(" and ")}`
}

const parameterTable = ({ parameters }: OpenApi.OpenAPISpecOperation): Markup | undefined => {
  if (parameters.length === 0) return undefined
  const rows = parameters.map(
    (parameter) =>
      html`<tr>
        <th scope="row">
          <code>${parameter.name}</code>${parameter.required ? "" : html` <small>optional</small>`}
        </th>
        <td>${parameter.in}</td>
        <td>${describeType({ ...parameter.schema })}</td>
        <td>${prose(parameter.description)}</td>
      </tr> `
  )
  return html`<h4>Parameters</h4>
    ${table(["Name", "In", "Type", "Meaning"], rows)}`
}

const requestBody = (
  { requestBody: body }: OpenApi.OpenAPISpecOperation,
  schemas: Schemas
): ReadonlyArray<Markup> =>
  Object.entries(body?.content ?? {}).map(
    ([type, { schema }]) =>
      html`<h4>Body, <code>${type}</code></h4>
        ${memberTable(resolved(schema, schemas))}${examples({ [type]: { schema } }, schemas)}`
  )

const answerTable = ({ responses }: OpenApi.OpenAPISpecOperation): Markup => {
  const rows = Object.entries(responses).map(
    ([status, { content, description, headers = {} }]) =>
      html`<tr>
        <th scope="row">${status}</th>
        <td>
          ${description.split(" | ").flatMap(prose)}${Object.entries(headers)
            .filter(([, header]) => referencedName({ ...header }) === undefined)
            .map(([name, header]) => html`<p><code>${name}</code>: ${header.description}</p>`)}
        </td>
        <td>${Object.values(content ?? {}).map(({ schema }) => describeType(schema))}</td>
      </tr> `
  )
  return table(["Status", "Meaning", "Body"], rows)
}

const answerExamples = (
  { responses }: OpenApi.OpenAPISpecOperation,
  schemas: Schemas
): ReadonlyArray<Markup> =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([, { content }]) => examples(content ?? {}, schemas))

const examples = (content: Content, schemas: Schemas): ReadonlyArray<Markup> =>
  Object.entries(content)
    .filter(([type]) => type === "application/json")
    .flatMap(([, { schema }]) => examplesOf(schema, schemas))
    .map((value) => html`<pre><code>${JSON.stringify(value, null, 2)}</code></pre> `)

/** A command that calls an operation with the document's own examples; the access token is in `$TOKEN`. */
const curlLine = (
  method: string,
  url: string,
  { parameters, requestBody, security }: OpenApi.OpenAPISpecOperation,
  schemas: Schemas
): string => {
  const [content] = Object.entries(requestBody?.content ?? {})
  const examples = new Map(
    parameters.map((parameter) => [parameter.name, (parameter as { example?: unknown }).example])
  )
  const filledIn = url.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(examples.get(name)))
  )
  return [
    `curl -X ${method} ${quoted(filledIn)}`,
    ...(security.length > 0 ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(content === undefined
      ? []
      : curlBody(content[0], examplesOf(content[1].schema, schemas)[0]))
  ].join(" \\\n  ")
}

const curlBody = (mediaType: string, example: unknown): ReadonlyArray<string> => [
  `-H ${quoted(`Content-Type: ${mediaType}`)}`,
  `-d ${quoted(
    mediaType === "application/json"
      ? JSON.stringify(example)
      : new URLSearchParams(example as Record<string, string>).toString()
  )}`
]

/** One argument of a shell's command. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
