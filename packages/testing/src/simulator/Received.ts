import { render, type Values } from "./templates.ts"

/** A request as it came, read to its end. */
export interface Received {
  readonly method: string
  /** The vendor's own URL. */
  readonly url: URL
  readonly headers: Headers
  readonly body: string
}

/** The parameters of a request, and what is wrong with how they were sent. */
export interface Parameters {
  readonly values: ReadonlyMap<string, string>
  readonly problems: ReadonlyArray<string>
}

const none: ReadonlyMap<string, string> = new Map()

const mediaType = (headers: Headers): string =>
  (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? ""

/** RFC 6749 §3.1, §3.2: no parameter twice. RFC 8707 §2 has one that may be. */
export const withoutDuplicates = (pairs: Iterable<readonly [string, string]>): Parameters => {
  const values = new Map<string, string>()
  const problems: Array<string> = []
  for (const [name, value] of pairs) {
    if (values.has(name) && name !== "resource") problems.push(`${name} is there twice`)
    values.set(name, value)
  }
  return { values, problems }
}

/** The parameters in a body, which must have the encoding that the vendor wants; `own` are some that may be no texts. */
export const bodyParameters = (
  { body, headers }: Received,
  encoding: "form" | "json" = "form",
  own: Readonly<Record<string, unknown>> = {}
): Parameters => {
  const wanted = encoding === "json" ? "application/json" : "application/x-www-form-urlencoded"
  const given = mediaType(headers)
  if (body === "") return { values: none, problems: [] }
  if (given !== wanted)
    return { values: none, problems: [`the body is ${given || "of no type"}, not ${wanted}`] }
  if (encoding === "form") return withoutDuplicates(new URLSearchParams(body))
  const members = jsonMembers(body)
  if (members === undefined) return { values: none, problems: ["the body is not a JSON object"] }
  return {
    values: new Map(members.map(([name, value]) => [name, String(value)])),
    problems: members
      .filter(([name, value]) => typeof value !== (own[name] === true ? "boolean" : "string"))
      .map(([name]) => `${name} is not a ${own[name] === true ? "boolean" : "string"}`)
  }
}

const jsonMembers = (text: string): ReadonlyArray<readonly [string, unknown]> | undefined => {
  const value = parseJson(text)
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : undefined
}

/** Undefined for what is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The two parts of an `Authorization: Basic` (RFC 7617), undecoded besides. */
export const basicOf = (
  headers: Headers
): { readonly username: string; readonly password: string } | undefined => {
  const encoded = /^Basic ([A-Za-z0-9+/]*={0,2})$/.exec(headers.get("authorization") ?? "")?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, "base64").toString("utf8")
  const colon = text.indexOf(":")
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** RFC 6749 §2.3.1: client id and secret are each encoded as in a form before both are joined. */
export const formDecoded = (text: string): string =>
  new URLSearchParams(`value=${text.replaceAll("&", "%26")}`).get("value") ?? ""

/** What is wrong with the headers that a vendor wants. */
export const headerProblems = (
  headers: Headers,
  wanted: Readonly<Record<string, string>> = {},
  known: Values = {},
  accepts: Accepts = namesIt
): ReadonlyArray<string> =>
  Object.entries(wanted).flatMap(([name, template]) => {
    const value = render(template, known)
    const given = headers.get(name)
    if (given === null) return [`the header ${name} is missing; the vendor wants ${value}`]
    const isMet =
      name === "accept"
        ? given.split(",").some((one) => accepts(mediaRange(one), mediaRange(value)))
        : given === value
    return isMet ? [] : [`the header ${name} is ${given}, not ${value}`]
  })

/** One element of an `Accept` header (RFC 9110 §12.5.1). */
interface MediaRange {
  readonly type: string
  readonly parameters: ReadonlyArray<string>
}

const mediaRange = (text: string): MediaRange => {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase())
  return { type, parameters }
}

/** Whether a media range is one for which the vendor answers in the media type that it documents. */
export type Accepts = (given: MediaRange, wanted: MediaRange) => boolean

/** The media type itself; more parameters than its own do not matter. */
const namesIt: Accepts = (given, wanted) =>
  given.type === wanted.type &&
  wanted.parameters.every((parameter) => given.parameters.includes(parameter))

/**
 * What vendors' SDKs send to an API that answers in JSON: a wildcard, plain JSON, or another name of the vendor's tree, such
 * as `application/vnd.github.v3+json` for `application/vnd.github+json` (RFC 6838 §3.2). A version in a parameter, or in a
 * type that is not JSON by its name, has to be named.
 */
export const acceptsJson: Accepts = (given, wanted) => {
  if (namesIt(given, wanted)) return true
  const json = /^application\/(?:json|(?<tree>vnd\.[^.+]+).*\+json)$/.exec(wanted.type)
  if (json === null || wanted.parameters.length > 0) return false
  if (["*/*", "application/*", "application/json"].includes(given.type)) return true
  const other = /^application\/(?<tree>vnd\.[^.+]+)(?:\.[^+]+)?(?:\+json)?$/.exec(given.type)
  const tree = other?.groups?.["tree"]
  return tree !== undefined && tree === json.groups?.["tree"]
}

/** A query in which the order of parameters does not count. */
export const canonicalQuery = (parameters: URLSearchParams): string =>
  [...parameters]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join("&")

/** JSON in which the order of members does not count. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member
  ) ?? ""
