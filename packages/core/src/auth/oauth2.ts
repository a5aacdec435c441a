import { Effect } from "effect"
import { AuthorizationServerClient, tokenCredential } from "../protocol/index.ts"
import type { GrantKind } from "./AuthKind.ts"
import { liveCheck } from "./liveCheck.ts"

/** The authorization code grant (RFC 6749 §4.1), with tokens that are refreshed (§6) and revoked (RFC 7009). */
export const oauth2: GrantKind = {
  exchange: (...request) =>
    Effect.flatMap(AuthorizationServerClient, (client) => client.exchange(...request)),
  use: ({ definition }, { token }) =>
    Effect.succeed(
      token === undefined ? { headers: {}, query: {} } : tokenCredential(definition, token)
    ),
  renew: (...request) =>
    Effect.flatMap(AuthorizationServerClient, (client) => client.refresh(...request)),
  check: (provider, tenantId, { fields, token }) =>
    token === undefined
      ? Effect.succeed("rejected")
      : liveCheck(provider, tenantId, fields, (probe) =>
          Effect.flatMap(AuthorizationServerClient, (client) =>
            client.ask(provider.definition, probe, token)
          )
        ).pipe(Effect.map(({ verdict }) => verdict)),
  revoke: (...request) =>
    Effect.flatMap(AuthorizationServerClient, (client) => client.revoke(...request)),
  heldAccount: () => undefined
}
