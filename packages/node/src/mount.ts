/** The parts of a mount, for frameworks that stand on `node:http`. */
export type { AnswerFunction, HandlerResponse } from "@hawser/http"
export { answerOf, answerRequest, serveRequest, withCookiesOf } from "./mount/answerRequest.ts"
export {
  type MountedRequest,
  type NodeRequest,
  type NodeResponse,
  problem,
  targetUrl
} from "./mount/readRequest.ts"
