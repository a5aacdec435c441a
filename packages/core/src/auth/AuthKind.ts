import type { Effect } from "effect"
import type {
  Account,
  BoundFlow,
  FlowSecrets,
  FlowTerms,
  Misconfigured,
  ParkedFlow,
  Secret,
  TenantFields,
  TenantId
} from "../model/index.ts"
import type {
  ApiCredential,
  AuthorizationFailed,
  AuthorizationResponse,
  AuthorizationServerClient,
  ClientToken,
  ClientTokenFailed,
  GrantAtServer,
  IssuedTokens,
  ProviderBusy,
  ProviderTraffic,
  RefreshedGrant,
  RefreshFailed,
  RevocationFailed,
  UsableToken
} from "../protocol/index.ts"
import type {
  ApiKeyProvider,
  CheckedServer,
  ConfiguredProvider,
  EndpointNotAllowed,
  FieldValues,
  GrantProvider,
  OAuth2Provider,
  UncarriedRequest
} from "../provider/index.ts"
import type { Egress } from "../services/index.ts"

/** `unreachable` and `unexpected_answer`: the provider did not say either way, so the credential is neither. */
export type CheckVerdict =
  | "accepted"
  | "rejected"
  | "unreachable"
  | "unexpected_answer"
  | "not_supported"

/** What the provider says of a key. */
export interface CheckedKey {
  readonly verdict: CheckVerdict
  /** Whom it belongs to. Undefined unless it was accepted, and if the answer does not tell. */
  readonly account: Account | undefined
}

/** The credential of a connection, opened. */
export interface OpenedCredential {
  readonly fields: FieldValues
  /** The access token, or the one that a key was exchanged for. Undefined if requests carry the key itself. */
  readonly token: UsableToken | undefined
}

/**
 * An auth kind uses, checks, renews and revokes the credential of a connection. `provider/authKinds.ts` declares the same kind:
 * its definitions, its options, and how its connections begin. No kind knows a store: the programs that call it have leases,
 * caches and retries.
 */
interface AuthKind<Provider extends ConfiguredProvider, Checked, CheckServices> {
  /** How a request carries the credential. Called for each request. */
  readonly use: (
    provider: Provider,
    credential: OpenedCredential,
    request: UncarriedRequest
  ) => Effect.Effect<ApiCredential, Misconfigured>
  /** Asks the provider, by one harmless request, whether it accepts the credential. */
  readonly check: (
    provider: Provider,
    tenantId: TenantId,
    credential: OpenedCredential
  ) => Effect.Effect<Checked, EndpointNotAllowed, CheckServices>
}

/** A kind whose connections begin with a person's consent, and hold the tokens of a grant. */
export interface GrantKind<Provider extends OAuth2Provider = OAuth2Provider> extends AuthKind<
  GrantProvider,
  CheckVerdict,
  AuthorizationServerClient | ProviderTraffic
> {
  /** The tokens that a code is exchanged for. */
  readonly exchange: (
    provider: Provider,
    server: CheckedServer,
    flow: (BoundFlow | ParkedFlow) & FlowTerms,
    response: AuthorizationResponse,
    secrets: FlowSecrets
  ) => Effect.Effect<IssuedTokens, AuthorizationFailed, AuthorizationServerClient | Egress>
  /** One request for new tokens; see `AuthorizationServerClient`. */
  readonly renew: (
    provider: Provider,
    grant: RefreshedGrant,
    refreshToken: Secret,
    options: { readonly sendBefore: number }
  ) => Effect.Effect<IssuedTokens, RefreshFailed, AuthorizationServerClient | Egress>
  /** Revokes one token at the provider. */
  readonly revoke: (
    provider: Provider,
    grant: GrantAtServer,
    token: Secret,
    hint: "access_token" | "refresh_token"
  ) => Effect.Effect<void, RevocationFailed, AuthorizationServerClient>
  /** What only one tenant at a time may be connected with, because its tokens are the same for whoever asks. */
  readonly heldAccount: (fields: TenantFields) => string | undefined
}

/** A kind whose connections begin with a credential that the tenant's admin stored. */
export interface KeyKind extends AuthKind<ApiKeyProvider, CheckedKey, Egress | ProviderTraffic> {
  /** Exchanges the key for a token: one request. Undefined if requests carry the key itself. */
  readonly renew:
    | ((
        provider: ApiKeyProvider,
        tenantId: TenantId,
        fields: FieldValues
      ) => Effect.Effect<
        ClientToken,
        ClientTokenFailed | EndpointNotAllowed | ProviderBusy,
        Egress | ProviderTraffic
      >)
    | undefined
}
