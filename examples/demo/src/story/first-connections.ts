import { acceptedKey } from "../beacon.ts"
import { Browser } from "../browser.ts"
import type { Cast } from "./cast.ts"
import { expectEqual, refusalOf, step } from "./step.ts"

/** The company connects, by OAuth2 and by keys, and the host uses it. */
export const firstConnections = async (cast: Cast): Promise<void> => {
  const { as, begin, connectAcme, connectSimulated, consent, demo, hears, page, seenBy } = cast
  const ada = as("ada")

  await step("the catalog is public", async () => {
    const response = await fetch(`${demo.origin}/v1/integrations/catalog`)
    const { items } = (await response.json()) as { items: ReadonlyArray<{ provider: string }> }
    const providers = items.map(({ provider }) => provider)
    const wanted = ["acme-projects", "beacon", "datadog", "github", "google", "slack", "xero"]
    expectEqual("the providers", providers, wanted)
    return providers.join(", ")
  })

  await step("a member may not connect for the company", async () => {
    const refused = await refusalOf(
      as("max").connect({
        params: { provider: "acme-projects" },
        payload: { redirectUrl: page }
      })
    )
    expectEqual("the answer", [refused.httpStatus, refused.code], [403, "forbidden"])
    return refused.message
  })

  await step("a flow begun in one browser and finished in another is refused", async () => {
    const victim = new Browser()
    const callback = await consent(await begin("acme-projects", {}, new Browser()), victim)
    const response = await victim.request(callback)
    expectEqual("the callback", [response.status, response.headers.get("location")], [400, null])
    expectEqual("the connection", await seenBy("ada", "acme-projects"), undefined)
    return "400, and nothing is connected"
  })

  await step("who presses Deny comes back unconnected", async () => {
    const { href, search } = await connectAcme({}, { answer: "deny" })
    expectEqual("the return", search, "?status=error&provider=acme-projects&error=access_denied")
    return href
  })

  await step("who presses Allow comes back connected", async () => {
    const { href, searchParams } = await connectAcme()
    expectEqual("the status", searchParams.get("status"), "connected")
    return href
  })

  await step("every member sees it, with the account and what was granted", async () => {
    const seen = await seenBy("max", "acme-projects")
    const scopes = ["openid", "projects.read", "projects.write", "offline_access"]
    expectEqual("the scopes", seen?.scopes, scopes)
    expectEqual("who connected", [seen?.owner, seen?.connectedBy], ["tenant", "ada"])
    expectEqual("the account", seen?.accountLabel, "grace@acme.test")
    return `${seen?.integrationId}, connected at ${seen?.connectedAt}`
  })

  await step("the host hears of it", () => hears("connected: acme-projects default"))

  await step("the host reads the token", async () => {
    const token = await demo.hawser.tenant("acme-inc").connection("acme-projects").token()
    expectEqual("whether there is one", token.token.length > 20, true)
    return `${token.tokenType}, until ${token.expiresAt?.toISOString() ?? "revoked"}`
  })

  const store = (provider: string, credentials: Readonly<Record<string, string>>) =>
    ada.storeCredentials({ params: { provider }, payload: { credentials } })
  const isRejected = async (call: Promise<unknown>): Promise<string> => {
    const { code, httpStatus, message } = await refusalOf(call)
    expectEqual("the answer", [httpStatus, code], [422, "credential_validation_failed"])
    return message
  }

  await step("a wrong API key is rejected and not stored", () =>
    isRejected(store("beacon", { api_key: "a-wrong-key" }))
  )

  await step("the right one is accepted and connects, once", async () => {
    const { credentialId, status } = await store("beacon", { api_key: acceptedKey })
    expectEqual("the key", status, "validated")
    const connect = () => ada.connect({ params: { provider: "beacon" }, payload: { credentialId } })
    const connected = await connect()
    const { code } = await refusalOf(connect())
    expectEqual("a second time", code, "already_connected")
    return `${"integrationId" in connected ? connected.integrationId : ""}; a second time: ${code}`
  })

  await step("the host hears of that too", () => hears("connected: beacon default"))

  await step("who presses Deny at the simulated GitHub comes back unconnected", async () => {
    const { search } = await connectSimulated("github", {}, "deny")
    expectEqual("the return", search, "?status=error&provider=github&error=access_denied")
    return search
  })

  await step("who presses Allow there comes back connected", async () => {
    const { searchParams } = await connectSimulated("github")
    expectEqual("the status", searchParams.get("status"), "connected")
    const seen = await seenBy("max", "github")
    return `${await hears("connected: github default")}, with ${JSON.stringify(seen?.scopes)}`
  })

  await step("the host calls the simulated GitHub's API", async () => {
    const github = demo.hawser.tenant("acme-inc").connection("github")
    const { login } = (await (await github.fetch("/user")).json()) as { login: string }
    expectEqual("who it is", login, "octocat")
    return login
  })

  const keys = demo.simulator.fields("datadog")
  await step("the simulated Datadog rejects a wrong key, and nothing is stored", () =>
    isRejected(store("datadog", { ...keys, application_key: "f".repeat(40) }))
  )

  await step("it accepts its own, and connects", async () => {
    const { credentialId } = await store("datadog", keys)
    await ada.connect({ params: { provider: "datadog" }, payload: { credentialId } })
    return hears("connected: datadog default")
  })
}
