import type { OpenApi } from "effect/http-api"

type Transform = OpenApi.Transform["Service"]

/** What a declaration says of an operation's answer and `effect/http-api` has no annotation for: headers by name. */
export const answerHeaders =
  (status: number, descriptions: Readonly<Record<string, string>>): Transform =>
  (operation) => {
    const { responses, ...rest } = operation as OpenApi.OpenAPISpecOperation
    const headers = declareHeaders(descriptions)
    return {
      ...rest,
      responses: Object.fromEntries(
        Object.entries(responses).map(([code, response]) => [
          code,
          Number(code) === status ? { ...response, headers } : response
        ])
      )
    }
  }

/** Header objects of a document: text, and what each is for. */
export const declareHeaders = (descriptions: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [
      name,
      { description, schema: { type: "string" }, required: false }
    ])
  )

/** The schema of a query parameter whose text is decoded to something else: readers of the document send that. */
export const queryParameter =
  (name: string, schema: object): Transform =>
  (operation) => {
    const { parameters, ...rest } = operation as OpenApi.OpenAPISpecOperation
    return {
      ...rest,
      parameters: parameters.map((parameter) =>
        parameter.name === name ? { ...parameter, schema } : parameter
      )
    }
  }
