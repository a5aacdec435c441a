import { Browser } from "../browser.ts"
import type { Cast } from "./cast.ts"
import { expectEqual, refusalOf, step } from "./step.ts"

const flowIdOf = ({ hash }: URL): string => new URLSearchParams(hash.slice(1)).get("flowId") ?? ""

/** Flows in which a person is asked once more: which account, or whether it was they who began. */
export const askedOnceMore = async (cast: Cast): Promise<void> => {
  const { as, begin, comeBack, connectSimulated, demo, hears, seenBy } = cast
  const ada = as("ada")

  await step(
    "a consent that covers two organisations at Xero connects none by itself",
    async () => {
      const back = await connectSimulated("xero")
      expectEqual("the status", back.searchParams.get("status"), "choose")
      const params = { provider: "xero" }
      const { choice } = await refusalOf(
        ada.complete({ params, payload: { flowId: flowIdOf(back) } })
      )
      const labels = choice?.choices.map(({ label }) => label)
      expectEqual("the choices", labels, ["Demo Company (NZ)", "Other Demo Company (NZ)"])
      const { choices = [], flowId = "" } = choice ?? {}
      const account = choices[1]?.id ?? ""
      await ada.complete({ params, payload: { flowId, account } })
      return `${labels?.join(", ")}: Ada takes the second`
    }
  )

  await step("the one that was chosen is connected", async () => {
    const label = (await seenBy("max", "xero"))?.accountLabel
    expectEqual("the account", label, "Other Demo Company (NZ)")
    return hears("connected: xero default")
  })

  await step("before a flow ends on a customer's page, somebody agrees on Hawser's", async () => {
    const browser = new Browser()
    const url = await begin("slack", {}, browser, `${demo.origin}/portal`)
    const confirmation = await comeBack(browser, (await demo.simulator.visit(url)).url)
    expectEqual("where the browser is", confirmation.pathname, "/v1/integrations/slack/confirm")
    const html = await (await browser.request(confirmation)).text()
    expectEqual("token requests so far", demo.simulator.count("slack", "token"), 0)
    const hidden = [...html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)]
    const answer = new URLSearchParams(hidden.map(([, name = "", value = ""]) => [name, value]))
    answer.set("agreed", "yes")
    answer.set("answer", "connect")
    const agreed = await browser.request(confirmation, {
      method: "POST",
      headers: { origin: demo.origin },
      body: answer
    })
    const back = new URL(agreed.headers.get("location") ?? "")
    expectEqual(
      "the return",
      [back.pathname, back.search],
      ["/portal", "?status=pending&provider=slack"]
    )
    await ada.complete({ params: { provider: "slack" }, payload: { flowId: flowIdOf(back) } })
    return hears("connected: slack default")
  })
}
