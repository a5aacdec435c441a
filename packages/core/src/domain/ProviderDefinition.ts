import { Schema } from "effect"
import { ProviderId } from "./Ids.ts"

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

/** Whether a URL's host is this machine itself: the one place where plain http may be spoken, and only on request. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname)

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

export const Category = Schema.Literals([
  "monitoring",
  "code",
  "ticketing",
  "communication",
  "cloud",
  "other"
])
export type Category = typeof Category.Type

const FieldName = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9_]{0,62}$/))

/** One field that the tenant's admin fills in: a part of an API key, or of where the tenant lives at the provider. */
export const Field = Schema.Struct({
  name: FieldName,
  label: Schema.NonEmptyString,
  /** False for what may be shown again, such as a region. Default true; always false for OAuth2. */
  secret: Schema.optionalKey(Schema.Boolean),
  /** Default true. */
  required: Schema.optionalKey(Schema.Boolean),
  /** The only values allowed: what a tenant may choose of a provider's regions (S-62). */
  choices: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /** A regular expression that the whole value must match. */
  pattern: Schema.optionalKey(Schema.NonEmptyString),
  /** `subdomain`: one label of a host name, and so fit to stand before a fixed suffix in a URL (S-62). */
  format: Schema.optionalKey(Schema.Literal("subdomain")),
  /** Taken where an optional field was left out. */
  default: Schema.optionalKey(Schema.String),
  /** Where the admin finds the value. */
  help: Schema.optionalKey(Schema.String)
})
export type Field = typeof Field.Type

/** Where a provider's API is. What a tenant is connected with is sent to no other host (S-40). */
export const Api = Schema.Struct({
  /** What the paths of `authorizedFetch` are joined to. */
  baseUrl: Template.check(
    isHttpsUrl,
    Schema.makeFilter((text) => !text.includes("?"), { expected: "a URL without a query" })
  ),
  /** More hosts of the same API; none where the base URL names the tenant's own. */
  hosts: Schema.optionalKey(Schema.NonEmptyArray(Schema.String.check(isHost)))
})
export type Api = typeof Api.Type

const common = {
  id: ProviderId,
  displayName: Schema.NonEmptyString,
  category: Category,
  description: Schema.NonEmptyString,
  /** The vendor's page on which the definition rests. */
  docsUrl: Schema.optionalKey(Url),
  /** Absent: `authorizedFetch` cannot be used. */
  api: Schema.optionalKey(Api),
  /** Sent with each request to the API, such as the version of it that is meant. */
  apiHeaders: Schema.optionalKey(Schema.Record(HeaderName, Schema.NonEmptyString))
}

/** A harmless request that shows whether a key works. Only its status, and one member of its body, are looked at (S-67). */
export const LiveCheck = Schema.Struct({
  url: Template.check(isHttpsUrl),
  /** The statuses that mean accepted. Default 200. */
  acceptedStatus: Schema.optionalKey(Schema.NonEmptyArray(Schema.Int)),
  /** What the JSON body of an accepted answer must hold besides: some vendors answer 200 to a wrong key. */
  acceptedBody: Schema.optionalKey(
    Schema.Struct({
      path: Schema.NonEmptyArray(Schema.NonEmptyString),
      equals: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])
    })
  ),
  /** The statuses that mean rejected; every other answer means that the vendor could not tell. Default 401 and 403. */
  rejectedStatus: Schema.optionalKey(Schema.NonEmptyArray(Schema.Int))
})
export type LiveCheck = typeof LiveCheck.Type

const MemberPath = Schema.NonEmptyArray(Schema.NonEmptyString)

/** Where the account that consented is told: its id, and what a person knows it by. */
export const AccountIdentity = Schema.Union([
  Schema.Struct({
    from: Schema.Literals(["token_response", "id_token"]),
    id: MemberPath,
    label: Schema.optionalKey(MemberPath)
  }),
  Schema.Struct({
    from: Schema.Literal("request"),
    /** Asked with the new access token; answers JSON. */
    url: Template.check(isHttpsUrl),
    id: MemberPath,
    label: Schema.optionalKey(MemberPath)
  })
])
export type AccountIdentity = typeof AccountIdentity.Type

/** The token revocation endpoint (RFC 7009), and what a vendor ends with a token that is sent there. */
export const Revocation = Schema.Struct({
  endpoint: Template.check(isHttpsUrl),
  /**
   * `token`: this token, and at most those that came from it. `grant`: all tokens of the account for this client, those of
   * other connections too. `none`: nothing, whatever it answers, so nothing is sent.
   */
  ends: Schema.Literals(["token", "grant", "none"])
})
export type Revocation = typeof Revocation.Type

export const OAuth2Definition = Schema.Struct({
  ...common,
  authType: Schema.Literal("oauth2"),
  /** The authorization server's issuer identifier (RFC 8414); compared with `iss` where one comes (RFC 9207). */
  issuer: Schema.optionalKey(Template.check(isHttpsUrl)),
  authorizationEndpoint: Template.check(isHttpsUrl),
  tokenEndpoint: Template.check(isHttpsUrl),
  /** Where authorization requests can be pushed (RFC 9126 §2); it is used where the host asks for it. */
  pushedAuthorizationRequestEndpoint: Schema.optionalKey(Template.check(isHttpsUrl)),
  /**
   * Where the token endpoint was before: grants issued there can be refreshed at the new one, once the host approves the
   * old host (S-38). Nothing is sent there.
   */
  formerTokenEndpoints: Schema.optionalKey(Schema.NonEmptyArray(Template.check(isHttpsUrl))),
  /** Where tokens are refreshed; default the token endpoint. */
  refreshEndpoint: Schema.optionalKey(Template.check(isHttpsUrl)),
  /** Parameters of the vendor's own on the refresh request. */
  refreshParameters: Schema.optionalKey(StringMap),
  /** Repeats the granted scopes on the refresh request. Default false: left out means the same (RFC 6749 §6). */
  refreshSendsScope: Schema.optionalKey(Schema.Boolean),
  /** The vendor's own names for `invalid_grant`: errors of a refresh that mean that the grant is over. */
  terminalErrors: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /** Absent: nothing can be revoked. */
  revocation: Schema.optionalKey(Revocation),
  /** What a tenant must name before it can be sent there, such as its subdomain. */
  fields: Schema.optionalKey(Schema.NonEmptyArray(Field)),
  /** OpenID Connect: a nonce is sent, and an ID token that holds it must come with the tokens (S-18). */
  openid: Schema.optionalKey(Schema.Literal(true)),
  /** The browser brings the response in a form, by POST (OAuth 2.0 Form Post Response Mode). */
  responseMode: Schema.optionalKey(Schema.Literal("form_post")),
  account: Schema.optionalKey(AccountIdentity),
  /** How a request carries `{access_token}`. Default `Authorization: Bearer {access_token}` (RFC 6750 §2.1). */
  tokenHeader: Schema.optionalKey(Schema.Struct({ name: HeaderName, template: Template })),
  /** Sent with the access token. */
  check: Schema.optionalKey(LiveCheck),
  /** Parameters of the vendor's own on the authorization request. */
  authorizationParameters: Schema.optionalKey(StringMap),
  /** True where the vendor promises `iss` on each authorization response: then its absence is an error (RFC 9207). */
  issParameterSupported: Schema.optionalKey(Schema.Boolean),
  /** S256 always (S-16), unless a vendor is known to break on it: then say why. */
  pkce: Schema.optionalKey(Schema.Struct({ off: Schema.NonEmptyString })),
  /** What the vendor registers unless the host configures another; `private_key_jwt` needs the host's key (RFC 7523). */
  clientAuthentication: Schema.Literals([
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none"
  ]),
  /** Joins the scopes of the authorization request. Default a space (RFC 6749 §3.3). */
  scopeSeparator: Schema.optionalKey(Schema.Literals([" ", ","])),
  /** Separates the scopes in the token response. Default a space. */
  grantedScopeSeparator: Schema.optionalKey(Schema.Literals([" ", ","])),
  /** Asked for unless the host configures others. */
  defaultScopes: Schema.Array(Schema.NonEmptyString),
  /** Seconds that an access token lives where the token response tells nothing. Absent: it does not expire. */
  defaultTokenLifetime: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
})
export type OAuth2Definition = typeof OAuth2Definition.Type

export const ApiKeyDefinition = Schema.Struct({
  ...common,
  authType: Schema.Literal("api_key"),
  fields: Schema.NonEmptyArray(Field),
  /** Header name to template: how a request carries the key. */
  headers: Schema.optionalKey(Schema.Record(HeaderName, Template)),
  /** How it carries the key as `Authorization: Basic` (RFC 7617). */
  basic: Schema.optionalKey(Schema.Struct({ username: Schema.String, password: Schema.String })),
  /** Parameter name to template, for a provider that takes the key in no other way (S-32). */
  query: Schema.optionalKey(Schema.Record(Schema.NonEmptyString, Template)),
  check: Schema.optionalKey(LiveCheck)
})
export type ApiKeyDefinition = typeof ApiKeyDefinition.Type

export const ProviderDefinition = Schema.Union([OAuth2Definition, ApiKeyDefinition])
export type ProviderDefinition = typeof ProviderDefinition.Type
