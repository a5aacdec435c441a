import { type Decoder, makeDecoder } from "@hawser/core"
import { HttpApi, type HttpApiEndpoint } from "effect/http-api"
import { Context, type Schema } from "effect"
import {
  type Bucket,
  BucketOf,
  ChecksOrigin,
  ForBrowsers,
  IgnoredMember,
  ReadsForm,
  type Right,
  RightOf,
  type Role,
  roleOf,
  TakesIntegrationId
} from "./annotations.ts"
import { Api, type OperationName } from "./Api.ts"
import type { ReferenceDocument } from "./referenceDocuments.ts"

/** A declared operation, with everything that can be known of it before the first request. */
export interface Route {
  readonly name: OperationName
  readonly role: Role
  readonly right: Right | undefined
  readonly takesIntegrationId: boolean
  readonly bucket: Bucket
  readonly checksOrigin: boolean
  readonly forBrowsers: boolean
  readonly readsForm: boolean
  readonly ignoredMember: (typeof IgnoredMember)["Service"]
  /** The declared parameters of the query. */
  readonly queryNames: ReadonlyArray<PropertyKey>
  readonly decodeQuery: Decoder | undefined
  readonly decodePayload: Decoder | undefined
  /** Of its one successful answer. */
  readonly status: number
}

/** What stands at a path: its operations by method. */
interface Path {
  readonly segments: ReadonlyArray<string>
  readonly methods: Map<string, Route>
  /** What a GET reads here, if the path is not an operation's. */
  readonly document?: ReferenceDocument
  /** For the `Allow` header. */
  allow: string
}

export type Match =
  | {
      readonly _tag: "Route"
      readonly route: Route
      readonly parameters: Readonly<Record<string, string>>
    }
  | { readonly _tag: "ReferenceDocument"; readonly document: ReferenceDocument }
  /** `route` is one of those that the path has: it says whether browsers come here. */
  | {
      readonly _tag: "OtherMethods"
      readonly allow: string
      readonly route: Route | undefined
    }
  | { readonly _tag: "Nothing" }

const nothing: Match = { _tag: "Nothing" }

// The declaration's schemas need no services to decode, which their widened type no longer tells.
const decoder = (schema: Schema.Top, options: { readonly strict: boolean }): Decoder =>
  makeDecoder(schema as unknown as Schema.Codec<unknown, unknown>, options)

const payloadDecoder = (endpoint: HttpApiEndpoint.Top): Decoder | undefined => {
  const [payload] = endpoint.payload.values()
  return payload === undefined ? undefined : decoder(payload.schemas[0], { strict: true })
}

/** Builds the table of the declaration, and of the documents that the host shows. */
export const makeRouteTable = (documents: ReadonlyArray<ReferenceDocument>) => {
  const paths = new Map<string, Path>()
  for (const document of documents) {
    const segments = document.path.split("/").slice(1)
    paths.set(document.path, { segments, methods: new Map(), document, allow: "GET" })
  }
  HttpApi.reflect(Api, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint, mergedAnnotations, successes }) => {
      const [status = 200] = successes.keys()
      const route: Route = {
        name: endpoint.identifier as OperationName,
        role: roleOf(endpoint),
        right: Context.get(mergedAnnotations, RightOf),
        takesIntegrationId: Context.get(mergedAnnotations, TakesIntegrationId),
        bucket: Context.get(mergedAnnotations, BucketOf),
        checksOrigin: Context.get(mergedAnnotations, ChecksOrigin),
        forBrowsers: Context.get(mergedAnnotations, ForBrowsers),
        readsForm: Context.get(mergedAnnotations, ReadsForm),
        ignoredMember: Context.get(mergedAnnotations, IgnoredMember),
        queryNames:
          endpoint.query?.ast._tag === "Objects"
            ? endpoint.query.ast.propertySignatures.map(({ name }) => name)
            : [],
        // Parameters that are not declared are other people's: a provider adds its own to the callback.
        decodeQuery:
          endpoint.query === undefined ? undefined : decoder(endpoint.query, { strict: false }),
        decodePayload: payloadDecoder(endpoint),
        status
      }
      const path: Path = paths.get(endpoint.path) ?? {
        segments: endpoint.path.split("/").slice(1),
        methods: new Map(),
        allow: ""
      }
      path.methods.set(endpoint.method, route)
      path.allow = [...path.methods.keys()].join(", ")
      paths.set(endpoint.path, path)
    }
  })
  // A path without parameters wins over one with them.
  const ordered = [...paths.values()].toSorted(
    (a, b) => parameterCount(a.segments) - parameterCount(b.segments)
  )

  /** Finds what stands at a path relative to the base path. A HEAD is not a GET here: it must not consume a flow. */
  const match = (method: string, pathname: string): Match => {
    const segments = decodeSegments(pathname)
    if (segments === undefined) return nothing
    for (const path of ordered) {
      const parameters = matchSegments(path.segments, segments)
      if (parameters === undefined) continue
      const { allow, document } = path
      if (document !== undefined) {
        return method === "GET"
          ? { _tag: "ReferenceDocument", document }
          : { _tag: "OtherMethods", allow, route: undefined }
      }
      const route = path.methods.get(method)
      if (route !== undefined) return { _tag: "Route", route, parameters }
      for (const other of path.methods.values())
        return { _tag: "OtherMethods", allow, route: other }
    }
    return nothing
  }
  return { match }
}

const parameterCount = (segments: ReadonlyArray<string>): number =>
  segments.filter((segment) => segment.startsWith(":")).length

/** Undefined if the escapes of a segment are not UTF-8: nothing has such a name. */
const decodeSegments = (pathname: string): ReadonlyArray<string> | undefined => {
  if (!pathname.startsWith("/")) return undefined
  const path = pathname.endsWith("/") ? pathname.slice(1, -1) : pathname.slice(1)
  const segments = path.split("/")
  if (!pathname.includes("%")) return segments
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

const matchSegments = (
  template: ReadonlyArray<string>,
  segments: ReadonlyArray<string>
): Record<string, string> | undefined => {
  if (template.length !== segments.length) return undefined
  const isHere = template.every((expected, index) =>
    expected.startsWith(":") ? segments[index] !== "" : segments[index] === expected
  )
  if (!isHere) return undefined
  const parameters: Record<string, string> = {}
  for (const [index, expected] of template.entries())
    if (expected.startsWith(":")) parameters[expected.slice(1)] = segments[index] ?? ""
  return parameters
}
