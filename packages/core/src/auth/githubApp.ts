import { Effect } from "effect"
import type { GithubAppProvider } from "../provider/index.ts"
import type { GrantKind } from "./AuthKind.ts"
import { installationTokensOf, renewedInstallationToken } from "./githubInstallation.ts"
import { oauth2 } from "./oauth2.ts"

/** OAuth2 up to the person's token, which shows what may be connected. What is stored and used is the installation's. */
export const githubApp: GrantKind<GithubAppProvider> = {
  ...oauth2,
  exchange: Effect.fnUntraced(function* (provider, server, flow, response, secrets) {
    const { accessToken } = yield* oauth2.exchange(provider, server, flow, response, secrets)
    return yield* installationTokensOf(
      provider,
      flow,
      accessToken,
      response.captured["installation_id"]
    )
  }),
  renew: renewedInstallationToken,
  heldAccount: ({ installation_id }) => installation_id
}
