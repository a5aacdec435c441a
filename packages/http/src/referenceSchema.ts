import type { JsonSchema } from "effect"
import { html, type Markup } from "./html.ts"
import { alternatives, membersOf, referencedName } from "./openApiExample.ts"

type Schema = JsonSchema.JsonSchema

/** A document's text: paragraphs, and code between backticks. */
export const prose = (text: unknown): ReadonlyArray<Markup> =>
  typeof text === "string" ? text.split("\n\n").map((part) => html`<p>${inline(part)}</p>`) : []

const inline = (text: string): ReadonlyArray<Markup> =>
  text.split("`").map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))

/** What a schema is, in a few words; a named one as a link to its section. */
export const describeType = (schema: Schema): Markup => {
  const name = referencedName(schema)
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`
  const others = alternatives(schema)
  if (others !== undefined) {
    return html`${others.map((one, at) => html`${at === 0 ? "" : " or "}${describeType(one)}`)}`
  }
  if (Array.isArray(schema["enum"])) {
    const choices = schema["enum"] as ReadonlyArray<string>
    return html`${choices.map((one, at) => html`${at === 0 ? "" : " or "}<code>${one}</code>`)}`
  }
  if (schema["type"] === "array") return html`list of ${describeType(schema["items"] as Schema)}`
  return html`${[schema["format"] ?? schema["type"], ...bounds(schema)].join(", ")}`
}

const bounds = ({ maximum, maxLength, minimum }: Schema): ReadonlyArray<string> => [
  ...(typeof maxLength === "number" ? [`at most ${maxLength} characters`] : []),
  ...(typeof minimum === "number" && typeof maximum === "number"
    ? [maximum === Number.MAX_SAFE_INTEGER ? `from ${minimum}` : `${minimum} to ${maximum}`]
    : [])
]

/** Rows under a row of names. */
export const table = (names: ReadonlyArray<string>, rows: ReadonlyArray<Markup>): Markup =>
  html`<table>
    <thead>
      <tr>
        ${names.map((name) => html`<th scope="col">${name}</th> `)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table> `

/** The members of an object, one a row. */
export const memberTable = (schema: Schema): Markup => {
  const rows = membersOf(schema).map(
    ({ member, name, required }) =>
      html`<tr>
        <th scope="row"><code>${name}</code>${required ? "" : html` <small>optional</small>`}</th>
        <td>${describeType(member)}</td>
        <td>${prose(member["description"])}</td>
      </tr> `
  )
  return table(["Member", "Type", "Meaning"], rows)
}
