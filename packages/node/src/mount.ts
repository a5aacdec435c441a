/** The parts of a mount, for frameworks that stand on `node:http`. */
export { answerRequest, type Answer, problem } from "./mount/answerRequest.ts"
export { checkHandler } from "./mount/checkHandler.ts"
export type { MountedHeaders, MountedRequest } from "./mount/MountedRequest.ts"
export type { NodeRequest, NodeResponse } from "./mount/NodeExchange.ts"
export { serveRequest } from "./mount/serveRequest.ts"
export { targetUrl } from "./mount/toRequest.ts"
export { cookiesOf } from "./mount/writeResponse.ts"
