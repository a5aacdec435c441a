import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { expect, it } from "vitest"
import {
  allow,
  card,
  connectGithub,
  fillIn,
  needsChromium,
  openPage,
  said
} from "./support/chromium.ts"
import { startHost } from "./support/host.ts"

needsChromium()

const timeout = 60_000

it("an admin connects by OAuth, sees the account, and disconnects", { timeout }, async () => {
  const { origin, simulator } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const github = card(page, "github")
  await connectGithub(page)
  expect(page.url()).toBe(`${origin}/settings`)
  await github.getByText("octocat").waitFor()

  await github.getByRole("button", { name: "Disconnect: GitHub, octocat" }).click()
  await github.getByText("Disconnect GitHub? Its access ends at once.").waitFor()
  await github.getByRole("button", { name: "Disconnect: GitHub", exact: true }).click()
  await said(page, "GitHub is disconnected.")
  await github.getByRole("button", { name: "Connect: GitHub" }).waitFor()
  expect(simulator.violations).toEqual([])
})

it(
  "an admin connects by a form made of the definition, and replaces the key",
  { timeout },
  async () => {
    const { origin, simulator } = await startHost()
    const { page } = await openPage(`${origin}/settings`)
    const datadog = card(page, "datadog")
    const form = datadog.getByRole("form")
    await datadog.getByRole("button", { name: "Connect: Datadog" }).click()
    const values = Object.entries(simulator.fields("datadog"))
    await form.getByRole("button", { name: "Connect: Datadog" }).click()
    await form.getByText("Please fill this in.").first().waitFor()
    // Secrets are not shown, and neither remembered by the browser.
    expect(await form.locator("[type=password][autocomplete=off]").count()).toBe(2)

    await fillIn(
      form,
      values.map(([name, value]) => [name, name === "api_key" ? "0".repeat(32) : value])
    )
    await form.getByRole("button", { name: "Connect: Datadog" }).click()
    await said(page, "Datadog does not accept this.")
    // What was typed is still there.
    await fillIn(
      form,
      values.filter(([name]) => name === "api_key")
    )
    await form.getByRole("button", { name: "Connect: Datadog" }).click()
    await said(page, "Datadog is connected.")

    await datadog.getByRole("button", { name: /^Replace key/ }).click()
    await fillIn(form, values)
    await form.getByRole("button", { name: "Connect again: Datadog" }).click()
    await said(page, "Datadog is connected.")
    await form.waitFor({ state: "detached" })
    expect(simulator.violations).toEqual([])
  }
)

it("a provider at the tenant's own host is asked for with the form", { timeout }, async () => {
  const { origin, simulator } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const zendesk = card(page, "zendesk")
  await zendesk.getByRole("button", { name: "Connect: Zendesk" }).click()
  await zendesk.getByLabel("Subdomain").fill("no host!")
  await page.keyboard.press("Enter")
  await zendesk.getByText("This is not valid.").waitFor()
  await fillIn(zendesk.getByRole("form"), Object.entries(simulator.fields("zendesk")))
  await page.keyboard.press("Enter")
  await allow(page)
  await said(page, "Zendesk is connected.")
})

it("who does not allow it is told so in words", { timeout }, async () => {
  const { origin } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
  await page.getByRole("button", { name: "Deny" }).click()
  await said(page, "Access to GitHub was not granted.")
  expect(page.url()).toBe(`${origin}/settings`)
  await page.getByRole("button", { name: "Close" }).click()
  await page.getByText("Access to GitHub was not granted.").waitFor({ state: "detached" })
})

it(
  "a flow that the page has to complete is completed, and its id leaves the address",
  { timeout },
  async () => {
    const { origin } = await startHost({ binding: "complete" })
    const { page } = await openPage(`${origin}/settings`)
    await connectGithub(page)
    expect(page.url()).toBe(`${origin}/settings`)
  }
)

it(
  "a flow is bound to the host's own session, and who was signed out meanwhile is told so",
  {
    timeout
  },
  async () => {
    const { origin } = await startHost({ binding: "session" })
    const { context, page } = await openPage(`${origin}/settings`)
    await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
    await page.getByRole("button", { name: "Allow" }).waitFor()
    await context.clearCookies({ name: "session" })
    await allow(page)
    await said(page, "You were signed out. Sign in and connect again.")
    expect(await card(page, "github").locator("[part~=connection]").count()).toBe(0)
    // The settings page has signed them in again.
    await connectGithub(page)
    expect(page.url()).toBe(`${origin}/settings`)
  }
)

it(
  "a flow that somebody has to agree to ends in the page, or on the page that asks",
  {
    timeout
  },
  async () => {
    const { hawser, origin } = await startHost({ binding: "confirm" })
    const { page } = await openPage(`${origin}/settings`)
    const begin = async () => {
      await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
      await allow(page)
      await page.getByRole("heading", { name: "Do you want to connect?" }).waitFor()
    }
    await begin()
    await page.getByRole("button", { name: "This was not me" }).click()
    await page.getByText("Nothing was connected").waitFor()
    expect((await hawser.tenant("acme").connections()).total).toBe(0)

    await page.goto(`${origin}/settings`)
    await begin()
    await page.getByRole("checkbox").check()
    await page.getByRole("button", { name: "Connect" }).click()
    await said(page, "GitHub is connected.")
    expect(page.url()).toBe(`${origin}/settings`)
  }
)

it("of several accounts the person chooses one", { timeout }, async () => {
  const { origin, simulator } = await startHost({ binding: "complete" })
  simulator.failNext("jira", "discovery", { kind: "several_accounts" })
  const { page } = await openPage(`${origin}/settings`)
  await card(page, "jira").getByRole("button", { name: "Connect: Jira" }).click()
  await allow(page)
  await said(page, "Which account of Jira?")
  const choices = page.locator("[part~=choice]")
  expect(await choices.count()).toBe(2)
  const label = await choices.last().textContent()
  await choices.last().click()
  await said(page, "Jira is connected.")
  await card(page, "jira")
    .getByText(label ?? "")
    .waitFor()
})

it("what the provider has ended says so, and comes back", { timeout }, async () => {
  const { hawser, origin, simulator } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const gmail = card(page, "gmail")
  await gmail.getByRole("button", { name: "Connect: Gmail" }).click()
  await allow(page)
  await said(page, "Gmail is connected.")
  simulator.end("gmail")
  const connection = hawser.tenant("acme").connection("gmail")
  await expect(connection.fetch("/gmail/v1/users/me/labels")).rejects.toThrow()
  await page.reload()
  await gmail.getByText("The access has ended. Connect again.").waitFor()
  await gmail.getByText("Needs attention").waitFor()
  await gmail.getByRole("button", { name: /^Connect again/ }).click()
  await allow(page)
  await said(page, "Gmail is connected.")
  await gmail.getByText("Connected", { exact: true }).waitFor()
})

it("permissions that are missing are granted by a button", { timeout }, async () => {
  const { origin, simulator } = await startHost()
  simulator.failNext("github", "token", { kind: "partial_scopes" })
  const { page } = await openPage(`${origin}/settings`)
  await connectGithub(page)
  const github = card(page, "github")
  await github.getByText("Permissions are missing: ").waitFor()
  await github.getByRole("button", { name: /^Grant permissions/ }).click()
  await allow(page)
  await said(page, "GitHub is connected.")
  await github.getByText("Connected", { exact: true }).waitFor()
})

it("an owner may have several, told apart by their names", { timeout }, async () => {
  const { origin } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const slack = card(page, "slack")
  await slack.getByRole("button", { name: "Connect: Slack" }).click()
  await allow(page)
  await said(page, "Slack is connected.")
  await slack.getByRole("button", { name: "Connect: Slack", exact: true }).click()
  await slack.getByLabel("Name").fill("Not A Name")
  await page.keyboard.press("Enter")
  await slack.getByText("This is not valid.").waitFor()
  await slack.getByLabel("Name").fill("emea")
  await page.keyboard.press("Enter")
  await allow(page)
  // It is the same workspace: the page says it, and keeps the first.
  await said(page, "This account is connected already.")
  expect(await slack.locator("[part~=connection]").count()).toBe(1)
})

it("a member connects an own mailbox, and may not touch the tenant's", { timeout }, async () => {
  const { hawser, origin } = await startHost({
    html: 'lang="en" data-user="bob"',
    binding: "complete",
    body: '<hawser-integrations owner="user"></hawser-integrations>'
  })
  const { page } = await openPage(`${origin}/settings`)
  await expect.poll(() => ids(page)).toEqual(["gmail"])
  await card(page, "gmail").getByRole("button", { name: "Connect: Gmail" }).click()
  await allow(page)
  await said(page, "Gmail is connected.")
  const { items } = await hawser.tenant("acme", { user: "bob" }).connections({ owner: "user" })
  expect(items).toMatchObject([{ provider: "gmail", owner: "user", userId: "bob" }])
})

it(
  "a member is told that this is for admins, and gets no buttons where the host says so",
  { timeout },
  async () => {
    const { origin } = await startHost({ html: 'lang="en" data-user="bob"' })
    const { page } = await openPage(`${origin}/settings`)
    await card(page, "github").getByRole("button", { name: "Connect: GitHub" }).click()
    await said(page, "You may not do this. Ask an administrator.")
    await page.locator("hawser-integrations").evaluate((node) => node.setAttribute("readonly", ""))
    await card(page, "github").getByRole("button").waitFor({ state: "detached" })
  }
)

it("the search finds by name, description and category", { timeout }, async () => {
  const { origin } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  const search = page.getByRole("searchbox", { name: "Search" })
  await search.fill("pull requests")
  await expect.poll(() => ids(page)).toEqual(["github"])
  await search.fill("MONITORING")
  await expect.poll(() => ids(page)).toEqual(["datadog"])
  await search.fill("nothing at all")
  await page.getByRole("status").getByText("Nothing found.").waitFor()
})

it("without a token that is accepted it says so, and tries again", { timeout }, async () => {
  const { origin } = await startHost({ html: 'lang="en" data-user="nobody"' })
  const { page } = await openPage(`${origin}/settings`)
  await said(page, "Please sign in.")
  await page.locator("hawser-integrations").evaluate((node: HTMLElement & { token?: string }) => {
    node.token = "ada"
  })
  await page.getByRole("button", { name: "Try again" }).click()
  await card(page, "github").waitFor()
})

it("logos, texts and colours are the host's if it says so", { timeout }, async () => {
  const { origin } = await startHost({ policy: "; img-src 'self'" })
  const { page } = await openPage(`${origin}/settings`)
  const github = card(page, "github")
  await github.getByText("G", { exact: true }).waitFor()
  await page
    .locator("hawser-integrations")
    .evaluate((node: HTMLElement & { logos?: object; texts?: object }) => {
      node.logos = { github: "/logo.svg" }
      node.texts = { connect: "Plug in" }
      node.style.setProperty("--hawser-accent", "rgb(1, 2, 3)")
    })
  const button = github.getByRole("button", { name: "Plug in: GitHub" })
  expect(await button.evaluate((node) => getComputedStyle(node).backgroundColor)).toBe(
    "rgb(1, 2, 3)"
  )
  expect(await github.locator("img").getAttribute("src")).toBe("/logo.svg")
})

it("looks as its page in the documentation shows", { timeout }, async () => {
  const { origin } = await startHost()
  const { page } = await openPage(`${origin}/settings`)
  await connectGithub(page)
  await page.getByRole("button", { name: "Close" }).click()
  await card(page, "zendesk").getByRole("button", { name: "Connect: Zendesk" }).click()
  await card(page, "zendesk").getByLabel("Subdomain").waitFor()
  const path = fileURLToPath(new URL("../../docs/images/drop-in-page.png", import.meta.url))
  const picture = await page.screenshot(process.env["HAWSER_PICTURES"] === "1" ? { path } : {})
  // No pixel is compared: fonts differ from machine to machine.
  expect(picture.length).toBeGreaterThan(20_000)
})

const ids = (page: Page): Promise<ReadonlyArray<string>> =>
  page.locator("li").evaluateAll((cards) => cards.map(({ id }) => id))
