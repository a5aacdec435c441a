import type { Locator, Page } from "playwright-core"

/** Whose part of the page: the company's, or that of who is signed in. */
export type Part = "company" | "mine"

export interface AtAcme {
  /** Without one it is the only, or the first. */
  readonly name?: string
  /** Scopes that are taken off the list. */
  readonly refused?: ReadonlyArray<string>
}

/** What a person does on the demo's page and on those of the providers. */
export const personAt = (page: Page) => {
  const press = (name: string): Promise<void> =>
    page.getByRole("button", { name, exact: true }).click()

  const card = (part: Part, provider: string): Locator =>
    page.locator(`#${part} li[id="${provider}"]`)

  const rows = (part: Part, provider: string): Locator =>
    card(part, provider).locator("[part~=connection]")

  /** The button that connects. It is about a provider, whose name is in its own. */
  const connectButton = (part: Part, provider: string): Locator =>
    card(part, provider).getByRole("button", { name: /^Connect: / })

  const allowAtAcme = async (account: string, refused: ReadonlyArray<string> = []) => {
    await page.getByLabel("User name").fill(account)
    await press("Sign in")
    for (const scope of refused) await page.getByLabel(scope).uncheck()
    await press("Allow")
  }

  return {
    press,
    card,
    rows,
    connectButton,
    allowAtAcme,
    connectAcme: async (part: Part, account: string, { name, refused }: AtAcme = {}) => {
      await connectButton(part, "acme-projects").click()
      if (name !== undefined) {
        await card(part, "acme-projects").getByLabel("Name").fill(name)
        await connectButton(part, "acme-projects").click()
      }
      await allowAtAcme(account, refused)
      await card(part, "acme-projects").getByText(account).waitFor()
    },
    /** Connects at a simulated provider. */
    connect: async (part: Part, provider: string) => {
      await connectButton(part, provider).click()
      await press("Allow")
      await rows(part, provider).waitFor()
    },
    /** Somebody gets the page again. */
    signIn: async (name: string) => {
      const loaded = page.waitForEvent("load")
      await page.locator("header").getByText(name).click()
      await loaded
      await card("company", "beacon").waitFor()
    },
    /** The host uses what is connected there, or people end it at the provider. */
    behind: async (deed: "Call its API" | "Revoke the access", provider: string) => {
      await page.getByRole("combobox", { name: "Provider" }).selectOption(provider)
      await press(deed)
    }
  }
}
