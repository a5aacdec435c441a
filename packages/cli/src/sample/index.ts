/** What the demo of this repository shares with `hawser dev`. Not published. */
export { encryptionKeyIn } from "./encryptionKeyIn.ts"
export { makeEventStream } from "./eventStream.ts"
export { forgetRunning, noteRunning } from "./running.ts"
export { audience, type DemoUser, isDemoUser, makeSignIn, tenantId, tenantName } from "./users.ts"
export { whenCommandEnds } from "./whenCommandEnds.ts"
