export { NodeCrypto } from "./crypto/NodeCrypto.ts"
export { NodeEgress, type NodeEgressOptions } from "./egress/NodeEgress.ts"
export { nodeHandler, type NodeHandlerOptions } from "./mount/nodeHandler.ts"
export type { NodeRequest, NodeResponse } from "./mount/NodeExchange.ts"
