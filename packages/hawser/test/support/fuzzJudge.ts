import { expect } from "vitest"
import { secretsIn } from "./encodings.ts"
import { canary } from "./fuzzRequests.ts"
import type { RawAnswer, RawRequest } from "./rawRequest.ts"

/** The contract's codes, and the status of each: an answer has no others. */
const statusOfCode: Readonly<Record<string, number>> = {
  validation_error: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  provider_not_found: 404,
  credential_not_found: 404,
  integration_not_found: 404,
  flow_not_found: 404,
  method_not_allowed: 405,
  already_connected: 409,
  credential_in_use: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  credential_validation_failed: 422,
  rate_limit_exceeded: 429
}

/** What holds of every answer, whatever was asked: no 5xx, a contract's body, and no secret in any encoding. */
export const judge = (
  { method }: RawRequest,
  { body, headers, status }: RawAnswer,
  secrets: Readonly<Record<string, string>>,
  allowedRedirects: ReadonlyArray<string>
): void => {
  expect(status).toBeGreaterThanOrEqual(200)
  expect(status).toBeLessThan(500)
  const all = `${JSON.stringify(headers)}\n${body}`
  expect(secretsIn(all, { ...secrets, canary })).toEqual([])
  expect(all).not.toMatch(/evil\.example|_tag|\bat \/|node_modules|SELECT |hawser\.flows/)

  const location = headers["location"]
  if (status === 303) {
    expect(
      allowedRedirects.some(
        (url) => String(location).startsWith(`${url}?`) || String(location).startsWith(`${url}&`)
      )
    ).toBe(true)
  } else {
    expect(location).toBeUndefined()
  }
  const isPage = String(headers["content-type"]).startsWith("text/html")
  if (status < 400 || isPage || method === "HEAD") return
  const answer = JSON.parse(body) as Readonly<Record<string, unknown>>
  expect(statusOfCode[String(answer["error"])]).toBe(status)
  expect(typeof answer["message"]).toBe("string")
  const others = Object.keys(answer).filter(
    (name) => !["error", "message", "details", "reason"].includes(name)
  )
  expect(others).toEqual([])
}
