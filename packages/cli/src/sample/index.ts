/** What the demo of this repository shares with `hawser dev`. Not published. */
export { encryptionKeyIn } from "./encryptionKeyIn.ts"
export { forgetRunning, noteRunning } from "./running.ts"
export { type Sample, type SampleOptions, startSample } from "./startSample.ts"
export { type DemoUser, tenantId } from "./users.ts"
export { whenCommandEnds } from "./whenCommandEnds.ts"

/** The page's script, for a bundler. */
export const pageScript: URL = new URL("./page/page.js", import.meta.url)
