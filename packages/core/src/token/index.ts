export * from "./ClientTokens.ts"
export { openToken, grantPlace, sealToken, sealTokens } from "./grantTokens.ts"
export * from "./Keeper.ts"
export * from "./quarantine.ts"
export { endedByProvider, isRefreshable } from "./refreshGrant.ts"
export * from "./Refreshing.ts"
export * from "./RefusedTokens.ts"
export {
  enqueueRevocation,
  revokeLater,
  type RevokeLaterServices,
  type UnkeptTokens
} from "./revokeLater.ts"
export * from "./sealedCredential.ts"
export { tellingChanges, TokenCache } from "./TokenCache.ts"
export * from "./tokens.ts"
export { uptime } from "./uptime.ts"
