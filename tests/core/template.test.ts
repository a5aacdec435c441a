import { assert, describe, it } from "@effect/vitest"
import { isFirstLabel } from "../../packages/core/src/provider/template.ts"

describe("S-62 a label of the tenant's choice", () => {
  for (const [url, stands] of [
    ["https://{x}.zendesk.com/oauth", true],
    ["https://{x}.zendesk.com", true],
    ["https://{x}.api.zendesk.com:8443/oauth", true],
    ["http://{x}.zendesk.com.localhost:4000/oauth", true],
    ["http://{x}.com.localhost", true],
    ["https://{x}.com/oauth", false],
    ["https://{x}/oauth", false],
    ["https://api.{x}.zendesk.com/", false],
    ["https://{x}-api.zendesk.com/", false],
    ["https://{x}.zendesk.com/{x}", false],
    ["http://{x}.zendesk.com/oauth", false],
    ["http://{x}.zendesk.com:4000/oauth", false],
    ["http://{x}.localhost:4000/oauth", false],
    ["http://{x}.zendesk.com.localhost.evil.example/", false],
    ["http://{x}.zendesk.localhosts:4000/", false]
  ] as const) {
    it(`${stands ? "may" : "may not"} stand in ${url}`, () =>
      assert.strictEqual(isFirstLabel(url, "x"), stands))
  }
})
