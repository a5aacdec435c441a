import { findChromium } from "../../src/chromium.ts"

/** The Chromium that tests use. Undefined if there is none: then those in a browser are skipped. */
export const executablePath = await findChromium()

if (executablePath === undefined) {
  const message =
    "There is no Chromium: set CHROMIUM_PATH. The tests of pages in a browser are skipped."
  if (process.env["HAWSER_REQUIRE_BROWSER"] === "1") throw new Error(message)
  console.warn(message)
}
