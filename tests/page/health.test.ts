import { expect, it } from "vitest"
import { needsChromium, openPage, said } from "./support/chromium.ts"
import { startHost } from "./support/host.ts"

needsChromium()

it(
  "an admin sees what needs somebody first, why, and what to press",
  { timeout: 60_000 },
  async () => {
    const { hawser, origin, simulator } = await startHost({
      body: "<hawser-health></hawser-health>"
    })
    const connect = async (provider: string, user: string, owner: "tenant" | "user") => {
      const client = hawser.tenant("acme", { user })
      const begun = await client.connect(provider, { owner, redirectUrl: `${origin}/settings` })
      const { url } = await simulator.visit(begun.authorizationUrl)
      const answer = await fetch(url, {
        headers: { cookie: begun.setCookie?.split(";")[0] ?? "" },
        redirect: "manual"
      })
      expect(new URL(answer.headers.get("location") ?? "").searchParams.get("status")).toBe(
        "connected"
      )
    }
    await connect("github", "ada", "tenant")
    await connect("gmail", "ada", "tenant")
    await connect("gmail", "bob", "user")
    simulator.end("gmail")
    const gmail = hawser.tenant("acme").connection("gmail")
    await expect(gmail.fetch("/gmail/v1/users/me/labels")).rejects.toThrow()

    const { page } = await openPage(`${origin}/settings`)
    await page.getByText("2 connected, 1 need attention").waitFor()
    const cards = page.locator("li")
    // The broken one first.
    await cards.nth(0).getByText("The access has ended. Connect again.").waitFor()
    await cards
      .nth(0)
      .getByRole("button", { name: /^Connect again: Gmail/ })
      .waitFor()
    // Of bob's own an admin sees that it is there, and can only end it.
    const others = cards.filter({ hasText: "belongs to bob" })
    expect(await others.getByRole("button").allTextContents()).toEqual(["Disconnect"])

    await page.getByRole("button", { name: "Test: GitHub" }).click()
    await said(page, "GitHub accepts the connection.")
    simulator.end("github")
    await page.getByRole("button", { name: "Test: GitHub" }).click()
    await said(page, "GitHub does not accept the connection. Connect again.")
    simulator.failNext("github", "check", { kind: "reset" })
    await page.getByRole("button", { name: "Test: GitHub" }).click()
    await said(page, "GitHub does not answer at the moment.")
  }
)
