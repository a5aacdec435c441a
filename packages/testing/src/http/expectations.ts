import { expect } from "vitest"
import type { Answer } from "./Answer.ts"

/** Whole seconds, UTC. */
export const timestamp: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
export const integrationId: unknown = expect.stringMatching(/^int_[0-9A-HJKMNP-TV-Z]{26}$/)
export const credentialId: unknown = expect.stringMatching(/^crd_[0-9A-HJKMNP-TV-Z]{26}$/)

/** Expects a success: its status, and JSON that nothing keeps. */
export const expectOk = (answer: Answer, status = 200): Answer["body"] => {
  expect([answer.status, answer.text]).toEqual([status, answer.text])
  expect(answer.headers.get("content-type")).toBe("application/json")
  expect(answer.headers.get("cache-control")).toBe("no-store")
  return answer.body
}

/** Expects an error of the contract: status and code, and a body of the one form. */
export const expectError = (answer: Answer, outcome: string): void => {
  expect(`${answer.status} ${String(answer.body["error"])}`).toBe(outcome)
  expect(answer.headers.get("content-type")).toBe("application/json")
  expect(answer.body["message"]).toEqual(expect.stringMatching(/./))
  expect(Object.keys(answer.body).filter((name) => !members.has(name))).toEqual([])
  for (const detail of (answer.body["details"] ?? []) as ReadonlyArray<object>) {
    expect(Object.keys(detail).toSorted()).toEqual(["code", "path"])
  }
}

const members = new Set(["error", "message", "requestId", "details", "reason", "integrationId"])

/** Expects a 400 that says what is wrong, and where. */
export const expectInvalid = (answer: Answer, path: string, code: string): void => {
  expectError(answer, "400 validation_error")
  expect(answer.body["details"]).toEqual([{ path, code }])
}
