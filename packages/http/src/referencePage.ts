import type { OpenApi } from "effect/http-api"
import { html, type Markup } from "./html.ts"
import type { Schemas } from "./openApiExample.ts"
import { operationSection, type RoutedOperation } from "./referenceOperation.ts"
import { memberTable, prose } from "./referenceSchema.ts"
import { referenceStyle } from "./referenceStyle.ts"

export interface ReferencePageOptions {
  readonly publicUrl: string
  /** The address of the document itself. */
  readonly documentUrl: string
}

/** The contract as a page to read, made of the OpenAPI document alone. It loads nothing and runs nothing. */
export const referencePage = (
  document: OpenApi.OpenAPISpec,
  { documentUrl, publicUrl }: ReferencePageOptions
): string => {
  const { components, info, tags } = document
  const operations = routedOperations(document)
  const { schemas, securitySchemes } = components
  const groups = tags.map(({ description, name }) => ({
    name,
    description,
    operations: operations.filter(({ operation }) => operation.tags.includes(name))
  }))
  const sections = groups.map(
    (group) =>
      html`<section>
        <h2>${group.name}</h2>
        ${prose(group.description)}${group.operations.map((one) => operationSection(one, publicUrl, schemas))}
      </section> `
  )
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title}: the HTTP API</title>
        <style>
          ${referenceStyle}
        </style>
      </head>
      <body>
        <nav aria-label="Operations">
          <a href="#top">${info.title}</a>
          ${groups.map(navGroup)}
        </nav>
        <main id="top">
          <h1>${info.title}: the HTTP API</h1>
          ${prose(info.description)}
          <p>
            It is served under <code>${publicUrl}</code>. For programs there is
            <a href="${documentUrl}">this contract as an OpenAPI document</a>.
          </p>
          ${Object.values(securitySchemes).flatMap(({ description }) => prose(description))}${sections}
          <section>
            <h2>Bodies</h2>
            ${schemaSections(schemas)}
          </section>
        </main>
      </body>
    </html> `.toString()
}

const routedOperations = ({ paths }: OpenApi.OpenAPISpec): ReadonlyArray<RoutedOperation> =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, OpenApi.OpenAPISpecOperation>>).map(
      ([method, operation]) => ({ method: method.toUpperCase(), path, operation })
    )
  )

const navGroup = (group: {
  readonly name: string
  readonly operations: ReadonlyArray<RoutedOperation>
}): Markup =>
  html`<b>${group.name}</b>
    <ul>
      ${group.operations.map(
        ({ operation }) =>
          html`<li><a href="#${operation.operationId}">${operation.summary}</a></li> `
      )}
    </ul> `

const schemaSections = (schemas: Schemas): ReadonlyArray<Markup> =>
  Object.entries(schemas)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([name, schema]) =>
        html`<section id="schema-${name}">
          <h3>${name}</h3>
          ${prose(schema["description"])}${memberTable(schema)}
        </section> `
    )
