import { apiKey } from "../provider/definitions.ts"
import { expectError } from "../expectations.ts"
import { connectKey, storeKey } from "../flows.ts"
import type { Check } from "./Check.ts"

const tooLarge = "x".repeat(70_000)
const text = { body: tooLarge, headers: { "content-type": "text/plain" } }
const evilOrigin = { origin: "https://evil.example" }

/** Each request has every fault that can come after the one that must be answered. */
export const orderSuite = (check: Check): void => {
  check("404 for the route comes first", async (host) => {
    expectError(await host.call("PATCH", "/nobody/nothing", text), "404 not_found")
  })

  check("405 comes before 401", async (host) => {
    expectError(await host.call("PATCH", "/nobody/connect", text), "405 method_not_allowed")
  })

  check("401 comes before 403, 404 and what is wrong with the body", async (host) => {
    expectError(await host.call("POST", "/nobody/connect", text), "401 unauthorized")
  })

  check("403 comes before 404 and what is wrong with the body", async (host) => {
    const member = host.admin().member()
    expectError(await member.call("POST", "/nobody/connect", text), "403 forbidden")
  })

  check("403 for the page's origin as well", async (host) => {
    const options = { ...text, headers: { ...text.headers, ...evilOrigin } }
    expectError(await host.admin().call("POST", "/nobody/connect", options), "403 forbidden")
  })

  check("404 for the provider comes before 415 and 413", async (host) => {
    expectError(await host.admin().call("POST", "/nobody/connect", text), "404 provider_not_found")
  })

  check(
    "415 comes before 413",
    async (host) => {
      const answer = await host.admin().call("POST", `/${apiKey}/connect`, text)
      expectError(answer, "415 unsupported_media_type")
    },
    "rawBody"
  )

  check(
    "413 comes before 400",
    async (host) => {
      const headers = { "content-type": "application/json" }
      const options = { body: tooLarge, headers }
      const answer = await host.admin().call("POST", `/${apiKey}/connect`, options)
      expectError(answer, "413 payload_too_large")
    },
    "rawBody"
  )

  check("400 comes before 404 for the credential, and that before 409", async (host) => {
    const admin = host.admin()
    await connectKey(admin)
    const connect = async (json: object, outcome: string) =>
      expectError(await admin.call("POST", `/${apiKey}/connect`, { json }), outcome)
    await connect({ credentialId: "crd_1", unknown: 1 }, "400 validation_error")
    await connect({ credentialId: "crd_1" }, "404 credential_not_found")
    await connect({ credentialId: await storeKey(admin) }, "409 already_connected")
  })
}
