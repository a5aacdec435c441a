import { Predicate } from "effect"
import { isTokenText, Secret } from "../model/index.ts"
import { valueAtPath, type MemberPaths, type OAuth2Definition, passes } from "../provider/index.ts"
import type { IssuedTokens } from "./AuthorizationServerClient.ts"
import { parseLifetime } from "./tokenLifetime.ts"
import { formType } from "./vendorRequest.ts"

/** The parts of a definition that are needed to read a token response. */
export type Reading = {
  readonly [Name in "openid" | "grantedScopeSeparator" | "tokenResponse"]?:
    | OAuth2Definition[Name]
    | undefined
} & {
  /** The scopes are known already, so unreadable scopes must not cost the tokens. */
  readonly refreshes?: boolean
}

export interface NormalizedTokenResponse {
  /** The response in the form of RFC 6749 §5. */
  readonly response: Response
  /** The body as the vendor wrote it; undefined if it is not an object. */
  readonly body: Members | undefined
  /** The response has a lifetime that cannot be read, which differs from having none. */
  readonly lifetimeUnread: boolean
  /** Lifetime of the refresh token in seconds, if the vendor names one. */
  readonly refreshExpiresIn: number | undefined
  /** The tokens in the response, even if it is otherwise invalid. */
  readonly issued: Pick<IssuedTokens, "accessToken" | "refreshToken"> | undefined
}

type Members = Readonly<Record<string, unknown>>

/**
 * Real providers are not strict. This converts a token response into the form of RFC 6749 §5, so that strict code can read
 * it. It leaves anything else as it is, and the strict code refuses it.
 */
export const normalizeTokenResponse = async (
  reading: Reading,
  answer: Response,
  nowMs: number
): Promise<NormalizedTokenResponse> => {
  const body = parseMembers(answer.headers.get("content-type") ?? "", await answer.text())
  const issued = body === undefined ? undefined : issuedIn(reading, answer, body)
  const lifetime = parseLifetime(issued?.["expires_in"], reading.tokenResponse?.lifetimeIn, nowMs)
  const response =
    issued === undefined
      ? refusal(reading, answer, body)
      : jsonResponse(200, { ...issued, expires_in: lifetime })
  // RFC 9449 §8: the only header of a token response that matters.
  const nonce = answer.headers.get("dpop-nonce")
  if (nonce !== null) response.headers.set("dpop-nonce", nonce)
  return {
    response,
    body,
    lifetimeUnread: isThere(issued?.["expires_in"]) && lifetime === undefined,
    refreshExpiresIn: issued === undefined ? undefined : refreshLifetime(reading, body, nowMs),
    issued: tokensIn(issued)
  }
}

/** Seconds; undefined if the value is missing or unreadable, or 0 for a token that does not expire. */
const refreshLifetime = (
  { tokenResponse = {} }: Reading,
  body: Members | undefined,
  nowMs: number
): number | undefined => {
  const { lifetimeIn, members = {}, path = [] } = tokenResponse
  const lifetime = valueAtPath(
    body,
    members.refresh_token_expires_in ?? [...path, "refresh_token_expires_in"]
  )
  const seconds = parseLifetime(lifetime, lifetimeIn, nowMs)
  return seconds === 0 ? undefined : seconds
}

const tokensIn = (issued: Members = {}): NormalizedTokenResponse["issued"] => {
  const { access_token, refresh_token } = issued
  if (typeof access_token !== "string") return undefined
  return {
    accessToken: Secret(access_token),
    refreshToken: typeof refresh_token === "string" ? Secret(refresh_token) : undefined
  }
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== ""

/**
 * JSON, or a form (GitHub, and formerly Facebook). The text decides, not the content type: vendors send either one as
 * `text/plain`, `text/html` or the other's type, and it may hold a rotated token.
 */
const parseMembers = (contentType: string, text: string): Members | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return Predicate.isReadonlyObject(value) ? value : undefined
  } catch {
    const form = text.trim()
    return contentType.toLowerCase().startsWith(formType) || formText.test(form)
      ? Object.fromEntries(new URLSearchParams(form))
      : undefined
  }
}

/** An encoded form (WHATWG URL); HTML and plain sentences do not match. */
const formText = /^[^&=<>{}"\s]+=[^&<>{}"\s]*(?:&[^&=<>{}"\s]+=[^&<>{}"\s]*)*$/

/** The members of RFC 6749 §5.1; undefined if the response issues no tokens. */
const issuedIn = (reading: Reading, answer: Response, body: Members): Members | undefined => {
  if (!answer.ok || errorCode(reading, answer, body) !== undefined) return undefined
  const { ignoresTokenType, members = {}, path } = reading.tokenResponse ?? {}
  const holder = path === undefined ? body : valueAtPath(body, path)
  const member = (name: "access_token" | "refresh_token" | "expires_in" | "scope") => {
    const elsewhere = members[name]
    return elsewhere === undefined ? valueAtPath(holder, [name]) : valueAtPath(body, elsewhere)
  }
  return {
    access_token: tokenIn(member("access_token")),
    token_type: ignoresTokenType === true ? "bearer" : valueAtPath(holder, ["token_type"]),
    expires_in: member("expires_in"),
    scope: scopesIn(member("scope"), reading),
    refresh_token: refreshTokenIn(member("refresh_token"), reading),
    // An unrequested ID token is not used, and the library's strict checks could refuse it.
    ...(reading.openid === true && { id_token: valueAtPath(holder, ["id_token"]) })
  }
}

/** An empty refresh token counts as none. An unusable one must not cost the other tokens of a refresh. */
const refreshTokenIn = (value: unknown, { refreshes }: Reading): unknown => {
  if (isTokenText(value)) return value
  return refreshes === true || !isThere(value) ? undefined : false
}

const tokenIn = (value: unknown): string | undefined => (isTokenText(value) ? value : undefined)

/** Joined by spaces, from any separator; some vendors send a list. */
const scopesIn = (
  value: unknown,
  { grantedScopeSeparator: separator, refreshes }: Reading
): unknown => {
  if (Array.isArray(value) && value.every(Predicate.isString)) return value.join(" ")
  if (typeof value !== "string") return refreshes === true ? undefined : (value ?? undefined)
  return separator === undefined
    ? value
    : value
        .split(separator)
        .map((scope) => scope.trim())
        .filter(Boolean)
        .join(" ")
}

const toPaths = (places: MemberPaths | undefined): ReadonlyArray<ReadonlyArray<string>> => {
  if (places === undefined) return []
  return isPath(places) ? [places] : places
}

const isPath = (places: MemberPaths): places is Extract<MemberPaths, ReadonlyArray<string>> =>
  typeof places[0] === "string"

const firstAt = (body: Members, paths: ReadonlyArray<ReadonlyArray<string>>): unknown =>
  paths.map((path) => valueAtPath(body, path)).find(isThere)

/** The error of a response in any known shape: at its path, `ok: false`, or a success that lacks the definition's mark of success. */
const errorCode = (
  { tokenResponse: { error: path, success } = {} }: Reading,
  { ok }: Response,
  body: Members
): string | undefined => {
  // Some responses of a vendor have its own error code, others the standard's (HubSpot, Square).
  const error = firstAt(body, [...toPaths(path), ["error"]])
  // If a definition has a mark of success, the error's path may hold that mark.
  const isError =
    ok && success !== undefined ? !passes(body, success) : isThere(error) || body["ok"] === false
  if (!isError) return undefined
  const code = Number.isFinite(error) ? String(error) : error
  return typeof code === "string" && code !== "" ? code : "invalid_response"
}

/** A failure in the form of RFC 6749 §5.2; without an error code if the vendor sent none. */
const refusal = (reading: Reading, answer: Response, body: Members | undefined): Response => {
  // HTML, an array or an empty body is not a token response, whatever its status.
  if (body === undefined) return jsonResponse(statusOfNone(answer), {})
  const error = errorCode(reading, answer, body)
  // GitHub and Slack answer 200 with an error (docs.github.com, "Troubleshooting OAuth app access token request errors").
  return jsonResponse(
    answer.ok ? 400 : answer.status,
    error === undefined ? {} : { error, error_description: errorDescription(reading, body) }
  )
}

/** Untrusted text: it is only compared with the definition's list. */
const errorDescription = ({ tokenResponse }: Reading, body: Members): string | undefined => {
  const told = firstAt(body, [...toPaths(tokenResponse?.errorDescription), ["error_description"]])
  return typeof told === "string" ? told : undefined
}

const statusOfNone = ({ ok, status }: Response): number =>
  status === 200 ? 502 : ok ? 400 : status

const jsonResponse = (status: number, body: Members): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })
