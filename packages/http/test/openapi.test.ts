import { Schema } from "effect"
import { HttpApi } from "effect/http-api"
import { assert, describe, expect, it } from "vitest"
import { Api, openApi } from "../src/index.ts"
import { connectGauge } from "./support/flow.ts"
import { makeHost } from "./support/host.ts"

interface Parameter {
  readonly name: string
  readonly description?: string
}

interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly tags: ReadonlyArray<string>
  readonly security: ReadonlyArray<Readonly<Record<string, ReadonlyArray<string>>>>
  readonly parameters: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string
        readonly content?: Readonly<Record<string, Media>>
        readonly headers?: Readonly<Record<string, object>>
      }
    >
  >
}

interface Media {
  readonly schema: object
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

type Member = Readonly<Record<string, unknown>>

const document = openApi()
const operations = Object.values(document.paths).flatMap(
  (item) => Object.values(item) as unknown as ReadonlyArray<Operation>
)
const named = operations.map((operation) => [operation.operationId, operation] as const)
const operation = (id: string): Operation =>
  operations.find(({ operationId }) => operationId === id) ?? expect.unreachable(id)

/** Every value in a document, with its way there. */
const everywhere = (value: unknown, path = "#"): ReadonlyArray<readonly [string, unknown]> =>
  typeof value !== "object" || value === null
    ? [[path, value]]
    : [
        [path, value],
        ...Object.entries(value).flatMap(([name, member]) => everywhere(member, `${path}/${name}`))
      ]

describe("the OpenAPI document", () => {
  it.each(named)(
    "says what %s does, who may do it, and what each of its parameters is",
    (_, one) => {
      expect(one.summary).toMatch(/^[A-Z]\w/)
      expect(one.description).toMatch(/\.$/)
      expect(document.tags.map(({ name }) => name)).toContain(one.tags[0])
      for (const { description, name } of one.parameters) {
        expect(`${name}: ${description}`).toMatch(/: .+\.$/)
      }
    }
  )

  it.each(named)("names each error code of %s where its status is explained", (_, one) => {
    for (const [status, { content, description }] of Object.entries(one.responses)) {
      expect(description).not.toMatch(/^(?:Success|Error|<No Content>|\w+)$/)
      if (Number(status) < 400) continue
      const text = JSON.stringify(content)
      const names = [...text.matchAll(/schemas\/(\w+)"/g)].map((match) => match[1] ?? "")
      const codes = names.flatMap((name) => {
        const properties = document.components.schemas[name]?.["properties"] as
          | Readonly<Record<string, Member>>
          | undefined
        return (properties?.["error"]?.["enum"] ?? []) as ReadonlyArray<string>
      })
      expect(codes.length).toBeGreaterThan(0)
      for (const code of codes) expect(description).toContain(`\`${code}\``)
    }
  })

  it("has no reference that leads nowhere, and no name that the wire does not know", () => {
    const references = everywhere(document).filter(([path]) => path.endsWith("/$ref"))
    expect(references.length).toBeGreaterThan(100)
    const targets = new Set(everywhere(document).map(([path]) => path))
    for (const [, target] of references) expect(targets).toContain(target)
    expect(JSON.stringify(document)).not.toMatch(/Encoded|_tag/)
  })

  it("names the roles, of which one is enough, and nothing for what is public", () => {
    const security = (id: string) => operation(id).security
    expect(security("connect")).toEqual([{ bearer: ["admin"] }])
    expect(security("get")).toEqual([{ bearer: ["admin"] }, { bearer: ["member"] }])
    expect(security("catalog")).toEqual([])
    expect(security("callback")).toEqual([])
    expect(document.components.securitySchemes["bearer"]).toMatchObject({ bearerFormat: "JWT" })
  })

  it("refuses unknown members in what is sent, and expects more of them in what is answered", () => {
    const { schemas } = document.components
    const closed = Object.keys(schemas).filter(
      (name) => schemas[name]?.["additionalProperties"] === false
    )
    expect(closed.toSorted()).toEqual([
      "CompleteBody",
      "ConnectBody",
      "CredentialsBody",
      "SwapBody"
    ])
    expect(JSON.stringify(operations.map(({ responses }) => responses))).not.toContain(
      "additionalProperties"
    )
  })

  it("has the headers that answers carry", () => {
    const { responses } = operation("connect")
    const names = (status: string) => Object.keys(responses[status]?.headers ?? {})
    const rates = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
    expect(names("200")).toEqual(["Set-Cookie", ...rates])
    expect(names("401")).toEqual(["WWW-Authenticate"])
    expect(names("429")).toEqual(["Retry-After", ...rates])
    expect(Object.keys(operation("callback").responses["303"]?.headers ?? {})).toEqual([
      "Location",
      "Set-Cookie"
    ])
  })

  it("says where the host is, or that a host has to say it", () => {
    expect(openApi({ publicUrl: "https://app.host.test/api" }).servers).toEqual([
      { url: "https://app.host.test/api" }
    ])
    expect(document.servers?.[0]?.url).toBe("{publicUrl}")
  })

  it("describes a page's limit as the number that it is", () => {
    expect(operation("list").parameters.find(({ name }) => name === "limit")).toMatchObject({
      schema: { type: "integer", minimum: 1, maximum: 100 }
    })
  })
})

describe("the declaration", () => {
  it("requires no parameter of a query, so that an empty one need not be decoded", () => {
    const decoded: Record<string, unknown> = {}
    HttpApi.reflect(Api, {
      onGroup: () => undefined,
      onEndpoint: ({ endpoint: { identifier, query } }) => {
        if (query !== undefined)
          decoded[identifier] = Schema.decodeUnknownSync(query as Schema.Codec<unknown>)({})
      }
    })
    const names = Object.keys(decoded)
    expect(names).toContain("list")
    expect(decoded).toEqual(Object.fromEntries(names.map((name) => [name, {}])))
  })
})

describe("examples of the OpenAPI document", () => {
  const schemasOf = new Map<string, { payload: Schema.Top | undefined; answers: Schema.Top[] }>()
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => {
      const [payload] = endpoint.payload.values()
      schemasOf.set(endpoint.identifier, {
        payload: payload?.schemas[0],
        answers: [...endpoint.success]
      })
    }
  })

  const valuesOf = (media: Media | undefined): ReadonlyArray<unknown> =>
    media === undefined
      ? []
      : media.examples === undefined
        ? [media.example]
        : Object.values(media.examples).map(({ value }) => value)

  const decodes = (schemas: ReadonlyArray<Schema.Top>, value: unknown): boolean =>
    schemas.some((schema) =>
      Schema.is(Schema.toEncoded(schema as Schema.Codec<unknown, unknown>))(value)
    )

  it.each(named)("of %s are what the declaration takes and answers", (id, one) => {
    const declared = schemasOf.get(id) ?? assert.fail(`${id} is not declared`)
    for (const media of Object.values(one.requestBody?.content ?? {})) {
      const values = valuesOf(media)
      expect(values.length).toBeGreaterThan(0)
      for (const value of values) {
        expect(decodes(declared.payload === undefined ? [] : [declared.payload], value)).toBe(true)
        expect(Object.keys(value as object).length).toBeGreaterThan(0)
      }
    }
    for (const [status, { content }] of Object.entries(one.responses)) {
      if (Number(status) >= 400) continue
      for (const media of Object.values(content ?? {})) {
        const values = valuesOf(media)
        expect(values.length).toBeGreaterThan(0)
        for (const value of values) expect(decodes(declared.answers, value)).toBe(true)
      }
    }
  })

  it("have the members that a host's answer has", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    await connectGauge(host, token)
    const answer = (await (await host.send("GET", "", { token })).json()) as {
      readonly items: ReadonlyArray<object>
    }
    const example = operation("list").responses["200"]?.content?.["application/json"]
      ?.example as typeof answer
    expect(Object.keys(example)).toEqual(Object.keys(answer))
    expect(Object.keys(example.items[0] ?? {})).toEqual(Object.keys(answer.items[0] ?? {}))
  })
})
