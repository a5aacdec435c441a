import type { ProviderConfig } from "@hawser/core"
import { forge } from "./host.ts"

/** `forge`, whose tokens can be asked about, and which names the account in its token response. */
export const accountForge = {
  ...forge,
  definition: {
    ...forge.definition,
    check: { url: "https://forge.test/me" },
    account: { from: "token_response", id: ["team", "id"], label: ["team", "name"] }
  }
} as const satisfies ProviderConfig

/** A token response that names an account, if one is given. */
export const tokensOf =
  (team: unknown, accessToken = "canary-access-token") =>
  (): Response =>
    Response.json({
      access_token: accessToken,
      token_type: "bearer",
      scope: "repo",
      ...(team !== undefined && { team })
    })
