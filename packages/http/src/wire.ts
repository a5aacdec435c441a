import {
  Category,
  CredentialId,
  CredentialStatus,
  IntegrationId,
  IntegrationStatus,
  ProviderId,
  StorableText
} from "@hawser/core"
import { Schema } from "effect"

/** ISO 8601, UTC, whole seconds. */
const Timestamp = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
).annotate({ format: "date-time", examples: ["2024-04-01T10:05:00Z"] })

export const ConnectBody = Schema.Struct({
  /** Where the browser ends up after the flow; OAuth2 only. It is not OAuth's `redirect_uri`. */
  redirectUrl: Schema.optionalKey(StorableText({ maxLength: 2048 })),
  /** The stored key to connect with; API keys only. */
  credentialId: Schema.optionalKey(StorableText({ maxLength: 255 })),
  /** What the catalogue's `fields` ask for; OAuth2 only. */
  fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  /** Some of the catalogue's `scopes`; OAuth2 only. */
  scopes: Schema.optionalKey(Schema.Array(StorableText({ maxLength: 255 }))),
  /** Begins although connected: new scopes, or a new consent of the same account; OAuth2 only. */
  reauthorize: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "ConnectBody" })

export const CredentialsBody = Schema.Struct({
  /** By field name, as the catalogue lists them. The provider's definition decides what each may be. */
  credentials: Schema.Record(Schema.String, Schema.Unknown),
  label: Schema.optionalKey(StorableText({ maxLength: 200 }))
}).annotate({ identifier: "CredentialsBody" })

export const SwapBody = Schema.Struct({
  /** The stored key that takes the place of the one in use. */
  credentialId: StorableText({ maxLength: 255 })
}).annotate({ identifier: "SwapBody" })

export const CompleteBody = Schema.Struct({
  /** What the callback put into the fragment of the URL. */
  flowId: StorableText({ maxLength: 255 }).check(Schema.isMinLength(1))
}).annotate({ identifier: "CompleteBody" })

export const Authorization = Schema.Struct({
  authorizationUrl: Schema.String,
  state: Schema.String
}).annotate({ identifier: "Authorization" })

export const Connected = Schema.Struct({
  integrationId: IntegrationId,
  provider: ProviderId,
  status: Schema.Literal("connected"),
  connectedAt: Timestamp
}).annotate({ identifier: "Connected" })

export const CredentialItem = Schema.Struct({
  credentialId: CredentialId,
  provider: ProviderId,
  label: Schema.optionalKey(Schema.String),
  status: CredentialStatus,
  createdAt: Timestamp
}).annotate({ identifier: "Credential" })

export const IntegrationItem = Schema.Struct({
  integrationId: IntegrationId,
  provider: ProviderId,
  status: IntegrationStatus,
  connectedBy: Schema.String,
  connectedAt: Timestamp,
  /** Those granted. */
  scopes: Schema.Array(Schema.String)
}).annotate({ identifier: "Integration" })

export const CatalogEntry = Schema.Struct({
  provider: Schema.String,
  displayName: Schema.String,
  category: Category,
  description: Schema.String,
  authType: Schema.Literals(["oauth2", "api_key"]),
  scopes: Schema.optionalKey(Schema.Array(Schema.String)),
  requiredFields: Schema.optionalKey(Schema.Array(Schema.String)),
  fields: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        name: Schema.String,
        label: Schema.String,
        required: Schema.Boolean,
        secret: Schema.Boolean,
        choices: Schema.optionalKey(Schema.Array(Schema.String)),
        help: Schema.optionalKey(Schema.String)
      })
    )
  ),
  connectUrl: Schema.String
}).annotate({ identifier: "CatalogEntry" })

export const IntegrationDetail = Schema.Struct({
  ...IntegrationItem.fields,
  /** What a person knows the account at the provider by, where the provider tells it. */
  accountLabel: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "IntegrationDetail" })

export const TestResult = Schema.Struct({
  status: Schema.Literals(["ok", "failed"]),
  checkedAt: Timestamp,
  reason: Schema.optionalKey(
    Schema.Literals(["rejected", "unreachable", "unexpected_answer", "not_supported"])
  )
}).annotate({ identifier: "TestResult" })

/** How many at most stand on one page. */
export const PageLimit = Schema.NumberFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 1, maximum: 100 })
)

/** A list as the wire has it. */
export const listOf = <Item extends Schema.Top>(item: Item) =>
  Schema.Struct({ items: Schema.Array(item), total: Schema.Int })

/** A list that can be read page by page. */
export const pagesOf = <Item extends Schema.Top>(item: Item) =>
  Schema.Struct({
    ...listOf(item).fields,
    /** Only where `limit` was sent and there is more. */
    nextCursor: Schema.optionalKey(Schema.String)
  })
