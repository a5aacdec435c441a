import { Category, Notice, ProviderId, statedMembers } from "@hawser/core"
import { Schema } from "effect"

/**
 * Facts from a vendor's documentation, written apart from the definition. The simulator is as strict as these facts,
 * whatever a definition says. `{name}` in a URL or a sample stands for the sample value of a field; in sample answers
 * `{access_token}`, `{refresh_token}`, `{id_token}`, `{scope}`, `{user_scope}`, `{expires_in}`, `{expires_at}` (an ISO
 * instant), `{now}` (seconds of the epoch), `{client_id}` and `{redirect_uri}` stand for the simulator's values.
 */

const Url = Schema.String.check(Schema.isPattern(/^https:\/\/[^\s]+$/))
const Texts = Schema.Array(Schema.NonEmptyString)
const StringMap = Schema.Record(Schema.String, Schema.String)

/** A vendor's response: a status, and a JSON body or its text. */
const Answer = Schema.Struct({
  status: Schema.Int,
  body: Schema.optionalKey(Schema.Unknown)
})

/** The names of a provider and of its fields, for people. */
const Presentation = Schema.Struct({
  displayName: Schema.NonEmptyString,
  category: Category,
  description: Schema.NonEmptyString,
  docsUrl: Url,
  brandColor: Schema.optionalKey(Schema.String),
  notices: Schema.optionalKey(Schema.Array(Notice))
})

/** A value that a person types: one that the vendor accepts, and some that it refuses. */
const FieldFacts = Schema.Struct({
  label: Schema.NonEmptyString,
  help: Schema.optionalKey(Schema.String),
  /** Default true. */
  secret: Schema.optionalKey(Schema.Boolean),
  /** Default true. */
  required: Schema.optionalKey(Schema.Boolean),
  choices: Schema.optionalKey(Texts),
  default: Schema.optionalKey(Schema.String),
  /** The only value that the simulator accepts. */
  sample: Schema.NonEmptyString,
  /** Values that the definition must refuse. */
  refused: Schema.optionalKey(Texts)
})

const common = {
  provider: ProviderId,
  presentation: Presentation,
  /** The pages that the facts come from: the vendor's, and what its users wrote where the vendor says nothing. */
  sources: Schema.NonEmptyArray(Url),
  /** Dotted paths of facts in this file that no page of the vendor's confirmed. */
  unverified: Texts,
  /** Notes for readers. */
  notes: Schema.optionalKey(Texts),
  fields: Schema.optionalKey(Schema.Record(Schema.String, FieldFacts)),
  settings: Schema.optionalKey(Schema.Record(Schema.String, FieldFacts)),
  /** Left out if the API cannot be called by `authorizedFetch`. */
  api: Schema.optionalKey(
    Schema.Struct({
      baseUrl: Url,
      /** More hosts of the same API. */
      hosts: Schema.optionalKey(Texts),
      /** Headers that each call must have beside the credential, by lower-case name. */
      headers: Schema.optionalKey(StringMap),
      /** Responses by which the API refuses an access token that has ended, if not by 401. */
      expired: Schema.optionalKey(Schema.NonEmptyArray(Answer)),
      /** Responses of the same status that mean something else. */
      notExpired: Schema.optionalKey(Schema.NonEmptyArray(Answer))
    })
  )
}

/** How a request carries the credential: lower-case header names to values. */
const Carried = Schema.Struct({
  headers: Schema.optionalKey(StringMap),
  basic: Schema.optionalKey(Schema.Struct({ username: Schema.String, password: Schema.String })),
  query: Schema.optionalKey(StringMap)
})

const Probe = {
  url: Url,
  method: Schema.optionalKey(Schema.Literals(["GET", "POST"])),
  /** JSON text that the request must be equal to, as JSON. */
  body: Schema.optionalKey(Schema.String),
  /** Headers that the request must have, by lower-case name. */
  headers: Schema.optionalKey(StringMap)
}

const CheckFacts = Schema.Struct({
  ...Probe,
  accepted: Answer,
  /** More answers that only a good key gets, such as 403 if it lacks a right. */
  acceptedToo: Schema.optionalKey(Schema.Array(Answer)),
  rejected: Answer,
  /** More answers that mean the same. */
  rejectedToo: Schema.optionalKey(Schema.Array(Answer)),
  /** Responses that are not a verdict on the key: it lacks rights, or the vendor is busy. */
  unclear: Schema.optionalKey(Schema.Array(Answer))
})

const ClientAuthentication = Schema.Literals([
  "client_secret_basic",
  "client_secret_post",
  "secret_basic",
  "secret_client",
  "private_key_jwt",
  "none"
])

const requestFacts = {
  url: Url,
  /** The methods that the vendor accepts, the recommended one first. */
  clientAuthentication: Schema.NonEmptyArray(ClientAuthentication),
  /**
   * How the vendor reads client id and secret in Basic: form-decoded (RFC 6749 §2.3.1), or as they are. If left out, it is
   * unknown, and only values that both readings agree on are accepted.
   */
  basicReads: Schema.optionalKey(Schema.Literals(["decoded", "raw"])),
  /** With `GET`, the parameters are in the URL. */
  method: Schema.optionalKey(Schema.Literal("GET")),
  /** Default `form`. */
  encoding: Schema.optionalKey(Schema.Literals(["form", "json"])),
  /** Headers that must be there, by lower-case name. */
  headers: Schema.optionalKey(StringMap),
  /** Parameters of the vendor's own that must be there. */
  parameters: Schema.optionalKey(StringMap),
  /** The standard's parameters that the vendor refuses. */
  refuses: Schema.optionalKey(Texts),
  /** The body of a success. */
  answer: Schema.Record(Schema.String, Schema.Unknown),
  /** Default `json`. */
  answerType: Schema.optionalKey(Schema.Literals(["json", "form"])),
  /** Lifetime of the access token in seconds; null if it does not expire. */
  lifetime: Schema.NullOr(Schema.Int),
  /** The response to an unknown code or refresh token. */
  refused: Answer
}

export const OAuth2Facts = Schema.Struct({
  ...common,
  authType: Schema.Literal("oauth2"),
  /** The issuer identifier that the vendor publishes. */
  issuer: Schema.optionalKey(Url),
  openid: Schema.optionalKey(Schema.Boolean),
  /** Scopes that the vendor documents. A request for another is refused, unless the list is empty. */
  scopes: Texts,
  /** Scopes of the vendor's documentation that a definition asks for by default. */
  defaultScopes: Texts,
  authorize: Schema.Struct({
    url: Url,
    parameters: Schema.optionalKey(StringMap),
    refuses: Schema.optionalKey(Texts),
    /** Default `code`; null if the vendor has no such parameter and it must not be sent. */
    responseType: Schema.optionalKey(Schema.NullOr(Schema.String)),
    responseMode: Schema.optionalKey(Schema.Literal("form_post")),
    parametersIn: Schema.optionalKey(Schema.Literals(["query", "fragment"])),
    /** `%20` if the vendor does not read `+` as a space. */
    space: Schema.optionalKey(Schema.Literal("%20")),
    /** The standard's parameter to the vendor's name, on all requests. */
    names: Schema.optionalKey(StringMap),
    /** Default a space. */
    scopeSeparator: Schema.optionalKey(Schema.String),
    userScopes: Schema.optionalKey(
      Schema.Struct({ parameter: Schema.String, scopes: Texts, defaultScopes: Texts })
    ),
    /** `ignored`: not documented, and sent without harm. `refused`: the vendor answers with an error. */
    pkce: Schema.Literals(["required", "supported", "ignored", "refused"]),
    /** The definition's reason for switching PKCE off. */
    pkceOff: Schema.optionalKey(Schema.String),
    /** Whether the vendor promises `iss` in each authorization response. */
    sendsIss: Schema.optionalKey(Schema.Boolean),
    /** The callback's parameter that holds the code. Default `code`. */
    codeParameter: Schema.optionalKey(Schema.String),
    /** The callback's parameter that names the granted scopes. */
    grantedScopes: Schema.optionalKey(
      Schema.Struct({ parameter: Schema.String, separator: Schema.String })
    ),
    /** More parameters of the callback, with sample values. */
    callback: Schema.optionalKey(StringMap)
  }),
  token: Schema.Struct({
    ...requestFacts,
    /** Claims of each access token, if it is a JWT whose claims the vendor documents. */
    claims: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
    /** Lifetime of the refresh token in seconds, if the answer tells it. */
    refreshTokenLifetime: Schema.optionalKey(Schema.Int),
    /** Separates `{scope}` in the answer. Default a space. */
    scopeSeparator: Schema.optionalKey(Schema.String),
    /** Default `required`. */
    redirectUri: Schema.optionalKey(Schema.Literals(["required", "refused"]))
  }),
  /** Null: the vendor issues no refresh token, or not by default. */
  refresh: Schema.NullOr(
    Schema.Struct({
      ...requestFacts,
      /** More responses that mean the same: the token, or its account, is no longer valid. */
      refusedToo: Schema.optionalKey(Schema.NonEmptyArray(Answer)),
      /** Responses that are not a verdict on the token: the vendor is already processing it, is busy, or has failed. */
      busy: Schema.optionalKey(Schema.NonEmptyArray(Answer)),
      /** `always`: the old one is invalid at once. `keeps`: the same one stays valid. */
      rotates: Schema.Literals(["always", "keeps"]),
      sendsScope: Schema.optionalKey(Schema.Boolean),
      uses: Schema.optionalKey(Schema.Literals(["refresh_token", "access_token"]))
    })
  ),
  /** Seconds before their end at which the vendor wants its tokens refreshed, if it says so. */
  refreshMargin: Schema.optionalKey(Schema.Int),
  /** The vendor silently leaves out scopes that the app does not have. */
  leavesOutScopes: Schema.optionalKey(Schema.Boolean),
  formerTokenEndpoints: Schema.optionalKey(Texts),
  pushedAuthorizationRequestEndpoint: Schema.optionalKey(Url),
  introspection: Schema.optionalKey(Schema.Struct({ url: Url })),
  tokenExchange: Schema.optionalKey(
    Schema.Struct({
      url: Url,
      parameters: StringMap,
      answer: Schema.Record(Schema.String, Schema.Unknown),
      lifetime: Schema.NullOr(Schema.Int)
    })
  ),
  /** How a call of the API carries `{access_token}`. */
  credential: Carried,
  check: Schema.optionalKey(CheckFacts),
  /** The account as a connection shows it, and, if it is asked for, the request and its answer. */
  account: Schema.optionalKey(
    Schema.Struct({
      id: Schema.NonEmptyString,
      label: Schema.optionalKey(Schema.String),
      request: Schema.optionalKey(Schema.Struct({ ...Probe, answer: Schema.Unknown })),
      /** Claims of the ID token, if it tells the account. */
      claims: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
    })
  ),
  /** The vendor's id of the person who consented, where the account is another thing. */
  grantSubject: Schema.optionalKey(Schema.NonEmptyString),
  /**
   * The response for a user with several accounts, and the resulting connection: the account that the vendor means if it says
   * so; otherwise one that the person chooses, or none, if the vendor's API takes no account.
   */
  severalAccounts: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        answer: Schema.Unknown,
        outcome: Schema.Literals(["connected", "choose", "account_not_permitted"])
      })
    )
  ),
  discovery: Schema.optionalKey(Schema.Struct({ ...Probe, answer: Schema.Unknown })),
  /** The values that a connection keeps from callback, token response and discovery, by name. */
  captures: Schema.optionalKey(StringMap),
  /** The vendor's domains below which a captured host may be: name to suffixes. */
  capturesBelow: Schema.optionalKey(Schema.Record(Schema.String, Texts)),
  /** Captures that may be another host, of the same domains, when tokens are refreshed. */
  capturesMoving: Schema.optionalKey(Texts),
  /** Captures that may be missing. */
  capturesOptional: Schema.optionalKey(Texts),
  /** Values that must be refused instead of those, by name. */
  refusedCaptures: Schema.optionalKey(Schema.Record(Schema.String, Texts)),
  /** Null if the vendor documents no way to revoke a token. */
  revocation: Schema.NullOr(
    Schema.Struct({
      url: Url,
      ends: Schema.Literals(["token", "grant", "none"]),
      method: Schema.optionalKey(Schema.Literals(["POST", "DELETE"])),
      encoding: Schema.optionalKey(Schema.Literals(["form", "json"])),
      authentication: Schema.Literals(["client", "token"]),
      clientAuthentication: Schema.optionalKey(Schema.NonEmptyArray(ClientAuthentication)),
      /** Default `token`; `none` if the token only authenticates the request. */
      tokenParameter: Schema.optionalKey(Schema.String),
      tokens: Schema.optionalKey(Schema.Literals(["both", "access_token", "refresh_token"])),
      headers: Schema.optionalKey(StringMap),
      /** The standard's parameter to the vendor's name, on this request alone. */
      names: Schema.optionalKey(StringMap),
      /** `true` means the boolean in JSON, not a text. */
      parameters: Schema.optionalKey(
        Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Literal(true)]))
      ),
      refuses: Schema.optionalKey(Texts),
      status: Schema.optionalKey(Schema.Int)
    })
  ),
  ...statedMembers,
  /** What about its tokens no data describes. */
  authKind: Schema.optionalKey(Schema.String)
})
export type OAuth2Facts = typeof OAuth2Facts.Type

export const ApiKeyFacts = Schema.Struct({
  ...common,
  authType: Schema.Literal("api_key"),
  fields: Schema.Record(Schema.String, FieldFacts),
  credential: Carried,
  clientCredentials: Schema.optionalKey(
    Schema.Struct({
      ...requestFacts,
      grantType: Schema.String,
      scope: Schema.optionalKey(Schema.String),
      clientId: Schema.String,
      clientSecret: Schema.String
    })
  ),
  check: Schema.optionalKey(CheckFacts),
  /** Whom the sample key belongs to, as the answer to the check says. */
  account: Schema.optionalKey(
    Schema.Struct({ id: Schema.NonEmptyString, label: Schema.optionalKey(Schema.NonEmptyString) })
  )
})
export type ApiKeyFacts = typeof ApiKeyFacts.Type

/** A provider that is in the list with the reason why it cannot be connected. */
export const UnsupportedFacts = Schema.Struct({
  provider: ProviderId,
  authType: Schema.Literal("unsupported"),
  presentation: Presentation,
  sources: Schema.NonEmptyArray(Url),
  unverified: Texts,
  notes: Schema.optionalKey(Texts),
  reason: Schema.NonEmptyString
})
export type UnsupportedFacts = typeof UnsupportedFacts.Type

export const ProviderFacts = Schema.Union([OAuth2Facts, ApiKeyFacts])
export type ProviderFacts = typeof ProviderFacts.Type
