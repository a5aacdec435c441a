import { Schema } from "effect"
import type { OAuth2Definition } from "../domain/ProviderDefinition.ts"

/** What has to be known of a vendor to read its answer. */
type Reading = {
  readonly [Name in "openid" | "grantedScopeSeparator"]?: OAuth2Definition[Name] | undefined
}

/**
 * Real providers are not strict: this turns a token endpoint's answer into the one that RFC 6749 §5 describes, so that
 * strict code can read it. What it cannot make right it leaves, for the strict code to refuse.
 */
export const normalizeTokenResponse = async (
  definition: Reading,
  response: Response
): Promise<Response> => {
  const normalized = await normalizedBody(definition, response)
  // RFC 9449 §8: the one thing besides the body that a token response tells.
  const nonce = response.headers.get("dpop-nonce")
  if (nonce !== null) normalized.headers.set("dpop-nonce", nonce)
  return normalized
}

const normalizedBody = async (definition: Reading, response: Response): Promise<Response> => {
  const members = parseMembers(response.headers.get("content-type") ?? "", await response.text())
  // HTML, an array, nothing: no token response at all, whatever its status.
  if (members === undefined)
    return jsonResponse(response.status === 200 ? 502 : response.status, {})

  const error = errorOf(members)
  // GitHub and Slack answer 200 with an error (docs.github.com, "Troubleshooting OAuth app access token request errors").
  if (error !== undefined) return jsonResponse(response.ok ? 400 : response.status, { error })
  if (!response.ok) return jsonResponse(response.status, members)

  const normalized = { ...members }
  const expiresIn = lifetimeOf(members["expires_in"])
  if (expiresIn === undefined) delete normalized["expires_in"]
  else normalized["expires_in"] = expiresIn
  const separator = definition.grantedScopeSeparator
  if (separator !== undefined && typeof members["scope"] === "string") {
    normalized["scope"] = members["scope"]
      .split(separator)
      .map((scope) => scope.trim())
      .filter(Boolean)
      .join(" ")
  }
  // An empty refresh token is none; an ID token that nobody asked for is of no use, and has strict rules of its own.
  if (members["refresh_token"] === "" || members["refresh_token"] === null)
    delete normalized["refresh_token"]
  if (definition.openid !== true) delete normalized["id_token"]
  return jsonResponse(200, normalized)
}

type Members = Readonly<Record<string, unknown>>

const isMembers = Schema.is(Schema.Record(Schema.String, Schema.Unknown))

const parseMembers = (contentType: string, text: string): Members | undefined => {
  if (contentType.toLowerCase().startsWith("application/x-www-form-urlencoded")) {
    return Object.fromEntries(new URLSearchParams(text))
  }
  try {
    const value: unknown = JSON.parse(text)
    return isMembers(value) && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The error of an answer in any of the shapes seen: `error`, or `ok: false` with or without it. */
const errorOf = (members: Members): string | undefined => {
  if (members["error"] === undefined && members["ok"] !== false) return undefined
  return typeof members["error"] === "string" && members["error"] !== ""
    ? members["error"]
    : "invalid_response"
}

/** The longest lifetime believed: ten years in seconds. */
const longestLifetime = 315_360_000

/** Seconds, from a number or a numeric string, never negative; otherwise unknown, which is not "never" (S-34). */
const lifetimeOf = (value: unknown): number | undefined => {
  const seconds = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0
    ? Math.min(Math.floor(seconds), longestLifetime)
    : undefined
}

const jsonResponse = (status: number, body: Members): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })
