import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import { allow, card, needsChromium, openPage, said } from "./support/chromium.ts"
import { startHost } from "./support/host.ts"

needsChromium()

const timeout = 60_000
const react = { script: "react", body: '<div id="root"></div>' } as const

const button = (page: Page, provider: string, name: string) =>
  page.locator(`#${provider}`).getByRole("button", { name, exact: true })

it("the hooks connect, finish after the return, and disconnect", { timeout }, async () => {
  const { origin } = await startHost({ ...react, binding: "complete" })
  const { page } = await openPage(`${origin}/settings`)
  await button(page, "github", "Connect").click()
  await allow(page)
  await page.getByRole("status").getByText("connected", { exact: true }).waitFor()
  expect(page.url()).toBe(`${origin}/settings`)
  await page.locator("#github").getByText("octocat").waitFor()
  await button(page, "github", "Disconnect").click()
  await page.getByRole("status").getByText("disconnected").waitFor()
  await button(page, "github", "Connect").waitFor()
})

it("the hooks connect in a window of its own", { timeout }, async () => {
  const { origin } = await startHost({ ...react, html: 'lang="en" data-mode="popup"' })
  const { page } = await openPage(`${origin}/settings`)
  const opened = page.waitForEvent("popup")
  await button(page, "github", "Connect").click()
  const popup = await opened
  await page.getByRole("status").getByText("waiting").waitFor()
  await allow(popup)
  await page.getByRole("status").getByText("connected", { exact: true }).waitFor()
})

it("the hooks offer the accounts of a consent, and connect again", { timeout }, async () => {
  const { hawser, origin, simulator } = await startHost(react)
  simulator.failNext("jira", "discovery", { kind: "several_accounts" })
  const { page } = await openPage(`${origin}/settings`)
  await button(page, "jira", "Connect").click()
  await allow(page)
  await page.getByRole("status").getByText("choosing").waitFor()
  await page.locator("p ~ button").first().click()
  await page.getByRole("status").getByText("connected", { exact: true }).waitFor()

  await button(page, "gmail", "Connect").click()
  await allow(page)
  await page.getByRole("status").getByText("connected", { exact: true }).waitFor()
  simulator.end("gmail")
  const gmail = hawser.tenant("acme").connection("gmail")
  await expect(gmail.fetch("/gmail/v1/users/me/labels")).rejects.toThrow()
  await page.reload()
  await button(page, "gmail", "Reconnect").click()
  await allow(page)
  await page.getByRole("status").getByText("connected", { exact: true }).waitFor()
})

// React sets no properties on an element that a server has rendered: https://github.com/facebook/react/issues/35446
it.each([
  ["made in the browser", ""],
  ["rendered by a server", '<hawser-integrations mode="redirect"></hawser-integrations>']
])("JSX gives the element its properties by a ref: %s", { timeout }, async (_, shown) => {
  const { origin } = await startHost({ body: `<div id="root">${shown}</div>`, script: "jsx" })
  const { page } = await openPage(`${origin}/settings`)
  await card(page, "github").getByRole("button", { name: "Plug in: GitHub" }).click()
  await allow(page)
  await said(page, "GitHub is connected.")
})
