import { expect } from "vitest"
import { expectError } from "../expectations.ts"
import { comeBack, consent, destination, form, postBack, startFlow } from "../flows.ts"
import { formPost } from "../provider/definitions.ts"
import { expectNoFlow } from "./callbackSuite.ts"
import type { Check } from "./Check.ts"

const options = { provider: formPost }

export const formPostSuite = (check: Check): void => {
  check("asks for it, and sets a cookie that comes with a post from another site", async (host) => {
    const { authorizationUrl, setCookie } = await startFlow(host.admin(), options)
    expect(authorizationUrl.searchParams.get("response_mode")).toBe("form_post")
    // No browser takes None without Secure, which is missing only if the public URL is plain http on loopback.
    const isSecure = setCookie?.includes("; Secure")
    expect(setCookie).toContain(`; SameSite=${isSecure === true ? "None" : "Lax"}`)
  })

  for (const [binding, status] of [
    ["cookie", "connected"],
    ["session", "connected"],
    ["complete", "pending"]
  ] as const) {
    check(`${binding}: is finished on the post itself`, async (host) => {
      const flow = await startFlow(host.admin(), { ...options, binding })
      const body = (await consent(flow)).toString()
      const url = destination(await postBack(flow, body))
      expect(url.searchParams.get("status")).toBe(status)
      expectNoFlow(await postBack(flow, body))
    })
  }

  check(
    "S-03 a response that is asked for by post comes by no GET, and no other by post",
    async (host) => {
      const before = host.provider.tokenRequests()
      const posted = await startFlow(host.admin(), options)
      const response = await consent(posted)
      expectNoFlow(await comeBack(posted, response))
      // The mismatch has burned it.
      expectNoFlow(await postBack(posted, response.toString()))
      const plain = await startFlow(host.admin())
      const query = await consent(plain)
      expectNoFlow(await postBack(plain, query.toString()))
      expectNoFlow(await comeBack(plain, query))
      expect(host.provider.tokenRequests()).toBe(before)
    }
  )

  check("S-05 another browser is refused, and burns the flow", async (host) => {
    const flow = await startFlow(host.admin(), options)
    const body = (await consent(flow)).toString()
    const before = host.provider.tokenRequests()
    expectNoFlow(await postBack({ ...flow, browser: host.browser() }, body))
    expectNoFlow(await postBack(flow, body))
    expect(host.provider.tokenRequests()).toBe(before)
  })

  check("takes nothing from the query", async (host) => {
    const flow = await startFlow(host.admin(), options)
    const response = (await consent(flow)).toString()
    const url = flow.host.url(`/${formPost}/callback?${response}`)
    expectNoFlow(await flow.browser.request("POST", url, { body: "", headers: form }))
    // The state was not burned by it.
    expect(destination(await postBack(flow, response)).searchParams.get("status")).toBe("connected")
  })

  check("S-10 a parameter that comes twice is refused", async (host) => {
    for (const name of ["state", "code", "iss"]) {
      const flow = await startFlow(host.admin(), options)
      const response = await consent(flow)
      response.append(name, response.get(name) ?? "")
      expectNoFlow(await postBack(flow, response.toString()))
    }
  })

  check(
    "what is not a form is 415, what is too large 413, and neither burns the flow",
    async (host) => {
      const flow = await startFlow(host.admin(), options)
      const body = (await consent(flow)).toString()
      for (const type of ["application/json", "text/plain", "multipart/form-data; boundary=x"]) {
        const answer = await postBack(flow, body, { "content-type": type })
        expectError(answer, "415 unsupported_media_type")
      }
      const large = await postBack(flow, `${body}&x=${"x".repeat(65_536)}`)
      expectError(large, "413 payload_too_large")
      expect(destination(await postBack(flow, body)).searchParams.get("status")).toBe("connected")
    },
    "rawBody"
  )

  check("S-08 a form with a bearer token in it authenticates nobody", async (host) => {
    const admin = host.admin()
    const token = await host.mount.mintToken(admin.claims)
    const body = `access_token=${encodeURIComponent(token)}`
    const answer = await host.call("POST", `/${formPost}/connect`, { body, headers: form })
    expectError(answer, "401 unauthorized")
  })
}
