import { Category, IntegrationStatus, type Provider, StorableText } from "@hawser/core"
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
  CredentialInUseBody,
  CredentialNotFoundBody,
  CredentialRejectedBody,
  FlowNotFoundBody,
  ForbiddenBody,
  IntegrationNotFoundBody,
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
  IntegrationDetail,
  IntegrationItem,
  listOf,
  PageLimit,
  pagesOf,
  SwapBody,
  TestResult
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

/**
 * What an operation draws on: `finish` apart, so that a tenant's traffic cannot keep its admin from finishing or leaving;
 * `check` apart and smaller, because each call asks a provider about a key (S-68).
 */
export type Bucket = "tenant" | "finish" | "check"
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

/** Whether the parameters come in a form in the body: a provider's form post, which carries no bearer token. */
export const ReadsForm = Context.Reference<boolean>("@hawser/http/ReadsForm", {
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
  .annotate(BucketOf, "check")
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

const listCredentials = HttpApiEndpoint.get("listCredentials", "/:provider/credentials", {
  params: ofProvider,
  success: listOf(CredentialItem),
  error: ProviderNotFoundBody
})
  .middleware(ForAdmins)
  .annotate(OpenApi.Description, "The tenant's stored API keys of a provider, never a secret.")

const deleteCredential = HttpApiEndpoint.delete(
  "deleteCredential",
  "/:provider/credentials/:credentialId",
  {
    params: { ...ofProvider, credentialId: Schema.String },
    success: HttpApiSchema.Empty(204),
    error: [ProviderNotFoundBody, CredentialNotFoundBody, CredentialInUseBody]
  }
)
  .middleware(ForAdmins)
  .annotate(OpenApi.Description, "Destroys a stored API key that nothing is connected with.")

const swapCredential = HttpApiEndpoint.put("swapCredential", "/:provider/credential", {
  params: ofProvider,
  payload: SwapBody,
  success: Connected,
  error: [...badBody, CredentialNotFoundBody, IntegrationNotFoundBody, CredentialRejectedBody]
})
  .middleware(ForAdmins)
  .annotate(BucketOf, "check")
  .annotate(
    OpenApi.Description,
    "Connects a connected integration with another stored API key, checked first, without an outage."
  )

const get = HttpApiEndpoint.get("get", "/:provider", {
  params: ofProvider,
  success: IntegrationDetail,
  error: [ProviderNotFoundBody, IntegrationNotFoundBody]
})
  .middleware(ForMembers)
  .annotate(OpenApi.Description, "The tenant's integration with a provider.")

const disconnect = HttpApiEndpoint.delete("disconnect", "/:provider", {
  params: ofProvider,
  success: HttpApiSchema.Empty(204),
  error: [ProviderNotFoundBody, IntegrationNotFoundBody]
})
  .middleware(ForAdmins)
  .annotate(BucketOf, "finish")
  .annotate(
    OpenApi.Description,
    "Disconnects: the stored tokens, or the API key in use, are destroyed at once."
  )

const test = HttpApiEndpoint.post("test", "/:provider/test", {
  params: ofProvider,
  success: TestResult,
  error: [ProviderNotFoundBody, IntegrationNotFoundBody]
})
  .middleware(ForAdmins)
  .annotate(BucketOf, "check")
  .annotate(OpenApi.Description, "Asks the provider whether the connection works.")

const authorizationResponse = {
  state: Schema.optionalKey(Schema.String),
  code: Schema.optionalKey(Schema.String),
  iss: Schema.optionalKey(Schema.String),
  error: Schema.optionalKey(Schema.String)
}

const callbackForm = HttpApiEndpoint.post("callbackForm", "/:provider/callback", {
  params: ofProvider,
  payload: Schema.Struct(authorizationResponse)
    .annotate({ identifier: "AuthorizationResponse" })
    .pipe(HttpApiSchema.asFormUrlEncoded()),
  success: HttpApiSchema.Empty(303),
  error: [
    BadRequest,
    ContentTooLarge,
    UnsupportedMediaTypeBody,
    TooManyRequests,
    InternalErrorBody,
    Unavailable
  ]
})
  .annotate(ForBrowsers, true)
  .annotate(ReadsForm, true)
  .annotate(
    OpenApi.Description,
    "OAuth2's redirection endpoint for providers that answer with a form post."
  )

const callback = HttpApiEndpoint.get("callback", "/:provider/callback", {
  params: ofProvider,
  query: authorizationResponse,
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
    provider: Schema.optionalKey(Schema.String),
    limit: Schema.optionalKey(PageLimit),
    cursor: Schema.optionalKey(StorableText({ maxLength: 1024 }))
  },
  success: pagesOf(IntegrationItem),
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
  listCredentials,
  deleteCredential,
  swapCredential,
  callback,
  callbackForm,
  complete,
  list,
  get,
  disconnect,
  test,
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
