import { isHawserError } from "hawser"
import { Browser } from "../browser.ts"
import type { Cast } from "./cast.ts"
import { expectEqual, step } from "./step.ts"

/** What connections lack or lose, and how they come back. */
export const endings = async (cast: Cast): Promise<void> => {
  const { as, authorizationUrlOf, comeBack, connectAcme, consent, demo, hears, page, seenBy } = cast

  const us = { name: "us" }
  await step("who allows less is connected, and what is missing is told", async () => {
    await connectAcme(us, { account: "ken@acme.test", scopes: ["projects.read"] })
    const seen = await seenBy("max", "acme-projects", us)
    expectEqual("the status", seen?.status, "connected")
    expectEqual("what is missing", seen?.missingScopes, ["projects.write"])
    return "projects.write is missing"
  })

  await step("a reconnect asks for what is missing, and it is the same connection", async () => {
    const before = await seenBy("ada", "acme-projects", us)
    const browser = new Browser()
    const url = authorizationUrlOf(
      await as("ada", browser).connect({
        params: { provider: before?.integrationId ?? "" },
        payload: {
          redirectUrl: page,
          reauthorize: true,
          scopes: before?.missingScopes ?? []
        }
      })
    )
    await comeBack(browser, await consent(url, browser, { account: "ken@acme.test" }))
    const after = await seenBy("ada", "acme-projects", us)
    expectEqual("the id", after?.integrationId, before?.integrationId)
    expectEqual("what is missing", after?.missingScopes, [])
    return `${after?.integrationId} lacks nothing`
  })

  const emea = { name: "emea" }
  await step("Acme ends the access, and the host learns it by its next call", async () => {
    const revoked = await fetch(`${demo.origin}/demo/revoke?provider=acme-projects`, {
      method: "POST",
      headers: { origin: demo.origin }
    })
    expectEqual("the demo's answer", revoked.status, 200)
    const told = (await seenBy("max", "acme-projects", emea))?.status
    expectEqual("the status before", told, "connected")
    const connection = demo.hawser.tenant("acme-inc").connection("acme-projects", emea)
    const error: unknown = await connection.fetch("/me").catch((thrown: unknown) => thrown)
    expectEqual("the error", isHawserError(error) ? error.code : error, "reconnect_required")
    return hears("disconnected: acme-projects emea")
  })

  await step("the list says why", async () => {
    const seen = await seenBy("max", "acme-projects", emea)
    expectEqual("the reason", [seen?.status, seen?.error], ["disconnected", "refresh_failed"])
    return `${seen?.status}, ${seen?.error}`
  })

  await step("another account may not take its place", async () => {
    const { search, searchParams } = await connectAcme(emea, { account: "mallory@acme.test" })
    expectEqual("the error", searchParams.get("error"), "account_mismatch")
    return search
  })

  await step("the same one brings it back, with its id", async () => {
    const before = await seenBy("max", "acme-projects", emea)
    const { searchParams } = await connectAcme(emea, { account: "linus@acme.test" })
    expectEqual("the id", searchParams.get("integrationId"), before?.integrationId)
    return hears("connected: acme-projects emea", 2)
  })

  await step("nothing was sent that a vendor would not have taken", async () => {
    expectEqual("what they object to", demo.simulator.violations, [])
    return "no objection"
  })
}
