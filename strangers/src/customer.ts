import type { Browser } from "playwright-core"
import type { RunningSimulator } from "@hawser/testing/simulator"

/** Milliseconds that any page has to show the next thing. */
const timeout = 60_000

/** A customer connects GitHub on the settings page, in a browser that has never been there. */
export const connectGithub = async (browser: Browser, settingsUrl: string): Promise<void> => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(timeout)
    await page.goto(settingsUrl)
    await page.getByRole("button", { name: "Connect: GitHub" }).click()
    await page.getByRole("heading", { name: "Allow access to your GitHub account?" }).waitFor()
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("octocat").waitFor()
  } finally {
    await context.close()
  }
}

/** The host calls GitHub with the token, and answers what GitHub has answered. */
export const callWithToken = async (
  callUrl: string,
  simulator: RunningSimulator
): Promise<void> => {
  const before = simulator.requests.length
  const answer = await (await fetch(callUrl, { signal: AbortSignal.timeout(timeout) })).text()
  if (!answer.includes('"octocat"')) throw new Error(`${callUrl} answers ${answer}`)
  const [call, ...more] = simulator.requests.slice(before)
  if (call?.url !== "https://api.github.com/user" || call.status !== 200 || more.length > 0)
    throw new Error(`GitHub was asked ${JSON.stringify(simulator.requests.slice(before))}`)
}
