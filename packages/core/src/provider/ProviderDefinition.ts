import { Schema } from "effect"
import { ProviderId } from "../model/index.ts"

/**
 * Provider definitions are data: JSON-serialisable, closed (an unknown key is refused), with nothing of the host's or a
 * tenant's in them. `{name}` in a template stands for the tenant's field of that name.
 */

const isHttpsUrl = Schema.makeFilter<string>(
  (text) => {
    // A placeholder is checked as if a host label stood there.
    const url = URL.parse(text.replace(/\{[a-z][a-z0-9_]*\}/g, "placeholder"))
    if (url === null || url.username !== "" || url.password !== "" || url.hash !== "") return false
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
  },
  { expected: "an https URL (http only on loopback), with no user name, password or fragment" }
)

/** Whether a URL's host is this machine: the only one that allows plain http, and only on request. */
export const isLoopback = (hostname: string): boolean =>
  // Every name below `localhost` is this machine too (RFC 6761 §6.3).
  /(?:^|\.)localhost$/.test(hostname) ||
  hostname === "[::1]" ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname)

const Url = Schema.String.check(isHttpsUrl)
const Template = Schema.NonEmptyString
const StringMap = Schema.Record(Schema.String, Schema.String)
const HeaderName = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9-]+$/))

const isHost = Schema.makeFilter<string>(
  (text) =>
    /^[a-z0-9.-]+(?::\d+)?$/.test(text) &&
    !text.endsWith(".") &&
    URL.parse(`https://${text}`)?.host === text,
  { expected: "a host name in lower case, with port where it is not the default" }
)

/** The first five are the public reference's. */
export const Category = Schema.Literals([
  "monitoring",
  "code",
  "ticketing",
  "communication",
  "cloud",
  "accounting",
  "ai",
  "analytics",
  "commerce",
  "crm",
  "data",
  "design",
  "hr",
  "identity",
  "marketing",
  "payments",
  "productivity",
  "scheduling",
  "security",
  "social",
  "storage",
  "support",
  "other"
])
export type Category = typeof Category.Type

const FieldName = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_]{0,62}$/))

/** One field that the tenant's admin fills in: a part of an API key, or of where the tenant lives at the provider. */
export const Field = Schema.Struct({
  name: FieldName,
  label: Schema.NonEmptyString,
  /** False for a value that may be shown again, such as a region. Default true; always false for OAuth2. */
  secret: Schema.optionalKey(Schema.Boolean),
  /** Default true. */
  required: Schema.optionalKey(Schema.Boolean),
  /** The allowed values, such as the regions of a provider. */
  choices: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /** A regular expression that the whole value must match. */
  pattern: Schema.optionalKey(Schema.NonEmptyString),
  /**
   * `subdomain`: one label of a host name, safe before a fixed suffix in a URL. `host`: a whole host name that the tenant
   * chooses. Such a provider is off until the host allows it.
   */
  format: Schema.optionalKey(Schema.Literals(["subdomain", "host"])),
  /** The value of an optional field that was left out. */
  default: Schema.optionalKey(Schema.String),
  /** Where the admin finds the value. */
  help: Schema.optionalKey(Schema.String)
})
export type Field = typeof Field.Type

/** A value that belongs to the host's registration and stands in the definition's templates. */
export const HostSetting = Schema.Struct({
  name: FieldName,
  label: Schema.NonEmptyString,
  /** A regular expression that the whole value must match. */
  pattern: Schema.NonEmptyString,
  help: Schema.optionalKey(Schema.String)
})
export type HostSetting = typeof HostSetting.Type

const MemberPath = Schema.NonEmptyArray(Schema.NonEmptyString)

/** A test of a JSON body. `path` consists of member names and, in arrays, positions such as `"0"`. */
export const BodyTest = Schema.Union([
  Schema.Struct({
    path: MemberPath,
    equals: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])
  }),
  Schema.Struct({ path: MemberPath, oneOf: Schema.NonEmptyArray(Schema.String) }),
  /** True: the member exists and is not null. */
  Schema.Struct({ path: MemberPath, exists: Schema.Boolean })
])
export type BodyTest = typeof BodyTest.Type

/** A response that means one thing, by its status and body. */
const ExpiredAnswer = Schema.Struct({
  status: Schema.Int,
  /** A test of the JSON body. Required for a status of success. */
  body: Schema.optionalKey(BodyTest)
})

/**
 * Which element of a list to use. If several match, or the vendor marks none of several, no account is mistaken for another:
 * a person chooses one, if the list is the answer to `discovery`, and the connection is refused otherwise.
 */
export const ChosenElement = Schema.Union([
  /** The list must have only one element. */
  Schema.Struct({ only: Schema.Literal(true) }),
  /** Its member at `path` equals this value, or this claim of the access token, which is then a JWT (RFC 9068). */
  Schema.Struct({
    where: Schema.Struct({
      path: MemberPath,
      equals: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])
    })
  }),
  Schema.Struct({ where: Schema.Struct({ path: MemberPath, equalsClaim: MemberPath }) })
])
export type ChosenElement = typeof ChosenElement.Type

/** A path to an account. It goes through a list by a rule that picks one element, and not by position. */
const AccountPath = Schema.NonEmptyArray(Schema.Union([Schema.NonEmptyString, ChosenElement]))
export type AccountPath = typeof AccountPath.Type

/** The hosts of a provider's API. A credential goes to no other host. */
export const Api = Schema.Struct({
  /** The base URL for the paths of `authorizedFetch`. */
  baseUrl: Template.check(
    isHttpsUrl,
    Schema.makeFilter((text) => !text.includes("?"), { expected: "a URL without a query" })
  ),
  /** More hosts of the same API; none if the base URL names the tenant's own. */
  hosts: Schema.optionalKey(Schema.NonEmptyArray(Schema.String.check(isHost))),
  /**
   * Responses other than 401 by which the API refuses an expired access token. A token that can be refreshed is then refreshed and the request repeated, once.
   * A body counts only if it is JSON of at most 64 KiB.
   */
  expired: Schema.optionalKey(Schema.NonEmptyArray(ExpiredAnswer))
})
export type Api = typeof Api.Type

/** A change that the vendor has announced, and its date. */
export const Notice = Schema.Struct({
  /** `2027-02-16`. */
  date: Schema.String.check(Schema.isPattern(/^\d{4}-\d\d-\d\d$/)),
  text: Schema.NonEmptyString
})
export type Notice = typeof Notice.Type

/** The id of an auth kind. */
export const AuthKindId = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_]{0,62}$/))

/** A signature over the other parameters of the callback, sorted: HMAC-SHA-256 in hex, by the client's secret. */
export const CallbackSignature = Schema.Struct({
  /** The parameter that holds it. */
  parameter: Schema.NonEmptyString,
  /** Further parameters that are not signed. */
  ignores: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString))
})
export type CallbackSignature = typeof CallbackSignature.Type

const common = {
  id: ProviderId,
  /**
   * The code that starts, uses, renews, checks and revokes a connection, where data cannot describe it: `github_app`, or a
   * kind of the host's. Default `client_credentials` beside that member, otherwise the `authType`.
   */
  authKind: Schema.optionalKey(AuthKindId),
  displayName: Schema.NonEmptyString,
  category: Category,
  description: Schema.NonEmptyString,
  /** The vendor's page that documents the API. */
  docsUrl: Schema.optionalKey(Url),
  /** As a page shows it: `#1f883d`. */
  brandColor: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^#[0-9a-f]{6}$/))),
  notices: Schema.optionalKey(Schema.NonEmptyArray(Notice)),
  /**
   * Values of the host's registration beside its client, such as an app's name in a URL. Templates refer to them as
   * `{name}`. The host gives them once, for all tenants.
   */
  settings: Schema.optionalKey(Schema.NonEmptyArray(HostSetting)),
  /** Without it, `authorizedFetch` is not available. */
  api: Schema.optionalKey(Api),
  /** Sent with each request to the API, such as its version. */
  apiHeaders: Schema.optionalKey(Schema.Record(HeaderName, Schema.NonEmptyString))
}

/** One path, or several for a vendor whose responses have several shapes: the first that exists counts. */
const MemberPaths = Schema.Union([MemberPath, Schema.NonEmptyArray(MemberPath)])
export type MemberPaths = typeof MemberPaths.Type

/** A fixed request. A tenant can influence only values in its URL. */
const probe = {
  url: Template.check(isHttpsUrl),
  /** Default GET. */
  method: Schema.optionalKey(Schema.Literal("POST")),
  /** JSON text: a query of GraphQL's, or `null` if a vendor wants one. */
  body: Schema.optionalKey(Schema.NonEmptyString),
  headers: Schema.optionalKey(Schema.Record(HeaderName, Schema.NonEmptyString))
}

/** A harmless request that shows whether a key works. Only its status and what the tests below read of its body count. */
export const LiveCheck = Schema.Struct({
  ...probe,
  /** The statuses that mean accepted. Default 200. */
  acceptedStatus: Schema.optionalKey(Schema.NonEmptyArray(Schema.Int)),
  /** A further test of the JSON body: some vendors answer 200 to a wrong key. */
  acceptedBody: Schema.optionalKey(BodyTest),
  /** The statuses that mean rejected. Any other response is not a verdict. Default 401 and 403. */
  rejectedStatus: Schema.optionalKey(Schema.NonEmptyArray(Schema.Int)),
  /**
   * A test of the body that means rejected although the status is accepted. Without it, any body that fails `acceptedBody`
   * means rejected.
   */
  rejectedBody: Schema.optionalKey(BodyTest)
})
export type LiveCheck = typeof LiveCheck.Type

/** How to learn which account consented: its id, and the name that a person knows it by. */
export const AccountIdentity = Schema.Union([
  Schema.Struct({
    from: Schema.Literals(["token_response", "id_token"]),
    id: AccountPath,
    label: Schema.optionalKey(AccountPath)
  }),
  Schema.Struct({
    from: Schema.Literal("request"),
    /** Called with the new access token; returns JSON. */
    ...probe,
    id: AccountPath,
    label: Schema.optionalKey(AccountPath)
  }),
  /** In the answer to `discovery`. If its path goes through a list of several accounts, a person chooses one. */
  Schema.Struct({
    from: Schema.Literal("discovery"),
    id: AccountPath,
    label: Schema.optionalKey(AccountPath)
  }),
  /** A value that was captured, by its name. */
  Schema.Struct({ from: Schema.Literal("capture"), name: FieldName })
])
export type AccountIdentity = typeof AccountIdentity.Type

/**
 * Whose consent it is, if that is not the account: the person who let the app into several sites. Revoking one token may end
 * all that this person gave the client. `access_token` stands for its claims, if it is a JWT (RFC 9068).
 */
const GrantSubject = Schema.Struct({
  from: Schema.Literals(["access_token", "discovery", "id_token", "token_response"]),
  id: MemberPath
})
const ScopeSeparator = Schema.Literals([" ", ",", ";"])

/**
 * How the client authenticates: RFC 6749 §2.3.1, RFC 7523, or with the secret only, as the user name of Basic or as
 * `Authorization: Client` (Square), and the client id as a parameter. `client_secret_basic_raw` is Basic for a server that
 * does not form-decode the values.
 */
export const ClientAuthenticationMethod = Schema.Literals([
  "client_secret_basic",
  "client_secret_basic_raw",
  "client_secret_post",
  "secret_basic",
  "secret_client",
  "private_key_jwt",
  "none"
])
export type ClientAuthenticationMethod = typeof ClientAuthenticationMethod.Type

/** The parameters of RFC 6749 and RFC 7636 that some vendors call by another name, or refuse. */
export const protocolParameters = [
  "client_id",
  "client_secret",
  "code",
  "code_verifier",
  "grant_type",
  "redirect_uri",
  "refresh_token",
  "response_type",
  "scope"
] as const
const ProtocolParameter = Schema.Literals(protocolParameters)

const ParameterNames = Schema.Record(ProtocolParameter, Schema.optionalKey(Schema.NonEmptyString))

/** How a request to the vendor's token endpoint differs from the standard. */
const endpointRequest = {
  /** Default `form` (RFC 6749 §4.1.3). */
  encoding: Schema.optionalKey(Schema.Literal("json")),
  headers: Schema.optionalKey(Schema.Record(HeaderName, Schema.NonEmptyString)),
  /** Parameters of the vendor's own; `{client_id}` and the tenant's fields may stand in them. */
  parameters: Schema.optionalKey(StringMap),
  /** Parameters of the standard that must not be there. */
  omits: Schema.optionalKey(Schema.NonEmptyArray(ProtocolParameter)),
  /** If it differs from the definition's. */
  clientAuthentication: Schema.optionalKey(ClientAuthenticationMethod),
  /**
   * By GET, for a vendor that knows no other way. The code or the refresh token, and with `client_secret_post` the client's
   * secret, are then in a URL, which proxies and servers write into their logs (RFC 6750 §5.3, RFC 9700 §4.3.2). Hawser's
   * own logs and spans hold no URL of such a request.
   */
  unsafelySendsSecretsInUrl: Schema.optionalKey(Schema.Literal(true))
}

export const TokenRequest = Schema.Struct(endpointRequest)

export const RefreshRequest = Schema.Struct({
  ...endpointRequest,
  /** Repeats the granted scopes. Default false: left out means the same (RFC 6749 §6). */
  sendsScope: Schema.optionalKey(Schema.Boolean),
  /** Which token is exchanged for a new one. Default `refresh_token`; with `access_token` it is sent as `refresh_token`. */
  uses: Schema.optionalKey(Schema.Literal("access_token"))
})

/** How a vendor's token response differs from RFC 6749 §5.1. Paths begin at the body's root. */
export const TokenResponse = Schema.Struct({
  /** The object that holds the standard's members. */
  path: Schema.optionalKey(MemberPath),
  /** Paths of single members under the vendor's names; they take precedence over `path`. */
  members: Schema.optionalKey(
    Schema.Struct({
      access_token: Schema.optionalKey(MemberPath),
      refresh_token: Schema.optionalKey(MemberPath),
      expires_in: Schema.optionalKey(MemberPath),
      refresh_token_expires_in: Schema.optionalKey(MemberPath),
      scope: Schema.optionalKey(MemberPath)
    })
  ),
  /** What `expires_in` and `refresh_token_expires_in` count. Default `seconds`. */
  lifetimeIn: Schema.optionalKey(
    Schema.Literals(["milliseconds", "epoch_seconds", "epoch_milliseconds", "iso_date"])
  ),
  /** The response has no `token_type`, or one of the vendor's own: its tokens are used as `tokenHeader` says. */
  ignoresTokenType: Schema.optionalKey(Schema.Literal(true)),
  /** A further test of a success, for a vendor that answers 200 with an error in the body. */
  success: Schema.optionalKey(BodyTest),
  /** The path of the vendor's error code. Default, and fallback, `["error"]`. */
  error: Schema.optionalKey(MemberPaths),
  /** The path of its description. Default, and fallback, `["error_description"]`. */
  errorDescription: Schema.optionalKey(MemberPaths)
})

export type TokenResponse = typeof TokenResponse.Type

/**
 * An error of a token endpoint: its code, or, if one code means several things, its code and a part of its description
 * (`error_description`, RFC 6749 §5.2), ignoring case. Entries with a description are compared first.
 */
export const VendorError = Schema.Union([
  Schema.NonEmptyString,
  Schema.Struct({ error: Schema.NonEmptyString, description: Schema.NonEmptyString })
])
export type VendorError = typeof VendorError.Type

/** A value from the vendor that stays with the connection until it ends, such as the host of the account or its id. */
const captured = {
  /** A regular expression that the whole value must match. */
  pattern: Schema.optionalKey(Schema.NonEmptyString),
  /** The value is a URL or a host: its host is kept, and ends in one of these, `.my.salesforce.com`. */
  hostBelow: Schema.optionalKey(
    Schema.NonEmptyArray(Schema.String.check(Schema.isPattern(/^\.[a-z0-9.-]+$/)))
  ),
  /** The tenant's field that the value must equal. */
  sameAs: Schema.optionalKey(FieldName),
  /**
   * The vendor moves accounts within `hostBelow`: a new host in the response to a refresh replaces this one. Only from a
   * token response. Without it, the first host stays until the connection ends.
   */
  moves: Schema.optionalKey(Schema.Literal(true)),
  /** Default true: without it there is no connection. */
  required: Schema.optionalKey(Schema.Boolean)
}

export const Capture = Schema.Union([
  Schema.Struct({
    from: Schema.Literal("callback"),
    parameter: Schema.NonEmptyString,
    ...captured
  }),
  /** `request`: in the answer to `discovery`. */
  Schema.Struct({
    from: Schema.Literals(["token_response", "request"]),
    path: AccountPath,
    ...captured
  })
])
export type Capture = typeof Capture.Type

/** How to revoke tokens at the provider, and what the vendor revokes with a token. */
export const Revocation = Schema.Struct({
  endpoint: Template.check(isHttpsUrl),
  /**
   * `token`: this token, and at most those that came from it. `grant`: all tokens of the account for this client, those of
   * other connections too. `none`: nothing, whatever it answers, so nothing is sent.
   */
  ends: Schema.Literals(["token", "grant", "none"]),
  /** Default POST. */
  method: Schema.optionalKey(Schema.Literal("DELETE")),
  /** Default `form` (RFC 7009 §2.1). */
  encoding: Schema.optionalKey(Schema.Literal("json")),
  /** Who authenticates: the client, which is the default (RFC 7009 §2.1), or the token, as for the API. */
  authentication: Schema.optionalKey(Schema.Literals(["client", "token"])),
  clientAuthentication: Schema.optionalKey(ClientAuthenticationMethod),
  /** The parameter that holds the token. Default `token`; `none`: the token is only what authenticates. */
  tokenParameter: Schema.optionalKey(Schema.NonEmptyString),
  /** False if the vendor refuses `token_type_hint`. */
  sendsHint: Schema.optionalKey(Schema.Boolean),
  /** The client's parameters under names that only this request has (Miro). */
  parameterNames: Schema.optionalKey(
    Schema.Struct({
      client_id: Schema.optionalKey(Schema.NonEmptyString),
      client_secret: Schema.optionalKey(Schema.NonEmptyString)
    })
  ),
  /** Parameters of the vendor's own. `true` is that value in JSON, and its text in a form. */
  parameters: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Literal(true)]))
  ),
  headers: Schema.optionalKey(Schema.Record(HeaderName, Schema.NonEmptyString)),
  /** Which tokens it takes. Default both, the refresh token first; with `tokenParameter: "none"` the access token. */
  tokens: Schema.optionalKey(Schema.Literals(["access_token", "refresh_token"]))
})
export type Revocation = typeof Revocation.Type

/** One more request, which exchanges the issued token for the one to use. */
export const TokenExchange = Schema.Struct({
  endpoint: Template.check(isHttpsUrl),
  /** `{access_token}`, `{client_id}` and `{client_secret}` may stand in them. */
  parameters: StringMap
})

/** An installation that begins at the provider comes back without `state`: the browser is sent to the host's page. */
export const Installation = Schema.Struct({
  /** The parameter that marks such a visit: `installation_id`. */
  parameter: Schema.NonEmptyString,
  /** Tenant's field to parameter: what the host's page may fill in. */
  fields: Schema.optionalKey(StringMap),
  /**
   * How the vendor says that nothing was installed: a parameter and its values for an installation that waits for an
   * approval (`requested`) or was changed (`updated`). Such a flow ends with `pending_approval`.
   */
  action: Schema.optionalKey(
    Schema.Struct({
      parameter: Schema.NonEmptyString,
      requested: Schema.NonEmptyString,
      updated: Schema.NonEmptyString
    })
  )
})

/**
 * The callback names the region of the account, which may differ from the tenant's choice. The code works only there. Each
 * value of the parameter stands for a choice of the field.
 */
export const CallbackRegion = Schema.Struct({
  parameter: Schema.NonEmptyString,
  field: FieldName,
  /** The parameter's values to those of the field. */
  values: StringMap
})

const Reauthorization = Schema.Struct({
  /** Parameters of the vendor's own. */
  parameters: StringMap,
  /**
   * They make the vendor add every scope that the account has granted to the client before. They are then sent only where
   * scopes are added and none that is configured is left out: one that was dropped would come back.
   */
  addsGranted: Schema.optionalKey(Schema.Literal(true))
})

/**
 * Members for what a vendor does in its own way and no request shows. A provider's facts state the same members, and a check
 * compares the two: a member that is added here is in both.
 */
export const statedMembers = {
  installation: Schema.optionalKey(Installation),
  callbackRegion: Schema.optionalKey(CallbackRegion),
  callbackSignature: Schema.optionalKey(CallbackSignature),
  /**
   * The vendor's own names for `access_denied`: errors of an authorization response that mean that the person said no, such
   * as `user_cancelled_login`.
   */
  denialErrors: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /**
   * A scope to the other names under which the vendor grants it: `email` to
   * `["https://www.googleapis.com/auth/userinfo.email"]`.
   */
  scopeAliases: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.NonEmptyArray(Schema.NonEmptyString))
  ),
  /** What the vendor may put before the name of a scope that it grants: `https://graph.microsoft.com/`. */
  grantedScopePrefix: Schema.optionalKey(Schema.NonEmptyString),
  /** Scopes that the vendor never lists as granted, such as `offline_access`. They cannot be required. */
  unnamedScopes: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /**
   * A scope to those that it includes, for a vendor that then does not list them as granted: `user` to `["user:email"]`.
   */
  includedScopes: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.NonEmptyArray(Schema.NonEmptyString))
  ),
  /**
   * A token is for one API of the vendor's. The start then refuses scopes of two. A scope is of what stands before its last
   * `/`, and without one of `grantedScopePrefix`; those of OpenID Connect are of none.
   */
  oneResource: Schema.optionalKey(Schema.Literal(true)),
  /** What the authorization request of a connected account has besides. */
  reauthorization: Schema.optionalKey(Reauthorization)
}

export const OAuth2Definition = Schema.Struct({
  ...common,
  authType: Schema.Literal("oauth2"),
  ...statedMembers,
  /** The authorization server's issuer identifier (RFC 8414); compared with `iss` if one comes (RFC 9207). */
  issuer: Schema.optionalKey(Template.check(isHttpsUrl)),
  authorizationEndpoint: Template.check(isHttpsUrl),
  tokenEndpoint: Template.check(isHttpsUrl),
  /** Where authorization requests can be pushed (RFC 9126 §2); it is used where the host asks for it. */
  pushedAuthorizationRequestEndpoint: Schema.optionalKey(Template.check(isHttpsUrl)),
  /**
   * Former token endpoints. Their grants can be refreshed at the new endpoint once the host approves the former one.
   * Nothing is sent to a former endpoint.
   */
  formerTokenEndpoints: Schema.optionalKey(Schema.NonEmptyArray(Template.check(isHttpsUrl))),
  /** Where tokens are refreshed; default the token endpoint. */
  refreshEndpoint: Schema.optionalKey(Template.check(isHttpsUrl)),
  tokenRequest: Schema.optionalKey(TokenRequest),
  refreshRequest: Schema.optionalKey(RefreshRequest),
  tokenResponse: Schema.optionalKey(TokenResponse),
  /** How the response to a refresh differs from RFC 6749, if not as in `tokenResponse`. */
  refreshResponse: Schema.optionalKey(TokenResponse),
  /** Seconds before expiry at which a token is refreshed, at most half of its lifetime. Default 300. */
  refreshMargin: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** The vendor's own names for `invalid_grant`: errors of a refresh that end the grant. */
  terminalErrors: Schema.optionalKey(Schema.NonEmptyArray(VendorError)),
  /**
   * Errors of the vendor's state, and not of this request: the connection stays and the request is retried. One with a
   * description may be `invalid_grant`.
   */
  temporaryErrors: Schema.optionalKey(Schema.NonEmptyArray(VendorError)),
  /** Absent: nothing can be revoked. */
  revocation: Schema.optionalKey(Revocation),
  /** What a tenant must fill in before the flow can begin, such as its subdomain. */
  fields: Schema.optionalKey(Schema.NonEmptyArray(Field)),
  /** OpenID Connect: a nonce is sent, and an ID token that holds it must come with the tokens. */
  openid: Schema.optionalKey(Schema.Literal(true)),
  /** The browser brings the response in a form, by POST (OAuth 2.0 Form Post Response Mode). */
  responseMode: Schema.optionalKey(Schema.Literal("form_post")),
  account: Schema.optionalKey(AccountIdentity),
  /** Default the account; unknown if that is chosen of a list. */
  grantSubject: Schema.optionalKey(GrantSubject),
  /** Values to keep from the callback and the token response, by their name in templates. */
  captures: Schema.optionalKey(Schema.Record(FieldName, Capture)),
  /**
   * One request with the new access token: for captures from `request`, or to verify that the token opens what the callback
   * named, if the URL holds that. If it fails, the connection is refused.
   */
  discovery: Schema.optionalKey(Schema.Struct(probe)),
  /** Asked for the lifetime of each new access token (RFC 7662). */
  introspection: Schema.optionalKey(Schema.Struct({ endpoint: Template.check(isHttpsUrl) })),
  tokenExchange: Schema.optionalKey(TokenExchange),
  /** How a request carries `{access_token}`. Default `Authorization: Bearer {access_token}` (RFC 6750 §2.1). */
  tokenHeader: Schema.optionalKey(Schema.Struct({ name: HeaderName, template: Template })),
  /** Sent with the access token. */
  check: Schema.optionalKey(LiveCheck),
  /** Parameters of the vendor's own on the authorization request; the tenant's fields may stand in them. */
  authorizationParameters: Schema.optionalKey(StringMap),
  /** Where a vendor reads the parameters of the authorization request. Default `query`. */
  authorizationParametersIn: Schema.optionalKey(Schema.Literal("fragment")),
  /** How a space is written there. Default `+`, as forms do. */
  authorizationSpace: Schema.optionalKey(Schema.Literal("%20")),
  /** Parameters of the standard that must not be on the authorization request. */
  authorizationOmits: Schema.optionalKey(Schema.NonEmptyArray(ProtocolParameter)),
  /** Default `code`. Hawser uses only the code of the response, whatever this says. */
  responseType: Schema.optionalKey(Schema.NonEmptyString),
  /** The vendor's own names for the standard's parameters, on every request. */
  parameterNames: Schema.optionalKey(ParameterNames),
  /** The callback's parameter that holds the code. Default `code`. */
  codeParameter: Schema.optionalKey(Schema.NonEmptyString),
  /** A second list of scopes, for tokens of the user beside those of an app. */
  userScopes: Schema.optionalKey(
    Schema.Struct({
      parameter: Schema.NonEmptyString,
      defaultScopes: Schema.Array(Schema.NonEmptyString)
    })
  ),
  /** True if the vendor promises `iss` in each authorization response; a response without it is then refused (RFC 9207). */
  issParameterSupported: Schema.optionalKey(Schema.Boolean),
  /** Always S256, unless a vendor is known to fail with it: then give the reason. */
  pkce: Schema.optionalKey(Schema.Struct({ off: Schema.NonEmptyString })),
  /** The default of the vendor's registration; the host can configure another. `private_key_jwt` needs the host's key (RFC 7523). */
  clientAuthentication: ClientAuthenticationMethod,
  /** Joins the scopes of the authorization request. Default a space (RFC 6749 §3.3). */
  scopeSeparator: Schema.optionalKey(ScopeSeparator),
  /** Separates the scopes in the token response. Default a space. */
  grantedScopeSeparator: Schema.optionalKey(ScopeSeparator),
  /**
   * The callback's parameter that names the granted scopes, for a vendor whose token response has none. It comes from the
   * browser, so only requested scopes count.
   */
  grantedScopeParameter: Schema.optionalKey(Schema.NonEmptyString),
  /**
   * The vendor silently leaves out scopes that the app does not have. Each requested scope is then required, unless the
   * host says which are.
   */
  leavesOutScopes: Schema.optionalKey(Schema.Literal(true)),
  /** Asked for unless the host configures others. */
  defaultScopes: Schema.Array(Schema.NonEmptyString),
  /** Lifetime of an access token in seconds, if the token response has none. Without it, such a token does not expire. */
  defaultTokenLifetime: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
})
export interface OAuth2Definition extends Schema.Schema.Type<typeof OAuth2Definition> {}

/** Those that a request for client credentials has (RFC 6749 §4.4.2). */
const CredentialsParameter = Schema.Literals(["client_id", "client_secret", "grant_type", "scope"])

/**
 * The tenant's own client credentials (RFC 6749 §4.4), or a vendor's variant of them. Callers see an API key, whose fields
 * are stored. Hawser exchanges them for a token, and caches and renews that token.
 */
export const ClientCredentials = Schema.Struct({
  tokenEndpoint: Template.check(isHttpsUrl),
  clientId: Template,
  clientSecret: Template,
  clientAuthentication: Schema.Literals([
    "client_secret_basic",
    "client_secret_basic_raw",
    "client_secret_post"
  ]),
  /** Default `client_credentials`. */
  grantType: Schema.optionalKey(Schema.NonEmptyString),
  scope: Schema.optionalKey(Template),
  /** Parameters of the standard that must not be there. */
  omits: Schema.optionalKey(Schema.NonEmptyArray(CredentialsParameter)),
  /** The vendor's own names for the standard's parameters. */
  parameterNames: Schema.optionalKey(
    Schema.Record(CredentialsParameter, Schema.optionalKey(Schema.NonEmptyString))
  ),
  encoding: Schema.optionalKey(Schema.Literal("json")),
  headers: Schema.optionalKey(Schema.Record(HeaderName, Schema.NonEmptyString)),
  /** Values may hold the tenant's fields. */
  parameters: Schema.optionalKey(StringMap),
  tokenResponse: Schema.optionalKey(TokenResponse),
  /** Lifetime of a token in seconds, if the response has none. */
  defaultTokenLifetime: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** How a request carries `{access_token}`. Default `Authorization: Bearer {access_token}`. */
  tokenHeader: Schema.optionalKey(Schema.Struct({ name: HeaderName, template: Template }))
})
export type ClientCredentials = typeof ClientCredentials.Type

export const ApiKeyDefinition = Schema.Struct({
  ...common,
  authType: Schema.Literal("api_key"),
  fields: Schema.NonEmptyArray(Field),
  /** Header name to template: how a request carries the key. */
  headers: Schema.optionalKey(Schema.Record(HeaderName, Template)),
  /** How it carries the key as `Authorization: Basic` (RFC 7617). */
  basic: Schema.optionalKey(Schema.Struct({ username: Schema.String, password: Schema.String })),
  /** Parameter name to template, for a provider that takes the key in no other way. */
  query: Schema.optionalKey(Schema.Record(Schema.NonEmptyString, Template)),
  clientCredentials: Schema.optionalKey(ClientCredentials),
  check: Schema.optionalKey(LiveCheck),
  /** Where the answer to `check` names whom the key belongs to: the account's id, and the name that a person knows it by. */
  account: Schema.optionalKey(
    Schema.Struct({ id: MemberPath, label: Schema.optionalKey(MemberPath) })
  )
})
export interface ApiKeyDefinition extends Schema.Schema.Type<typeof ApiKeyDefinition> {}

export const ProviderDefinition = Schema.Union([OAuth2Definition, ApiKeyDefinition])
export type ProviderDefinition = OAuth2Definition | ApiKeyDefinition

/** The values that the vendor gives, by their name in templates. None for keys. */
export const capturesOf = (definition: ProviderDefinition): Readonly<Record<string, Capture>> =>
  ("captures" in definition ? definition.captures : undefined) ?? {}
