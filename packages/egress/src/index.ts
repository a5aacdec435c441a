export type { ConfigurationError, Egress, SecurityLog } from "@hawser/core"
export { NodeCrypto } from "./NodeCrypto.ts"
export { NodeEgress, type NodeEgressOptions } from "./NodeEgress.ts"
export { type EgressProxyOptions, egressProxyOptions } from "./proxy.ts"
