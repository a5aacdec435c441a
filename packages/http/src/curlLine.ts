import type { OpenApi } from "effect/http-api"
import { examplesOf, type Schemas } from "./openApiExample.ts"

/** One argument of a shell's command. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** A command that calls an operation with the document's own examples; the access token is in `$TOKEN`. */
export const curlLine = (
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
    ...(content === undefined ? [] : bodyOf(content[0], examplesOf(content[1].schema, schemas)[0]))
  ].join(" \\\n  ")
}

const bodyOf = (mediaType: string, example: unknown): ReadonlyArray<string> => [
  `-H ${quoted(`Content-Type: ${mediaType}`)}`,
  `-d ${quoted(
    mediaType === "application/json"
      ? JSON.stringify(example)
      : new URLSearchParams(example as Record<string, string>).toString()
  )}`
]
