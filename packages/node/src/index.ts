export { NodeEgress, type NodeEgressOptions } from "./egress/NodeEgress.ts"
export { nodeHandler, type NodeHandlerOptions, type WebHandler } from "./mount/nodeHandler.ts"
export type { NodeRequest, NodeResponse } from "./mount/NodeExchange.ts"
