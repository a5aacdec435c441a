/** The parts of a mount, for frameworks that stand on `node:http`. */
export type { AnswerFunction, Handler, HandlerResponse } from "./mount/Handler.ts"
export { answerFunction, answerRequest, serveRequest, mergeCookies } from "./mount/answerRequest.ts"
export {
  type MountedRequest,
  type NodeRequest,
  type NodeResponse,
  problem,
  targetUrl
} from "./mount/readRequest.ts"
