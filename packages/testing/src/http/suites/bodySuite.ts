import { expect } from "vitest"
import { expectError, expectInvalid, expectOk } from "../expectations.ts"
import { acceptedKey, storeKey } from "../flows.ts"
import { apiKey, oauth } from "../provider/definitions.ts"
import { redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

const json = { "content-type": "application/json" }
const form = { "content-type": "application/x-www-form-urlencoded" }

/** An object in an object, and so on. */
const nested = (depth: number): object => (depth === 0 ? {} : { deeper: nested(depth - 1) })

/** Of so many bytes, whatever the key. */
const bodyOf = (bytes: number, key: string): string => {
  const head = `{"credentials":{"api_key":"${key}"},"label":"`
  return `${head}${"x".repeat(bytes - head.length - 2)}"}`
}

export const bodySuite = (check: Check): void => {
  check(
    "curl's -d '{…}', which announces a form, is read as JSON",
    async (host) => {
      const admin = host.admin()
      for (const body of [
        `{"redirectUrl": "${redirectUrls.cookie}"}`,
        `\n{\n  "redirectUrl": "${redirectUrls.complete}"\n}\n`
      ]) {
        expectOk(await admin.call("POST", `/${oauth}/connect`, { body, headers: form }))
      }
      const key = acceptedKey(host)
      const body = `{"credentials": {"api_key": "${key}"}, "label": "100% & more = ö"}`
      const stored = await admin.call("POST", `/${apiKey}/credentials`, { body, headers: form })
      expect(expectOk(stored, 201)["label"]).toBe("100% & more = ö")
    },
    "rawBody"
  )

  check(
    "what is not JSON is 415",
    async (host) => {
      const admin = host.admin()
      const valid = `{"redirectUrl": "${redirectUrls.cookie}"}`
      for (const [type, body] of [
        ["text/plain", valid],
        ["text/json", valid],
        ["application/xml", "<a/>"],
        ["application/jsonp", valid],
        ["multipart/form-data; boundary=x", "--x--"],
        ["application/json; charset=utf-16", valid],
        [form["content-type"], "redirectUrl=x"],
        [form["content-type"], "[]"],
        [form["content-type"], "not { JSON"]
      ] as const) {
        const headers = { "content-type": type }
        const answer = await admin.call("POST", `/${oauth}/connect`, { body, headers })
        expectError(answer, "415 unsupported_media_type")
      }
      expectError(
        await admin.call("POST", `/${oauth}/connect`, { body: valid }),
        "415 unsupported_media_type"
      )
    },
    "rawBody"
  )

  check("JSON may say that it is UTF-8, in any spelling", async (host) => {
    const admin = host.admin()
    const body = JSON.stringify({ redirectUrl: redirectUrls.cookie })
    for (const type of [
      "application/json; charset=utf-8",
      "Application/JSON;charset=UTF-8",
      'application/json; charset="utf-8"'
    ]) {
      const headers = { "content-type": type }
      expectOk(await admin.call("POST", `/${oauth}/connect`, { body, headers }))
    }
  })

  check(
    "JSON that does not parse, or is not an object, is 400",
    async (host) => {
      const admin = host.admin()
      for (const body of ["{", '{"a":1}}', "[]", '"text"', "null", "1", "\u0000", "{'a': 1}"]) {
        const answer = await admin.call("POST", `/${oauth}/connect`, { body, headers: json })
        expectInvalid(answer, "body", "invalid")
      }
      const notUtf8 = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
      expectInvalid(
        await admin.call("POST", `/${oauth}/connect`, { body: notUtf8, headers: json }),
        "body",
        "invalid"
      )
    },
    "rawBody"
  )

  check("no body at all is an empty object", async (host) => {
    const admin = host.admin()
    expectInvalid(await admin.call("POST", `/${oauth}/connect`), "redirectUrl", "missing")
    expectInvalid(
      await admin.call("POST", `/${oauth}/connect`, { headers: json }),
      "redirectUrl",
      "missing"
    )
  })

  check(
    "S-69 64 KiB are read, and one byte more is 413, with a length announced and without",
    async (host) => {
      const admin = host.admin()
      const store = (body: string | ReadableStream) =>
        admin.call("POST", `/${apiKey}/credentials`, { body, headers: json })
      const exact = bodyOf(65_536, acceptedKey(host))
      expectInvalid(await store(exact), "label", "invalid")
      for (const bytes of [65_537, 300_000]) {
        const body = bodyOf(bytes, acceptedKey(host))
        expectError(await store(body), "413 payload_too_large")
        expectError(await store(new Blob([body]).stream()), "413 payload_too_large")
      }
      // The connection is still good.
      await storeKey(admin)
    },
    "rawBody"
  )

  check("S-69 names that reach a prototype are 400", async (host) => {
    const admin = host.admin()
    const key = acceptedKey(host)
    for (const body of [
      `{"credentials":{"api_key":"${key}"},"__proto__":{"label":"x"}}`,
      `{"credentials":{"api_key":"${key}","__proto__":{"x":1}}}`,
      `{"credentials":{"api_key":"${key}","constructor":{"prototype":{}}}}`
    ]) {
      const answer = await admin.call("POST", `/${apiKey}/credentials`, { body, headers: json })
      expectInvalid(answer, "body", "invalid")
    }
    expect(expectOk(await admin.call("GET", `/${apiKey}/credentials`))["total"]).toBe(0)
  })

  check("S-69 what is nested too deep, or has too many members, is 400", async (host) => {
    const admin = host.admin()
    const members = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`m${index}`, 1]))
    for (const credentials of [nested(20), members]) {
      const answer = await admin.call("POST", `/${apiKey}/credentials`, { json: { credentials } })
      expectInvalid(answer, "body", "invalid")
    }
  })
}
