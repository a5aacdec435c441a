import {
  beginsByConsent,
  Category,
  ConnectionName,
  IntegrationError,
  IntegrationStatus,
  OwnerKind,
  StorableText
} from "@hawser/core"
import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import {
  BucketOf,
  ChecksOrigin,
  ForAdmins,
  ForBrowsers,
  ForMembers,
  IgnoredMember,
  ReadsForm,
  RightOf,
  TakesIntegrationId
} from "./annotations.ts"
import {
  AccountChoice,
  AccountConflict,
  BadRequest,
  Conflict,
  ContentTooLarge,
  CredentialInUseBody,
  CredentialNotFoundBody,
  CredentialRejectedBody,
  FlowConflict,
  FlowNotFoundBody,
  FlowRefused,
  IntegrationNotFoundBody,
  InternalErrorBody,
  NoFlow,
  PrefetchRefusedBody,
  ProviderNotFoundBody,
  TooManyRequests,
  Unavailable,
  UnsupportedMediaTypeBody
} from "./errorBodies.ts"
import { answerHeaders, queryParameter } from "./openApiTransforms.ts"
import {
  Authorization,
  CatalogEntry,
  CompleteBody,
  ConnectBody,
  Connected,
  CredentialItem,
  CredentialsBody,
  IntegrationItem,
  listSchema,
  PageLimit,
  pageLimits,
  pageSchema,
  SwapBody,
  TestResult,
  UsersIntegrationItem
} from "./wire.ts"

/**
 * The contract, declared once. The table of the handler, the typed clients and the OpenAPI document all come from this
 * declaration; an operation is added by one endpoint here and one entry in `operations.ts`.
 */

const apiDescription = [
  "Connects the tenants of an application to third-party providers, by OAuth2 or by API key.",
  "Bodies are JSON objects in UTF-8, of at most 64 KiB; members that are not declared are refused. Instants are ISO 8601 in UTC, in whole seconds.",
  'An error is `{"error": "<code>", "message": "<text for a person>"}`. Act on `error`; texts may change, and answers may get more members. Besides the errors of each operation there are `not_found` (404, nothing is at this path) and `method_not_allowed` (405, with `Allow`).',
  "Calls are counted per tenant and minute. Answers to an authenticated call say in `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` what is left."
].join("\n\n")

const ofProvider = {
  provider: Schema.String.annotate({
    description: "A provider's id, as the catalogue lists it.",
    examples: ["github"]
  })
}
const ofOwner = {
  owner: Schema.optionalKey(
    OwnerKind.annotate({
      description:
        "Whose: the tenant's, which is the default, or with `user` the caller's own. Those are the caller's alone, whatever the role."
    })
  )
}
/** Names a connection, as its name and its owner do. */
const ofConnection = {
  ...ofOwner,
  name: Schema.optionalKey(
    ConnectionName.annotate({
      description: "Which of the owner's connections to the provider. Default `default`.",
      examples: [ConnectionName.make("sales")]
    })
  )
}
const ofProviderOrId = {
  provider: Schema.String.annotate({
    description:
      "A provider's id, as the catalogue lists it; or, in its place, an `integrationId`, and then neither `owner` nor `name`.",
    examples: ["github"]
  })
}
const badRequest = [ProviderNotFoundBody, ContentTooLarge, UnsupportedMediaTypeBody] as const
const badBody = [BadRequest, ...badRequest] as const

const pageQuery = {
  limit: Schema.optionalKey(PageLimit),
  cursor: Schema.optionalKey(
    StorableText({ maxLength: 1024 }).annotate({ description: "`nextCursor` of the page before." })
  )
}
const limitParameter = queryParameter("limit", {
  type: "integer",
  ...pageLimits,
  description: "The greatest number of items on a page. Without it there are no pages."
})

const noContent = (description: string) => HttpApiSchema.Empty(204).annotate({ description })

const connect = HttpApiEndpoint.post("connect", "/:provider/connect", {
  params: ofProviderOrId,
  query: ofConnection,
  payload: ConnectBody,
  success: [Authorization, Connected],
  error: [...badBody, AccountConflict, CredentialNotFoundBody, IntegrationNotFoundBody, Conflict]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotate(TakesIntegrationId, true)
  .annotate(ChecksOrigin, true)
  .annotate(IgnoredMember, (provider) =>
    beginsByConsent(provider) ? "credentialId" : "redirectUrl"
  )
  .annotateMerge(
    OpenApi.annotations({
      summary: "Connect a provider",
      description:
        "Connects the tenant: begins an OAuth2 flow, or connects with a stored API key. For OAuth2 send `redirectUrl` and open `authorizationUrl` in the browser that made this call; for an API key send `credentialId`. Where the call carries an `Origin`, it must be one of the application's.",
      transform: answerHeaders(200, {
        "Set-Cookie":
          "Binds the flow to this browser, where the redirect URL's binding is `cookie`."
      })
    })
  )

const storeCredentials = HttpApiEndpoint.post("storeCredentials", "/:provider/credentials", {
  params: ofProvider,
  query: ofOwner,
  payload: CredentialsBody,
  success: CredentialItem.pipe(HttpApiSchema.status(201)),
  error: [...badBody, CredentialRejectedBody]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotate(BucketOf, "check")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Store an API key",
      description:
        "Checks an API key with its provider and stores it, sealed. What the provider rejects is not stored. No answer holds a secret. A tenant may store 100 of a provider; past that the answer is 429, without `Retry-After`, until one is deleted."
    })
  )

const complete = HttpApiEndpoint.post("complete", "/:provider/complete", {
  params: ofProvider,
  query: ofConnection,
  payload: CompleteBody,
  success: Connected,
  error: [FlowRefused, ...badRequest, FlowNotFoundBody, FlowConflict, AccountChoice]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotate(BucketOf, "finish")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Finish a flow",
      description:
        "Finishes a flow that the callback parked, for the user who started it. A flow id works once and for two minutes: presented by anyone else it is gone for its owner too. Where the consent covers several accounts, the answer is 409 `account_choice_required`, with `choices` and a new `flowId`; the flow then waits for ten minutes, and a call with that `flowId` and `account` finishes it. Where the flow does not connect the answer is 400, or 409 where another was faster, with the word in `reason` that the callback would have given the page."
    })
  )

const listCredentials = HttpApiEndpoint.get("listCredentials", "/:provider/credentials", {
  params: ofProvider,
  query: { ...ofOwner, ...pageQuery },
  success: pageSchema(CredentialItem, "The stored API keys, and a cursor where there are more."),
  error: [BadRequest, ProviderNotFoundBody]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotateMerge(
    OpenApi.annotations({
      summary: "List stored API keys",
      description:
        "The tenant's stored API keys of a provider, the oldest first, never a secret: all of them, or, with `limit`, page by page.",
      transform: limitParameter
    })
  )

const deleteCredential = HttpApiEndpoint.delete(
  "deleteCredential",
  "/:provider/credentials/:credentialId",
  {
    params: {
      ...ofProvider,
      credentialId: Schema.String.annotate({
        description: "The id of a stored API key.",
        examples: ["crd_01HTX3D5T9G2K4M6N8P0Q1R2S3"]
      })
    },
    query: ofOwner,
    success: noContent("The key is destroyed."),
    error: [BadRequest, ProviderNotFoundBody, CredentialNotFoundBody, CredentialInUseBody]
  }
)
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Delete an API key",
      description: "Destroys a stored API key that nothing is connected with."
    })
  )

const swapCredential = HttpApiEndpoint.put("swapCredential", "/:provider/credential", {
  params: ofProviderOrId,
  query: ofConnection,
  payload: SwapBody,
  success: Connected,
  error: [
    ...badBody,
    AccountConflict,
    CredentialNotFoundBody,
    IntegrationNotFoundBody,
    CredentialRejectedBody
  ]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotate(TakesIntegrationId, true)
  .annotate(BucketOf, "check")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Swap the API key in use",
      description:
        "Connects a connected integration with another stored API key, checked first, without an outage. Where the accounts of both keys are known they must be the same: to change accounts, disconnect first."
    })
  )

const get = HttpApiEndpoint.get("get", "/:provider", {
  params: ofProviderOrId,
  query: ofConnection,
  success: [IntegrationItem, UsersIntegrationItem],
  error: [BadRequest, ProviderNotFoundBody, IntegrationNotFoundBody]
})
  .middleware(ForMembers)
  .annotate(RightOf, "see")
  .annotate(TakesIntegrationId, true)
  .annotateMerge(
    OpenApi.annotations({
      summary: "Get an integration",
      description: "A connection to a provider."
    })
  )

const disconnect = HttpApiEndpoint.delete("disconnect", "/:provider", {
  params: ofProviderOrId,
  query: ofConnection,
  success: noContent("The connection is disconnected."),
  error: [BadRequest, ProviderNotFoundBody, IntegrationNotFoundBody]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "end")
  .annotate(TakesIntegrationId, true)
  .annotate(BucketOf, "finish")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Disconnect a provider",
      description: "Disconnects: the stored tokens, or the API key in use, are destroyed at once."
    })
  )

const test = HttpApiEndpoint.post("test", "/:provider/test", {
  params: ofProviderOrId,
  query: ofConnection,
  success: TestResult,
  error: [BadRequest, ProviderNotFoundBody, IntegrationNotFoundBody]
})
  .middleware(ForAdmins)
  .annotate(RightOf, "act")
  .annotate(TakesIntegrationId, true)
  .annotate(BucketOf, "check")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Test an integration",
      description: "Asks the provider whether the connection works. It changes nothing."
    })
  )

const authorizationResponse = {
  state: Schema.optionalKey(
    Schema.String.annotate({
      description: "The flow's `state`, as the provider got it.",
      examples: ["tGmF0kP2vXq8Zr4Ny6Lw1Jc9Bd3Hs7Ua5Ke0Mo2Ip4Q"]
    })
  ),
  code: Schema.optionalKey(
    Schema.String.annotate({ description: "The authorization code.", examples: ["a-code"] })
  ),
  iss: Schema.optionalKey(
    Schema.String.annotate({ description: "Who issued the code (RFC 9207)." })
  ),
  error: Schema.optionalKey(
    Schema.String.annotate({ description: "The provider's error code (RFC 6749 §4.1.2.1)." })
  )
}

const sendsBack = HttpApiSchema.Empty(303).annotate({
  description: "The browser goes back to the flow's `redirectUrl`, or to the confirm page."
})
const sendsBackHeaders = answerHeaders(303, {
  Location:
    "The flow's `redirectUrl` with `status`, `provider` and, depending on the status, `integrationId` or `error`. With `status=pending` or `status=choose` the fragment carries `flowId`. For the binding `confirm`, the confirm page.",
  "Set-Cookie": "Removes the flow's cookie, or sets the one of the confirm page."
})

const responseForm = Schema.Struct(authorizationResponse)
  .annotate({ identifier: "AuthorizationResponse" })
  .pipe(HttpApiSchema.asFormUrlEncoded())
const callbackErrors = [
  NoFlow,
  TooManyRequests,
  InternalErrorBody,
  Unavailable,
  PrefetchRefusedBody
] as const
const formErrors = [ContentTooLarge, UnsupportedMediaTypeBody, ...callbackErrors] as const

const callbackForm = HttpApiEndpoint.post("callbackForm", "/:provider/callback", {
  params: ofProvider,
  payload: responseForm,
  success: sendsBack,
  error: [...formErrors]
})
  .annotate(ForBrowsers, true)
  .annotate(BucketOf, "callback")
  .annotate(ReadsForm, true)
  .annotateMerge(
    OpenApi.annotations({
      summary: "Callback by form post",
      description:
        "OAuth2's redirection endpoint for providers that answer with `response_mode=form_post`. Browsers come here by themselves.",
      transform: sendsBackHeaders
    })
  )

const callback = HttpApiEndpoint.get("callback", "/:provider/callback", {
  params: ofProvider,
  query: authorizationResponse,
  success: sendsBack,
  error: [...callbackErrors]
})
  .annotate(ForBrowsers, true)
  .annotate(BucketOf, "callback")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Callback",
      description:
        "OAuth2's redirection endpoint: register its URL with the provider. Browsers come here by themselves. It sends them to the flow's `redirectUrl` with the outcome; where there is no valid flow it answers 400 and redirects nowhere.",
      transform: sendsBackHeaders
    })
  )

const ofTenant = {
  ...ofProvider,
  context: Schema.String.annotate({
    description: "Tells the tenant's own redirect URI from every other tenant's.",
    examples: ["o3Jx1sVb7QmZk9Yw2LtPdA"]
  })
}

const tenantCallback = HttpApiEndpoint.get("tenantCallback", "/:provider/callback/:context", {
  params: ofTenant,
  query: authorizationResponse,
  success: sendsBack,
  error: [...callbackErrors]
})
  .annotate(ForBrowsers, true)
  .annotate(BucketOf, "callback")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Callback of a tenant's own client",
      description:
        "The same for a provider at which each tenant has a client of its own: each registers a redirect URI of its own, and a flow ends at no other tenant's.",
      transform: sendsBackHeaders
    })
  )

const tenantCallbackForm = HttpApiEndpoint.post(
  "tenantCallbackForm",
  "/:provider/callback/:context",
  {
    params: ofTenant,
    payload: responseForm,
    success: sendsBack,
    error: [...formErrors]
  }
)
  .annotate(ForBrowsers, true)
  .annotate(BucketOf, "callback")
  .annotate(ReadsForm, true)
  .annotateMerge(
    OpenApi.annotations({
      summary: "Callback of a tenant's own client, by form post",
      description:
        "The same for providers that answer with `response_mode=form_post`. Browsers come here by themselves.",
      transform: sendsBackHeaders
    })
  )

const flowHandle = Schema.String.annotate({
  description: "Tells the flow from others in the browser. It is not a secret.",
  examples: ["o3Jx1sVb7QmZk9Yw2LtPdA"]
})
const decisionPage = Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" }))

const showConfirmation = HttpApiEndpoint.get("showConfirmation", "/:provider/confirm", {
  params: ofProvider,
  query: { flow: Schema.optionalKey(flowHandle) },
  success: decisionPage.annotate({ description: "The page." }),
  error: [...callbackErrors]
})
  .annotate(ForBrowsers, true)
  .annotate(BucketOf, "callback")
  .annotateMerge(
    OpenApi.annotations({
      summary: "Ask for confirmation",
      description:
        "The page on which a person agrees to a connection whose flow has the binding `confirm`. Browsers come here from the callback, with the flow's cookie."
    })
  )

const confirm = HttpApiEndpoint.post("confirm", "/:provider/confirm", {
  params: ofProvider,
  payload: Schema.Struct({
    flow: flowHandle,
    token: Schema.String.annotate({ description: "The token of the page." }),
    answer: Schema.Literals(["connect", "disown"]),
    agreed: Schema.optionalKey(
      Schema.Literal("yes").annotate({ description: "The box is ticked; needed to connect." })
    )
  })
    .annotate({ identifier: "ConfirmationForm" })
    .pipe(HttpApiSchema.asFormUrlEncoded()),
  success: [
    HttpApiSchema.Empty(303).annotate({
      description: "The browser goes on to the flow's `redirectUrl`."
    }),
    decisionPage.annotate({
      description: "The person did not begin the flow: its code is destroyed."
    })
  ],
  error: [...formErrors]
})
  .annotate(ForBrowsers, true)
  .annotate(BucketOf, "callback")
  .annotate(ReadsForm, true)
  .annotateMerge(
    OpenApi.annotations({
      summary: "Confirm",
      description:
        "The answer of the page. It needs the flow's cookie, the page's token and an `Origin` that is the public URL's. To connect, the browser goes to the flow's `redirectUrl` with `status=pending` and a flow id for `complete`.",
      transform: answerHeaders(303, {
        Location:
          "The flow's `redirectUrl` with `status=pending`, `provider` and, in the fragment, `flowId`.",
        "Set-Cookie": "Removes the flow's cookie."
      })
    })
  )

const list = HttpApiEndpoint.get("list", "/", {
  query: {
    status: Schema.optionalKey(
      IntegrationStatus.annotate({ description: "Only integrations in this status." })
    ),
    provider: Schema.optionalKey(
      Schema.String.annotate({ description: "Only this provider's.", examples: ["github"] })
    ),
    owner: Schema.optionalKey(
      OwnerKind.annotate({
        description:
          "Only the tenant's, or only users' own: of these a user sees the own ones, and an admin that the others are there."
      })
    ),
    name: Schema.optionalKey(
      Schema.String.annotate({ description: "Only those of this name.", examples: ["sales"] })
    ),
    error: Schema.optionalKey(
      IntegrationError.annotate({ description: "Only integrations that suffer from this." })
    ),
    ...pageQuery
  },
  success: pageSchema(
    Schema.Union([IntegrationItem, UsersIntegrationItem]),
    "The integrations, and a cursor where there are more."
  ),
  error: BadRequest
})
  .middleware(ForMembers)
  .annotate(RightOf, "see")
  .annotateMerge(
    OpenApi.annotations({
      summary: "List integrations",
      description:
        "The connections that the caller may see: the tenant's, the caller's own, and for an admin also those of users, of which only six members are told. All of them, or, with `limit`, page by page. `total` counts all that the filters let through.",
      transform: limitParameter
    })
  )

const catalog = HttpApiEndpoint.get("catalog", "/catalog", {
  query: {
    category: Schema.optionalKey(
      Category.annotate({ description: "Only providers of this category." })
    )
  },
  success: listSchema(CatalogEntry, "The providers."),
  error: [BadRequest, TooManyRequests, InternalErrorBody]
})
  .annotate(BucketOf, "catalog")
  .annotateMerge(
    OpenApi.annotations({
      summary: "List providers",
      description: "The providers that can be connected, and what each of them needs."
    })
  )

const integrations = HttpApiGroup.make("integrations", { topLevel: true })
  .add(connect, list, get, disconnect, test)
  .annotateMerge(
    OpenApi.annotations({
      title: "Integrations",
      description: "What the tenant is connected to."
    })
  )

const credentials = HttpApiGroup.make("credentials", { topLevel: true })
  .add(storeCredentials, listCredentials, deleteCredential, swapCredential)
  .annotateMerge(
    OpenApi.annotations({
      title: "Credentials",
      description: "API keys that the tenant's admins hand over, for providers without OAuth2."
    })
  )

const flows = HttpApiGroup.make("flows", { topLevel: true })
  .add(
    callback,
    callbackForm,
    tenantCallback,
    tenantCallbackForm,
    showConfirmation,
    confirm,
    complete
  )
  .annotateMerge(
    OpenApi.annotations({ title: "Flows", description: "How an OAuth2 flow comes to its end." })
  )

const catalogue = HttpApiGroup.make("catalogue", { topLevel: true })
  .add(catalog)
  .annotateMerge(OpenApi.annotations({ title: "Catalogue", description: "What can be connected." }))

/** Hawser's HTTP contract as a value of `effect/http-api`. */
export const Api = HttpApi.make("hawser")
  .add(integrations, credentials, flows, catalogue)
  .prefix("/v1/integrations")
  .annotateMerge(
    OpenApi.annotations({ title: "Hawser", version: "1", description: apiDescription })
  )

type Groups = (typeof Api)["groups"]
type Endpoints = Groups["integrations"]["endpoints"] &
  Groups["credentials"]["endpoints"] &
  Groups["flows"]["endpoints"] &
  Groups["catalogue"]["endpoints"]

/** The names of the declared operations. */
export type OperationName = keyof Endpoints

/** One declared operation. */
export type Operation<Name extends OperationName> = Endpoints[Name]
