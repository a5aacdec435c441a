import * as fc from "fast-check"
import type { DocumentedRoute } from "../../../../test-support/documented-routes.ts"
import type { RawRequest } from "./rawRequest.ts"

/** A secret that requests carry in the wrong places: it never comes back. */
export const canary = "canary-in-request-7a31"

/** What a request may hold that means something to the host. */
export interface Known {
  /** By the names of the document's parameters. */
  readonly values: Readonly<Record<string, ReadonlyArray<string | object | boolean>>>
  /** An admin's, and those of others. */
  readonly authorization: string
  readonly otherAuthorizations: ReadonlyArray<string>
  readonly cookies: ReadonlyArray<string>
  readonly origins: ReadonlyArray<string>
}

const hostileTexts = [
  "",
  " ",
  ".",
  "..",
  "../../etc/passwd",
  "%",
  "%00",
  "%2e%2e%2f",
  "%c0%ae",
  "%ff",
  "\0",
  "\ud800",
  "\u202e",
  "\u{1f4a9}",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "1e309",
  "-1",
  "'; DROP TABLE hawser.flows; --",
  "#{7*7}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "a\r\nset-cookie: b=c",
  "https://evil.example/",
  "a".repeat(256),
  "a".repeat(5000),
  canary
]

const hostileText = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.string(),
  fc.string({ unit: "binary" })
)

/** JSON values, with names in them that mean something to JavaScript. */
const hostileJson = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  hostileText,
  fc.dictionary(fc.constantFrom(...hostileTexts, "length", "flowId"), hostileText, { maxKeys: 4 }),
  fc.array(hostileText, { maxLength: 4 })
)

/** A path that names nothing, or something else than the document says. */
const segment = (text: string): string => text.replaceAll(/[/?#]/g, encodeURIComponent)

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const contentTypes = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json; charset=utf-16",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/plain",
  "/",
  ""
]

/** Bodies that are too large or too deep, or no bodies. */
const rawBodies = [
  "",
  "{",
  "[]",
  "null",
  "\ufeff{}",
  '{"a":1,"a":2}',
  '{"__proto__":{"roles":["admin"]}}',
  "[".repeat(60_000),
  '{"a":'.repeat(9_000),
  `{"a":"${"x".repeat(70_000)}"}`,
  `{"flowId":"\\ud800"}`
]

const asForm = (members: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(
    Object.entries(members).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value)
    ])
  ).toString()

/** Requests to one route of the document: near to what it takes, and far from it. */
const requestsTo = (route: DocumentedRoute, known: Known): fc.Arbitrary<RawRequest> => {
  const valuesOf = (name: string) => {
    const values = known.values[name] ?? []
    return values.length === 0 ? hostileJson : fc.constantFrom(...values)
  }
  const textOf = (name: string): fc.Arbitrary<string> =>
    valuesOf(name).map((value) => (typeof value === "string" ? value : JSON.stringify(value)))

  const path = fc
    .tuple(
      ...route.pathParameters.map((name) =>
        fc.oneof({ weight: 6, arbitrary: textOf(name) }, hostileText)
      )
    )
    .map((texts) => {
      let index = 0
      return route.path.replaceAll(/\{\w+\}/g, () => segment(texts[index++] ?? ""))
    })
  const queryNames = route.query.map(({ name }) => name)
  const query = fc
    .array(
      fc.oneof(
        ...queryNames.map((name) => fc.tuple(fc.constant(name), textOf(name))),
        fc.tuple(fc.constantFrom("tenantId", "x", ...queryNames), hostileText)
      ),
      { maxLength: 4 }
    )
    .map((pairs) => pairs.map(([name, value]) => `${name}=${encode(value)}`).join("&"))

  const members = fc
    .record(
      Object.fromEntries(
        (route.body?.members ?? []).map(({ name }) => [
          name,
          // A label is told back as it came.
          fc.oneof(
            { weight: 6, arbitrary: valuesOf(name) },
            name === "label" ? fc.string() : hostileJson
          )
        ])
      ),
      { requiredKeys: [] }
    )
    .chain((some) =>
      fc.oneof(
        { weight: 6, arbitrary: fc.constant(some) },
        fc.oneof(fc.constant(canary), hostileText).map((name) => ({ ...some, [name]: 1 }))
      )
    )
  const right = route.body?.type === "form" ? contentTypes[3] : contentTypes[0]
  const body =
    route.body === undefined
      ? fc.option(fc.constantFrom(...rawBodies).map(bytesOf), { nil: undefined, freq: 5 })
      : fc.oneof(
          {
            weight: 6,
            arbitrary: members.map((some) =>
              bytesOf(route.body?.type === "form" ? asForm(some) : JSON.stringify(some))
            )
          },
          hostileJson.map((value) => bytesOf(JSON.stringify(value) ?? "")),
          fc.constantFrom(...rawBodies).map(bytesOf),
          fc.uint8Array({ maxLength: 64 }),
          fc.constant(undefined)
        )
  const headers = fc.record(
    {
      authorization: fc.oneof(
        { weight: 9, arbitrary: fc.constant(known.authorization) },
        { weight: 2, arbitrary: fc.constantFrom(...known.otherAuthorizations) },
        hostileText
      ),
      "content-type": fc.oneof(
        { weight: 6, arbitrary: fc.constant(right ?? "") },
        fc.constantFrom(...contentTypes)
      ),
      accept: fc.constantFrom("text/html", "application/json", "*/*", ";q=", "text/html;q=x"),
      cookie: fc.oneof(fc.constantFrom(...known.cookies), hostileText),
      origin: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...known.origins) }, hostileText),
      "x-forwarded-host": fc.constant("evil.example"),
      "x-tenant-id": fc.constant("bank")
    },
    { requiredKeys: ["authorization", "content-type"] }
  )
  const method = fc.oneof(
    { weight: 9, arbitrary: fc.constant(route.method) },
    fc.constantFrom("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
  )
  return fc.record({ method, path, query, headers, body }).map(({ query: search, ...request }) => ({
    ...request,
    path: `/v1/integrations${request.path}${search === "" ? "" : `?${search}`}`
  }))
}

/** As a client writes it, if it can be written; else as it is. */
const encode = (value: string): string =>
  value.isWellFormed() && !value.startsWith("%") ? encodeURIComponent(value) : value

/** Requests to all routes of the document, each as often as any other. */
export const fuzzedRequests = (
  routes: ReadonlyArray<DocumentedRoute>,
  known: Known
): fc.Arbitrary<RawRequest> => fc.oneof(...routes.map((route) => requestsTo(route, known)))
