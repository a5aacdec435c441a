import { Category, IntegrationStatus, type Provider } from "@hawser/core"
import { Context, Schema } from "effect"
import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  HttpApiSecurity,
  OpenApi
} from "effect/http-api"
import {
  BadRequest,
  Conflict,
  ContentTooLarge,
  CredentialNotFoundBody,
  CredentialRejectedBody,
  FlowNotFoundBody,
  ForbiddenBody,
  InternalErrorBody,
  ProviderNotFoundBody,
  TooManyRequests,
  UnauthorizedBody,
  Unavailable,
  UnsupportedMediaTypeBody
} from "./errorBodies.ts"
import {
  Authorization,
  CatalogEntry,
  CompleteBody,
  ConnectBody,
  Connected,
  CredentialItem,
  CredentialsBody,
  IntegrationItem,
  listOf
} from "./wire.ts"

/**
 * The contract, declared once. The table of the handler, the typed client and the OpenAPI document all come from this
 * declaration; an operation is added by one endpoint here and one entry in `operations.ts`.
 */

const authenticated = {
  security: { bearer: HttpApiSecurity.bearer },
  error: [UnauthorizedBody, ForbiddenBody, TooManyRequests, InternalErrorBody, Unavailable]
} as const

/** The operation is for admins of the tenant. */
export class ForAdmins extends HttpApiMiddleware.Service<ForAdmins>()(
  "@hawser/http/ForAdmins",
  authenticated
) {}

/** The operation is for everyone with a role in the tenant. */
export class ForMembers extends HttpApiMiddleware.Service<ForMembers>()(
  "@hawser/http/ForMembers",
  authenticated
) {}

/** What an operation draws on: `finish` apart, so that a tenant's traffic cannot keep its admin from finishing. */
export type Bucket = "tenant" | "finish"
export const BucketOf = Context.Reference<Bucket>("@hawser/http/BucketOf", {
  defaultValue: () => "tenant"
})

/** Whether the operation looks at the `Origin` of the page that calls it (S-77). */
export const ChecksOrigin = Context.Reference<boolean>("@hawser/http/ChecksOrigin", {
  defaultValue: () => false
})

/** Whether a browser comes here by itself: then its answers have a browser's headers, and errors may be a page (S-09). */
export const ForBrowsers = Context.Reference<boolean>("@hawser/http/ForBrowsers", {
  defaultValue: () => false
})

/** The member of the body that the provider's auth type does not use: it is ignored, whatever it holds. */
export const IgnoredMember = Context.Reference<(provider: Provider) => string | undefined>(
  "@hawser/http/IgnoredMember",
  { defaultValue: () => () => undefined }
)

const ofProvider = { provider: Schema.String }
const badBody = [
  BadRequest,
  ProviderNotFoundBody,
  ContentTooLarge,
  UnsupportedMediaTypeBody
] as const

const connect = HttpApiEndpoint.post("connect", "/:provider/connect", {
  params: ofProvider,
  payload: ConnectBody,
  success: [Authorization, Connected],
  error: [...badBody, CredentialNotFoundBody, Conflict]
})
  .middleware(ForAdmins)
  .annotate(ChecksOrigin, true)
  .annotate(IgnoredMember, (provider) =>
    provider.authType === "oauth2" ? "credentialId" : "redirectUrl"
  )
  .annotate(
    OpenApi.Description,
    "Connects the tenant: begins an OAuth2 flow, or connects with a stored API key."
  )

const storeCredentials = HttpApiEndpoint.post("storeCredentials", "/:provider/credentials", {
  params: ofProvider,
  payload: CredentialsBody,
  success: CredentialItem.pipe(HttpApiSchema.status(201)),
  error: [...badBody, CredentialRejectedBody]
})
  .middleware(ForAdmins)
  .annotate(OpenApi.Description, "Checks an API key with its provider and stores it.")

const complete = HttpApiEndpoint.post("complete", "/:provider/complete", {
  params: ofProvider,
  payload: CompleteBody,
  success: Connected,
  error: [...badBody, FlowNotFoundBody, Conflict]
})
  .middleware(ForAdmins)
  .annotate(BucketOf, "finish")
  .annotate(OpenApi.Description, "Finishes a flow that the callback parked for who started it.")

const callback = HttpApiEndpoint.get("callback", "/:provider/callback", {
  params: ofProvider,
  query: {
    state: Schema.optionalKey(Schema.String),
    code: Schema.optionalKey(Schema.String),
    iss: Schema.optionalKey(Schema.String),
    error: Schema.optionalKey(Schema.String)
  },
  success: HttpApiSchema.Empty(303),
  error: [BadRequest, TooManyRequests, InternalErrorBody, Unavailable]
})
  .annotate(ForBrowsers, true)
  .annotate(
    OpenApi.Description,
    "OAuth2's redirection endpoint. Sends the browser to the flow's `redirectUrl` with the outcome."
  )

const list = HttpApiEndpoint.get("list", "/", {
  query: {
    status: Schema.optionalKey(IntegrationStatus),
    provider: Schema.optionalKey(Schema.String)
  },
  success: listOf(IntegrationItem),
  error: BadRequest
})
  .middleware(ForMembers)
  .annotate(OpenApi.Description, "The tenant's integrations.")

const catalog = HttpApiEndpoint.get("catalog", "/catalog", {
  query: { category: Schema.optionalKey(Category) },
  success: listOf(CatalogEntry),
  error: [BadRequest, TooManyRequests, InternalErrorBody]
}).annotate(OpenApi.Description, "The providers that can be connected.")

const integrations = HttpApiGroup.make("integrations", { topLevel: true }).add(
  connect,
  storeCredentials,
  callback,
  complete,
  list,
  catalog
)

/** Hawser's HTTP contract as a value of `effect/http-api`. */
export const Api = HttpApi.make("hawser")
  .add(integrations)
  .prefix("/v1/integrations")
  .annotateMerge(
    OpenApi.annotations({
      title: "Hawser",
      version: "1",
      description: "Connects tenants to third-party integrations by OAuth2 or API key."
    })
  )

type Endpoints = (typeof Api)["groups"]["integrations"]["endpoints"]

/** The names of the declared operations. */
export type OperationName = keyof Endpoints

/** One declared operation. */
export type Operation<Name extends OperationName> = Endpoints[Name]
