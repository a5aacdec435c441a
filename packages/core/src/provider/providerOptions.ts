import { Schema } from "effect"
import {
  functionOption,
  isObject,
  listOption,
  nestedOptions,
  opaqueOption
} from "../model/index.ts"
import type { PrivateKeyJwt } from "./ClientAuthentication.ts"

const texts = listOption(Schema.String)
/** Text, or a `CryptoKey`. */
const key = opaqueOption("a key", (value) => typeof value === "string" || isObject(value))

/** The types of the options of every provider. */
export const commonOptions = {
  definition: opaqueOption("a definition", isObject),
  availability: Schema.Union([Schema.Literals(["public", "unlisted"]), functionOption]),
  ownedBy: listOption(Schema.Literals(["tenant", "user"])),
  connections: Schema.Literals(["one", "many"]),
  settings: Schema.Record(Schema.String, Schema.Unknown),
  allowTenantHosts: Schema.Boolean
}

/** And of an OAuth2 provider. */
export const oauth2Options = {
  ...commonOptions,
  scopes: texts,
  userScopes: texts,
  callbackPath: Schema.String,
  requiredScopes: texts,
  pushedAuthorizationRequests: Schema.Boolean,
  dpop: Schema.Boolean,
  resource: texts,
  approvedFormerHosts: texts,
  clientId: Schema.String,
  clientSecret: Schema.String,
  clientAuthentication: nestedOptions<PrivateKeyJwt>({
    method: Schema.String,
    privateKey: key,
    alg: Schema.String,
    kid: Schema.String,
    typ: Schema.String,
    unsafeAudience: Schema.String
  }),
  clientOf: functionOption
}

/** And of a GitHub App. */
export const githubAppOptions = { ...oauth2Options, mayBind: functionOption, appPrivateKey: key }
