import { expect, it } from "vitest"
import { card, needsChromium, openPage } from "./support/chromium.ts"
import { startHost } from "./support/host.ts"

needsChromium()

it("an admin connects by OAuth, sees the account, and disconnects", async () => {
  const { origin, simulator } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const github = card(page, "github")
  await github.getByRole("button", { name: "Connect: GitHub" }).click()
  await page.getByRole("button", { name: "Allow" }).click()
  await page.getByRole("status").getByText("GitHub is connected.").waitFor()
  expect(page.url()).toBe(`${origin}/settings`)
  await github.getByText("octocat").waitFor()

  await github.getByRole("button", { name: "Disconnect: GitHub, octocat" }).click()
  await github.getByText("Disconnect GitHub? Its access ends at once.").waitFor()
  await github.getByRole("button", { name: "Disconnect: GitHub", exact: true }).click()
  await page.getByRole("status").getByText("GitHub is disconnected.").waitFor()
  await github.getByRole("button", { name: "Connect: GitHub" }).waitFor()
  expect(simulator.violations).toEqual([])
})

it("an admin connects by a form made of the definition", async () => {
  const { origin, simulator } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const datadog = card(page, "datadog")
  await datadog.getByRole("button", { name: "Connect: Datadog" }).click()
  const form = datadog.getByRole("form")
  await form.getByRole("button", { name: "Connect: Datadog" }).click()
  expect(await form.getByText("Please fill this in.").count()).toBeGreaterThan(0)
  for (const [name, value] of Object.entries(simulator.fields("datadog"))) {
    const input = form.locator(`[name="${name}"]`)
    if (await input.evaluate((node) => node instanceof HTMLSelectElement))
      await input.selectOption(value)
    else await input.fill(value)
  }
  await form.getByRole("button", { name: "Connect: Datadog" }).click()
  await page.getByRole("status").getByText("Datadog is connected.").waitFor()
  await datadog.getByText("Connected", { exact: true }).waitFor()
})
