import { durationOption, ProviderDefinition, Role } from "@hawser/core"
import { Schema } from "effect"

const Text = Schema.NonEmptyString

const ClaimPath = Schema.Union([Text, Schema.NonEmptyArray(Text)])

const Jwt = Schema.Struct({
  issuer: Text,
  audience: Schema.Union([Text, Schema.NonEmptyArray(Text)]),
  jwksUrl: Text,
  claims: Schema.optionalKey(
    Schema.Struct({
      tenantId: Schema.optionalKey(ClaimPath),
      userId: Schema.optionalKey(ClaimPath),
      roles: Schema.optionalKey(ClaimPath),
      roleMap: Schema.optionalKey(Schema.Record(Schema.String, Role))
    })
  )
})

/** `session` asks a host's own code who is signed in, and this server has none. */
const Binding = Schema.Literals(["cookie", "complete"])

const Provider = Schema.Struct({
  /** Of the catalogue; or else the whole definition. */
  id: Schema.optionalKey(Text),
  definition: Schema.optionalKey(ProviderDefinition),
  clientId: Schema.optionalKey(Text),
  clientSecret: Schema.optionalKey(Text),
  /** PEM; GitHub Apps have one. */
  appPrivateKey: Schema.optionalKey(Text),
  settings: Schema.optionalKey(Schema.Record(Schema.String, Text)),
  allowTenantHosts: Schema.optionalKey(Schema.Boolean),
  userScopes: Schema.optionalKey(Schema.Array(Text)),
  scopes: Schema.optionalKey(Schema.Array(Text)),
  requiredScopes: Schema.optionalKey(Schema.Array(Text))
})
export type ProviderEntry = typeof Provider.Type

/** The file of `HAWSER_CONFIG`: the options of `createHawser` that can be written as JSON, under the same names. */
export const ConfigFile = Schema.Struct({
  publicUrl: Text,
  basePath: Schema.optionalKey(Schema.String),
  allowedRedirectUrls: Schema.NonEmptyArray(
    Schema.Union([Text, Schema.Struct({ url: Text, binding: Binding })])
  ),
  appOrigins: Schema.optionalKey(Schema.Array(Text)),
  appUrl: Schema.optionalKey(Text),
  jwt: Jwt,
  /** Of several the first seals and all open. */
  encryptionKey: Schema.Union([Text, Schema.NonEmptyArray(Text)]),
  providers: Schema.NonEmptyArray(Provider),
  rateLimit: Schema.optionalKey(Schema.Union([Schema.Int, Schema.Literal(false)])),
  flowLifetime: Schema.optionalKey(durationOption),
  unsafelyAllowLoopback: Schema.optionalKey(Schema.Boolean)
})
export type ConfigFile = typeof ConfigFile.Type
