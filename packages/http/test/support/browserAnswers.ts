import { expect } from "vitest"
import { outcomeOf } from "./host.ts"

/** S-09: what every answer at the callback carries. */
export const expectBrowserHeaders = ({ headers }: Response): void => {
  expect(headers.get("cache-control")).toBe("no-store")
  expect(headers.get("referrer-policy")).toBe("no-referrer")
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'")
  expect(headers.get("x-content-type-options")).toBe("nosniff")
}

/** S-13: no safe place to send the browser to. */
export const expectNoFlow = async (response: Response): Promise<void> => {
  expect(response.headers.get("location")).toBeNull()
  expect(response.headers.get("set-cookie")).toBeNull()
  expectBrowserHeaders(response)
  expect(await outcomeOf(response)).toBe("400 validation_error")
}
