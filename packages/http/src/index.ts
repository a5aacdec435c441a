export { Api } from "./Api.ts"
export {
  type AuthenticateFunction,
  type Authentication,
  type AuthenticationError,
  Authenticator,
  type Caller,
  makeAuthenticator
} from "./Authenticator.ts"
export { client, type ClientOptions, type HawserClient } from "./client.ts"
export {
  type Handler,
  type HandlerContext,
  type HandlerServices,
  HttpHandler,
  makeHandler
} from "./Handler.ts"
export type { HttpSettings } from "./HttpSettings.ts"
export { type ClaimPath, jwt, type JwtAuthentication, type JwtOptions } from "./jwt.ts"
export { openApi } from "./openApi.ts"
export { AuthenticationUnavailable, Unauthorized } from "./requestErrors.ts"
