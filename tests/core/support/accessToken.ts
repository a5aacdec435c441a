import { type AccessToken, GrantId, Secret } from "@hawser/core"

/** One that does not expire. */
export const someToken: AccessToken = {
  accessToken: Secret("access"),
  dpopKey: undefined,
  tokenType: "bearer",
  expiresAt: undefined,
  remaining: undefined,
  lifetime: 3600,
  withdrawal: undefined,
  generation: 1,
  grantId: GrantId.make(`gnt_${"0".repeat(26)}`),
  scopes: [],
  fields: {}
}
