import { Effect } from "effect"
import type { CryptoKey } from "oauth4webapi"
import type { MayBind } from "./MayBind.ts"
import type { OAuth2Addition, SharedClientConfig, TenantClientsConfig } from "./OAuth2Config.ts"
import type { OAuth2Provider } from "./Provider.ts"
import { signingKey } from "./signingKey.ts"
import type { TenantClient } from "./TenantClient.ts"

interface AppKey {
  /**
   * The private key of the app as PEM, as GitHub issues it. It makes tokens of installations. The start refuses undefined,
   * so you can pass an environment variable as it is.
   */
  readonly appPrivateKey?: CryptoKey | string | undefined
}

/** A GitHub App that one tenant has registered. */
export interface GithubAppClient extends TenantClient, AppKey {}

interface Binding {
  /**
   * Decides who may connect which installation. It replaces Hawser's rule, by which that user connects a user's
   * installation, and an owner connects an organization's. The person must be able to see the installation in either case.
   */
  readonly mayBind?: MayBind | undefined
}

/** A GitHub App as a host configures it. */
export type GithubAppProviderConfig =
  | (SharedClientConfig & AppKey & Binding)
  | (TenantClientsConfig<GithubAppClient> & Binding)

/** A provider of the kind `github_app`. */
export interface GithubAppProvider extends OAuth2Provider {
  readonly appKey: CryptoKey
  /** The host's rule for who may connect which installation; undefined for Hawser's own rule. */
  readonly mayBind: MayBind | undefined
}

/** What makes an OAuth2 client a GitHub App. */
export const githubAppAddition = ({
  mayBind
}: Binding): OAuth2Addition<GithubAppClient, Pick<GithubAppProvider, "appKey" | "mayBind">> => ({
  added: ({ appPrivateKey = "" }) =>
    appPrivateKey === ""
      ? Effect.fail("Set appPrivateKey, the private key of the app.")
      : signingKey(appPrivateKey, "RS256").pipe(
          Effect.mapBoth({
            onFailure: (problem) => problem.replace("privateKey", "appPrivateKey"),
            onSuccess: (appKey) => ({ appKey, mayBind })
          })
        ),
  secrets: ({ appPrivateKey }) => [appPrivateKey]
})
