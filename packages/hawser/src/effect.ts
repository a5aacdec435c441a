/** For hosts with Effect. What stands here rests on modules of Effect that are marked unstable. */
export { HawserLive, type HawserServices } from "./HawserLive.ts"
export { HttpHandler } from "@hawser/http"
export { eventStream, Workers } from "@hawser/core"
export { discoverProvider } from "@hawser/providers"
