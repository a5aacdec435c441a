export type {
  AnswerFunction,
  ClientAddress,
  Handler,
  HandlerContext,
  HandlerRequest,
  HandlerResponse
} from "./mount/Handler.ts"
export { nodeHandler, type NodeHandlerOptions } from "./mount/nodeHandler.ts"
export type { NodeRequest, NodeResponse } from "./mount/readRequest.ts"
