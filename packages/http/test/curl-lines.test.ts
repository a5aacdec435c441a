import { describe, expect, it } from "vitest"
import { completeUrl, cookieUrl } from "./support/flow.ts"
import { makeHost, outcomeOf } from "./support/host.ts"

describe("the reference's curl lines", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" }

  it("JSON under a form content type, with a bearer token, is read as JSON", async () => {
    const host = await makeHost()
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      headers: form,
      body: `{"redirectUrl": "${completeUrl}"}`
    })
    expect(response.status).toBe(200)
  })

  it.each(["redirectUrl=https%3A%2F%2Fapp.host.test%2Fdone", "[]", '"text"', "5", "null", ""])(
    "S-08 any other body under it is 415: %s",
    async (body) => {
      const host = await makeHost()
      const token = await host.issuer.token()
      expect(
        await outcomeOf(await host.send("POST", "/forge/connect", { token, headers: form, body }))
      ).toBe("415 unsupported_media_type")
    }
  )

  it.each(["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])(
    "S-08 %s without a bearer token is 401, with a cookie too",
    async (type) => {
      const host = await makeHost()
      const response = await host.send("POST", "/forge/connect", {
        headers: { "content-type": type, cookie: `token=${await host.issuer.token()}` },
        body: `{"redirectUrl": "${cookieUrl}"}`
      })
      expect(await outcomeOf(response)).toBe("401 unauthorized")
    }
  )
})
