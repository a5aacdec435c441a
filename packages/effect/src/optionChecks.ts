import {
  Binding,
  functionOption,
  type HostAuthKind,
  hostOptions,
  isObject,
  listOption,
  type OptionSchemas,
  nestedOptions,
  opaqueOption,
  durationOption
} from "@hawser/core"
import { egressProxyOptions } from "@hawser/egress"
import { Layer, Schema } from "effect"
import type { EndpointLockOptions } from "./endpointLock.ts"
import type {
  AllowedRedirect,
  HawserLogger,
  HawserOptions,
  UnsafeRedirectPrefix
} from "./HawserOptions.ts"

const textOrNothing = Schema.UndefinedOr(Schema.String)

const redirectUrl = Schema.Union([
  Schema.String,
  nestedOptions<AllowedRedirect>({
    url: Schema.String,
    binding: Binding
  }),
  nestedOptions<UnsafeRedirectPrefix>({
    unsafePrefix: Schema.String,
    binding: Binding
  })
])

const hasFunctions = (value: unknown, names: ReadonlyArray<string>): boolean =>
  isObject(value) && names.every((name) => typeof value[name] === "function")

const levels: ReadonlyArray<keyof Extract<HawserLogger, { readonly info: unknown }>> = [
  "info",
  "warn",
  "error"
]

const logger = opaqueOption(
  "a logger with info, warn and error, or such a one as messageFirst or detailsFirst",
  (value) =>
    hasFunctions(value, levels) ||
    (isObject(value) &&
      (hasFunctions(value["messageFirst"], levels) || hasFunctions(value["detailsFirst"], levels)))
)

const store = opaqueOption(
  "a store, such as postgres({ url: process.env.DATABASE_URL })",
  (value) => isObject(value) && Layer.isLayer(value["layer"])
)

const provider = opaqueOption(
  "a provider as its function returns it, such as github({ clientId, clientSecret })",
  (value) => isObject(value) && isObject(value["definition"])
)

const authKind = nestedOptions<HostAuthKind>({
  id: Schema.String,
  configure: functionOption,
  begin: Schema.Literal("credential"),
  use: functionOption,
  renew: functionOption,
  check: functionOption
})

const authentication = opaqueOption(
  "jwt({ … }), session({ … }) or a function",
  (value) =>
    typeof value === "function" ||
    (isObject(value) && (value["_tag"] === "Jwt" || value["_tag"] === "Session"))
)

const schemas: OptionSchemas<HawserOptions> = {
  publicUrl: textOrNothing,
  basePath: Schema.String,
  allowedRedirectUrls: listOption(redirectUrl).annotate({ expected: "a list of URLs" }),
  allowRedirect: functionOption,
  resolveSession: functionOption,
  tenantName: functionOption,
  appOrigins: opaqueOption(
    "a list of origins or a function",
    (value) =>
      typeof value === "function" ||
      (Array.isArray(value) && value.every((origin) => typeof origin === "string"))
  ),
  appUrl: Schema.String,
  installUrl: Schema.String,
  authenticate: authentication,
  providers: listOption(provider).annotate({ expected: "a list of providers" }),
  authKinds: listOption(authKind).annotate({ expected: "a list of auth kinds" }),
  endpointLock: Schema.Union([
    Schema.String,
    nestedOptions<EndpointLockOptions>({
      path: Schema.String,
      onNewProvider: Schema.Literals(["add", "refuse"])
    })
  ]),
  store,
  rateLimit: Schema.Union([Schema.Number, Schema.Literal(false)]),
  flowLifetime: durationOption,
  workers: Schema.Literals(["in-process", "off"]),
  reference: Schema.Boolean,
  eventRetention: durationOption,
  unusedCredentialRetention: durationOption,
  logger,
  onSecurityEvent: functionOption,
  hookTimeout: durationOption,
  egress: egressProxyOptions,
  unsafelyAllowLoopback: Schema.Boolean,
  encryptionKey: Schema.Union([Schema.String, listOption(Schema.String)]),
  keyManagement: opaqueOption(
    "an object with primaryKeyId, wrap and unwrap",
    (value) =>
      hasFunctions(value, ["wrap", "unwrap"]) &&
      isObject(value) &&
      typeof value["primaryKeyId"] === "string"
  )
}

/** The names and types of the options of `createHawser`. Their values are checked later. */
export const checkHawserOptions = hostOptions<HawserOptions>(schemas, {
  name: "createHawser",
  required: ["allowedRedirectUrls", "authenticate", "providers", "store"]
})

/** Those of `createHawserJobs`, which also accepts the options of `createHawser`. */
export const checkJobOptions = hostOptions<HawserOptions>(schemas, {
  name: "createHawserJobs",
  required: ["providers", "store"]
})
