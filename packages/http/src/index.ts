export type { BrowserBinding, ConfigurationError, Egress, Principal } from "@hawser/core"
export { Api } from "./Api.ts"
export {
  type AuthenticateFunction,
  type Authentication,
  type AuthenticationError,
  Authenticator,
  type Caller,
  makeAuthenticator
} from "./Authenticator.ts"
export { askKeySet, reportKeySets } from "./callers/reportKeySets.ts"
export { auth0, type Auth0Options } from "./callers/auth0.ts"
export { clerk, type ClerkOptions } from "./callers/clerk.ts"
export { session, type SessionAuthentication, type SessionOptions } from "./callers/session.ts"
export { supabase, type SupabaseOptions } from "./callers/supabase.ts"
export { client, type ClientOptions, completeIfReturned, type HawserClient } from "./client.ts"
export { type HandlerServices, HttpHandler, makeHandler } from "./Handler.ts"
export type {
  AnswerFunction,
  ClientAddress,
  HandlerRequest,
  HandlerResponse
} from "./HandlerRequest.ts"
export { hasOwnScheme } from "./beginningPage.ts"
export type { AdmitsOrigin, AppOrigins, HttpSettings } from "./HttpSettings.ts"
export {
  type ClaimPath,
  type IssuedToken,
  jwt,
  type JwtAuthentication,
  type JwtIssuers,
  type JwtOptions,
  type TenantOf,
  type UserOf
} from "./jwt.ts"
export { openApi } from "./openApi.ts"
export { AuthenticationUnavailable, Unauthorized } from "./requestErrors.ts"
export { type Handler, type HandlerContext, webHandler } from "./webHandler.ts"
