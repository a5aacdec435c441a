import { isHawserError } from "hawser"
import type { Cast } from "./cast.ts"
import { expectEqual, refusalOf, step } from "./step.ts"

/** The company has two accounts, and people have their own beside them. */
export const ownersAndNames = async (cast: Cast): Promise<void> => {
  const { as, connectAcme, connectSimulated, demo, hears, seenBy } = cast

  await step("the company connects a second account under another name", async () => {
    await connectAcme({ name: "emea" }, { account: "linus@acme.test" })
    const seen = await seenBy("max", "acme-projects", { name: "emea" })
    expectEqual("the account", seen?.accountLabel, "linus@acme.test")
    return hears("connected: acme-projects emea")
  })

  await step("the same account under a third name is refused", async () => {
    const { search, searchParams } = await connectAcme({ name: "apac" })
    expectEqual("the error", searchParams.get("error"), "account_already_connected")
    return search
  })

  await step("a member connects an account of the same provider for himself", async () => {
    await connectAcme({ user: "max", owner: "user" }, { account: "max@acme.test" })
    const own = await seenBy("max", "acme-projects", { owner: "user" })
    expectEqual("whose it is", [own?.owner, own?.userId], ["user", "max"])
    const label = (await seenBy("max", "acme-projects"))?.accountLabel
    expectEqual("the company's account", label, "grace@acme.test")
    return hears("connected: acme-projects default of max")
  })

  await step("the host gets the one that it names, and never another for it", async () => {
    const tokenOf = async (user: string) => {
      const acme = demo.hawser.tenant("acme-inc", { user })
      return (await acme.connection("acme-projects", { owner: "user" }).token()).token
    }
    const company = await demo.hawser.tenant("acme-inc").connection("acme-projects").token()
    expectEqual("whether Max's is the company's", (await tokenOf("max")) === company.token, false)
    const refused = await tokenOf("lin").then(
      () => "given out",
      (error: unknown) => (isHawserError(error) ? error.code : error)
    )
    expectEqual("what Lin has", refused, "not_connected")
    return "Max's own, and for Lin none"
  })

  let google = ""
  await step("of Google each has their own, and the company has none", async () => {
    const refused = await refusalOf(
      as("ada").connect({
        params: { provider: "google" },
        payload: { redirectUrl: cast.page }
      })
    )
    expectEqual("the company's", refused.code, "validation_error")
    const { searchParams } = await connectSimulated("google", { user: "max", owner: "user" })
    google = searchParams.get("integrationId") ?? ""
    return hears("connected: google default of max")
  })

  await step("another member does not see it", async () => {
    const { items } = await as("lin").list({ query: { provider: "google" } })
    expectEqual("Lin's list", items, [])
    const { code } = await refusalOf(as("lin").get({ params: { provider: google } }))
    expectEqual("by its id", code, "integration_not_found")
    return code
  })

  await step("an admin sees that it is there, and nothing of it", async () => {
    const [item] = (await as("ada").list({ query: { provider: "google" } })).items
    const seen = Object.keys(item ?? {}).toSorted()
    const wanted = ["connectedAt", "integrationId", "owner", "provider", "status", "userId"]
    expectEqual("the members", seen, wanted)
    return seen.join(", ")
  })

  await step("an admin may disconnect it", async () => {
    await as("ada").disconnect({ params: { provider: google } })
    expectEqual(
      "Max's status",
      (await as("max").get({ params: { provider: google } })).status,
      "disconnected"
    )
    return hears("disconnected: google default of max")
  })
}
