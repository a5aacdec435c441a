import {
  ConfigurationError,
  functionOption,
  hostOptions,
  nestedOptions,
  opaqueOption
} from "@hawser/core"
import { Schema } from "effect"
import type { JwtAuthentication, JwtOptions } from "../jwt.ts"
import { roleMap, text, textOrTexts, texts } from "./optionSchemas.ts"
import type { SessionAuthentication } from "./session.ts"

const jwtOptions = {
  issuer: text,
  audience: textOrTexts,
  authorizedParties: texts,
  clientIds: texts,
  unsafelyAcceptAnyAudience: Schema.Boolean,
  jwksUrl: text,
  unsafelyLoadKeysOverHttp: Schema.Boolean,
  jwks: opaqueOption("a JSON Web Key Set", (value) => typeof value === "object" && value !== null),
  algorithms: texts,
  clockTolerance: Schema.Number,
  maxTokenAge: Schema.Number,
  typ: text,
  refusedClaims: Schema.Record(text, Schema.Union([text, Schema.Number, Schema.Boolean])),
  claims: nestedOptions<NonNullable<JwtOptions["claims"]>>({
    tenantId: textOrTexts,
    userId: textOrTexts,
    roles: textOrTexts,
    roleMap
  }),
  userOf: functionOption
}

/** The options of one issuer. */
export const checkJwtOptions = hostOptions<JwtOptions>(jwtOptions, { required: ["issuer"] })

/** What `jwt` has made of its options; each issuer is looked at by itself. */
export const checkJwt = hostOptions<JwtAuthentication>({
  _tag: text,
  issuers: Schema.Array(Schema.Unknown).annotate({ expected: "a list of issuers" }),
  tenantOf: functionOption
})

export const checkSession = hostOptions<SessionAuthentication>(
  { _tag: text, csrf: functionOption, resolve: functionOption },
  { required: ["resolve"] }
)

/** Names a setting of an issuer that stops the start, and what to do about it. */
export type Refuse = (setting: string, problem: string) => ConfigurationError

/** For settings that stand under `authenticate`, or deeper. */
export const refuseUnder =
  (place: string): Refuse =>
  (setting, problem) =>
    new ConfigurationError({ setting: `${place}.${setting}`, problem })
