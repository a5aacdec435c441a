import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, type BrowserContext, chromium } from "playwright-core"

const installed = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium"
]

/** A Chromium: the one named, one installed, or the one inside an npm package (Linux). Undefined if there is none. */
export const findChromium = async (): Promise<string | undefined> => {
  const named = process.env["CHROMIUM_PATH"] ?? ""
  if (named !== "") return named
  const found = installed.find((path) => existsSync(path))
  if (found !== undefined) return found
  try {
    const { default: packaged } = await import("@sparticuz/chromium")
    return await packaged.executablePath()
  } catch {
    return undefined
  }
}

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // To begin a process for each site that is visited takes half of the time of a flow.
  "--disable-site-isolation-trials",
  "--renderer-process-limit=1"
]

/** Starts a browser, whose contexts share nothing. `more` are arguments of its command line. */
export const launchChromium = (
  executablePath: string,
  more: ReadonlyArray<string> = []
): Promise<Browser> =>
  chromium.launch({ executablePath, headless: true, args: [...quiet, ...more] })

/** Opens a browser with an empty profile; `close` removes it. */
export const openChromium = async (
  executablePath: string,
  options: { readonly width: number; readonly height: number; readonly scale?: number }
): Promise<{ readonly context: BrowserContext; readonly close: () => Promise<void> }> => {
  const profile = await mkdtemp(join(tmpdir(), "hawser-chromium-"))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: options.width, height: options.height },
    deviceScaleFactor: options.scale ?? 1,
    args: quiet
  })
  return {
    context,
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    }
  }
}
