import {
  Category,
  ConnectionName,
  CredentialId,
  CredentialLabel,
  CredentialStatus,
  IntegrationError,
  IntegrationId,
  IntegrationStatus,
  OwnerKind,
  ProviderId,
  StorableText
} from "@hawser/core"
import { Schema } from "effect"

/** ISO 8601, UTC, whole seconds. */
const Timestamp = Schema.String.annotate({
  format: "date-time",
  examples: ["2024-04-01T10:05:00Z"]
}).check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u))

const credentialIdExample = CredentialId.make("crd_01HTX3D5T9G2K4M6N8P0Q1R2S3")

const ConnectedId = IntegrationId.annotate({
  description: "The integration's id. It stays the same through disconnect and reconnect.",
  examples: [IntegrationId.make("int_01HTX2B4R8F1J3M5N7P9Q0R1S2")]
})

const KeyId = CredentialId.annotate({
  description: "The id of the stored API key.",
  examples: [credentialIdExample]
})

const ProviderName = ProviderId.annotate({
  description: "The provider's id, as the catalogue lists it.",
  examples: [ProviderId.make("github")]
})

/** Text in an answer. */
const text = (description: string, ...examples: ReadonlyArray<string>) =>
  Schema.String.annotate({ description, ...(examples.length > 0 && { examples }) })

export const ConnectBody = Schema.Struct({
  redirectUrl: Schema.optionalKey(
    StorableText({ maxLength: 2048 }).annotate({
      description:
        "OAuth2 only, and required there: where the browser ends up after the flow, one of the URLs that the application allows. It is not OAuth2's `redirect_uri`.",
      examples: ["https://app.example.com/settings/integrations"]
    })
  ),
  credentialId: Schema.optionalKey(
    StorableText({ maxLength: 255 }).annotate({
      description: "API keys only, and required there: the stored key to connect with.",
      examples: [credentialIdExample]
    })
  ),
  fields: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Unknown).annotate({
      description: "OAuth2 only: values of the catalogue's `fields`, by name.",
      examples: [{ subdomain: "acme" }]
    })
  ),
  scopes: Schema.optionalKey(
    Schema.Array(StorableText({ maxLength: 255 })).annotate({
      description:
        "OAuth2 only: some of the catalogue's `scopes`. Default: all of them. With `reauthorize`, those that are granted already are asked for besides.",
      examples: [["repo"]]
    })
  ),
  reauthorize: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "OAuth2 only: begins although connected, for new scopes or a new consent of the same account.",
      examples: [true]
    })
  ),
  replaceScopes: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "OAuth2 only, with `reauthorize` and `scopes`: asks for exactly `scopes`, so that others that are granted are dropped.",
      examples: [true]
    })
  )
}).annotate({
  identifier: "ConnectBody",
  examples: [
    { redirectUrl: "https://app.example.com/settings/integrations" },
    { credentialId: credentialIdExample }
  ]
})

export const CredentialsBody = Schema.Struct({
  credentials: Schema.Record(Schema.String, Schema.Unknown).annotate({
    description: "Values of the catalogue's `fields`, by name.",
    examples: [{ api_key: "a-key-of-the-provider" }]
  }),
  label: Schema.optionalKey(
    CredentialLabel.annotate({
      description: "A name for people to know the key by.",
      examples: ["Production"]
    })
  )
}).annotate({ identifier: "CredentialsBody" })

export const SwapBody = Schema.Struct({
  credentialId: StorableText({ maxLength: 255 }).annotate({
    description: "The stored key that takes the place of the one in use.",
    examples: [credentialIdExample]
  })
}).annotate({ identifier: "SwapBody" })

export const CompleteBody = Schema.Struct({
  flowId: StorableText({ maxLength: 255 })
    .check(Schema.isMinLength(1))
    .annotate({
      description:
        "What the callback put into the fragment of the URL, or the last one of `account_choice_required`.",
      examples: ["q3Jv0t0mJ2m7m1bq3n4Yx6tq0s8yM1cZrZf5b8gXw1E"]
    }),
  account: Schema.optionalKey(
    StorableText({ maxLength: 255 })
      .check(Schema.isMinLength(1))
      .annotate({
        description: "The `id` of one of the `choices` that `account_choice_required` listed.",
        examples: ["1324a887-45db-1bf4-1e99-ef0ff456d421"]
      })
  )
}).annotate({ identifier: "CompleteBody" })

export const Authorization = Schema.Struct({
  authorizationUrl: text(
    "The provider's page, to be opened in the browser that made this call.",
    "https://github.com/login/oauth/authorize?client_id=…&state=…"
  ),
  state: text("The flow's `state`, as it stands in `authorizationUrl`.")
}).annotate({
  identifier: "Authorization",
  description: "OAuth2: a flow has begun."
})

export const Connected = Schema.Struct({
  integrationId: ConnectedId,
  provider: ProviderName,
  status: Schema.Literal("connected"),
  connectedAt: Timestamp
}).annotate({ identifier: "Connected", description: "The tenant is connected." })

export const CredentialItem = Schema.Struct({
  credentialId: KeyId,
  provider: ProviderName,
  label: Schema.optionalKey(text("The name that it was stored with.", "Production")),
  status: CredentialStatus.annotate({
    description:
      "`validated`: the provider accepted the key. `unverified`: no check of it is known, or the provider could not be reached."
  }),
  createdAt: Timestamp
}).annotate({ identifier: "Credential", description: "A stored API key, without its secret." })

const ofOwner = {
  owner: OwnerKind.annotate({
    description: "Whose it is: the tenant's, or with `user` a user's own."
  }),
  userId: Schema.optionalKey(
    text("The user who owns it, by the application's own id. Only for a user's own.", "user_42")
  )
}

/** A user's own connection, as an admin sees it. */
export const UsersIntegrationItem = Schema.Struct({
  integrationId: ConnectedId,
  provider: ProviderName,
  owner: Schema.Literal("user"),
  userId: text("The user who owns it, by the application's own id.", "user_42"),
  status: IntegrationStatus,
  connectedAt: Timestamp
}).annotate({
  identifier: "UsersIntegration",
  description: "Another user's own connection, as an admin sees it. An admin may disconnect it."
})

export const IntegrationItem = Schema.Struct({
  integrationId: ConnectedId,
  provider: ProviderName,
  name: ConnectionName.annotate({
    description: "Tells the owner's connections to the provider apart.",
    examples: [ConnectionName.make("default")]
  }),
  ...ofOwner,
  status: IntegrationStatus.annotate({
    description:
      "`error`: the connection does not work at present; connecting again keeps the integration."
  }),
  connectedBy: text("The user who connected it, by the application's own id.", "user_42"),
  connectedAt: Timestamp,
  scopes: Schema.Array(Schema.String).annotate({
    description: "The scopes that the provider granted. Empty for an API key.",
    examples: [["repo", "read:org"]]
  }),
  missingScopes: Schema.Array(Schema.String).annotate({
    description:
      "The scopes that the application has configured and that the grant lacks: connect with `reauthorize` asks for them. Empty for an API key, and once disconnected.",
    examples: [["workflow"]]
  }),
  error: Schema.optionalKey(
    IntegrationError.annotate({
      description: "Why it does not work, or why its provider ended it.",
      examples: ["provider_unavailable"]
    })
  ),
  accountLabel: Schema.optionalKey(
    text(
      "What a person knows the account at the provider by, where the provider tells it.",
      "acme-inc"
    )
  )
}).annotate({
  identifier: "Integration",
  description: "A connection to a provider.",
  examples: [
    {
      integrationId: IntegrationId.make("int_01HTX2B4R8F1J3M5N7P9Q0R1S2"),
      provider: ProviderId.make("github"),
      name: ConnectionName.make("default"),
      owner: "tenant",
      status: "connected",
      connectedBy: "user_42",
      connectedAt: "2024-04-01T10:05:00Z",
      scopes: ["repo", "read:org"],
      missingScopes: []
    }
  ]
})

const CatalogField = Schema.Struct({
  name: text("The name to send the value under."),
  label: text("What to call it on a form."),
  required: Schema.Boolean,
  secret: Schema.Boolean.annotate({ description: "Whether a form should hide what is typed." }),
  choices: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({ description: "The only values that are taken." })
  ),
  pattern: Schema.optionalKey(
    text("A regular expression that the whole value must match, as HTML's `pattern` has it.")
  ),
  help: Schema.optionalKey(text("Where to find the value."))
}).annotate({ identifier: "CatalogField", description: "A value that an admin fills in." })

export const CatalogEntry = Schema.Struct({
  provider: text("The provider's id: it stands in the paths of the other operations."),
  displayName: text("Its name for people."),
  category: Category,
  description: text("What it is, in a sentence."),
  docsUrl: Schema.optionalKey(text("The provider's own page about connecting to it.")),
  brandColor: Schema.optionalKey(text("The provider's colour, as CSS has it.", "#24292f")),
  authType: Schema.Literals(["oauth2", "api_key"]).annotate({
    description: "What connect needs: `redirectUrl` for `oauth2`, `credentialId` for `api_key`."
  }),
  scopes: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "OAuth2: the scopes that will be asked for."
    })
  ),
  requiredFields: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "API keys: the names of the fields that must be filled in."
    })
  ),
  fields: Schema.optionalKey(
    Schema.Array(CatalogField).annotate({
      description: "The fields to fill in, required or not."
    })
  ),
  ownedBy: Schema.optionalKey(
    Schema.Array(OwnerKind).annotate({
      description: "Who may own connections to it. Absent: the tenant alone."
    })
  ),
  connections: Schema.optionalKey(
    Schema.Literal("many").annotate({
      description: "An owner may have several, told apart by `name`. Absent: one."
    })
  ),
  connectUrl: text("The path of connect.")
}).annotate({
  identifier: "CatalogEntry",
  description: "A provider, and what connecting it needs.",
  examples: [
    {
      provider: "github",
      displayName: "GitHub",
      category: "code",
      description: "Source code hosting and review.",
      authType: "oauth2",
      scopes: ["repo", "read:org"],
      connectUrl: "/v1/integrations/github/connect"
    }
  ]
})

export const TestResult = Schema.Struct({
  status: Schema.Literals(["ok", "failed"]),
  checkedAt: Timestamp,
  reason: Schema.optionalKey(
    Schema.Literals(["rejected", "unreachable", "unexpected_answer", "not_supported"]).annotate({
      description:
        "Why it failed. `not_supported`: no harmless request is known to test this provider with."
    })
  )
}).annotate({ identifier: "TestResult", description: "What the provider was found to do." })

/** How many at most stand on one page. */
export const pageLimits = { minimum: 1, maximum: 100 }
export const PageLimit = Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween(pageLimits))

/** A list as the wire has it. */
export const listSchema = <Item extends Schema.Top>(item: Item, description: string) =>
  Schema.Struct(listFields(item)).annotate({ description })

/** A list that can be read page by page. */
export const pageSchema = <Item extends Schema.Top>(item: Item, description: string) =>
  Schema.Struct({
    ...listFields(item),
    nextCursor: Schema.optionalKey(
      text("For the next page. Only where `limit` was sent and there is more.")
    )
  }).annotate({ description })

const listFields = <Item extends Schema.Top>(item: Item) => ({
  items: Schema.Array(item),
  total: Schema.Int.check(
    Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
  ).annotate({ description: "How many there are.", examples: [1] })
})
