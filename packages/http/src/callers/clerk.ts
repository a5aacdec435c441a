import { hostOptions, type Role } from "@hawser/core"
import { Schema } from "effect"
import type { JwtOptions } from "../jwt.ts"
import { roleMap, text, textOrTexts, texts, withoutSlashes } from "./optionSchemas.ts"

/** An application at Clerk. */
export interface ClerkOptions {
  /** `https://clerk.example.com`, or `https://….clerk.accounts.dev` in development: from Clerk's page of API keys. */
  readonly frontendApiUrl: string
  /** Origins of your pages, such as `https://app.example.com`: Clerk writes the one a session token was made for into `azp`. */
  readonly authorizedParties: readonly [string, ...ReadonlyArray<string>]
  /** Only if a customized session token carries `aud`. */
  readonly audience?: string | ReadonlyArray<string>
  /** 1 for instances that have not been updated since April 2025. Default 2. */
  readonly sessionTokenVersion?: 1 | 2
  /** From the keys of your organization roles, without `org:`. Default `admin` and `member`, as they are. */
  readonly roleMap?: Readonly<Record<string, Role>>
}

const checkClerk = hostOptions<ClerkOptions>(
  {
    frontendApiUrl: text,
    authorizedParties: texts,
    audience: textOrTexts,
    sessionTokenVersion: Schema.Literals([1, 2]),
    roleMap
  },
  { required: ["frontendApiUrl", "authorizedParties"] }
)

/**
 * Clerk's session tokens: the tenant is the active organization, the role that of the user in it. A user who has no active
 * organization is refused with 403, a pending session with 401.
 *
 * Facts: https://clerk.com/docs/guides/sessions/session-tokens and
 * https://clerk.com/docs/guides/sessions/manual-jwt-verification
 *
 * @example
 * import { clerk, jwt } from "@hawser/http"
 *
 * const authentication = jwt(
 *   clerk({
 *     frontendApiUrl: "https://clerk.example.com",
 *     authorizedParties: ["https://app.example.com"]
 *   })
 * )
 */
export const clerk = (options: ClerkOptions): JwtOptions => {
  const wrong = checkClerk("authenticate", options)
  if (wrong !== undefined) throw wrong
  const {
    audience,
    authorizedParties,
    frontendApiUrl,
    roleMap = { admin: "admin", member: "member" },
    sessionTokenVersion = 2
  } = options
  const issuer = withoutSlashes(frontendApiUrl)
  return {
    issuer,
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    algorithms: ["RS256"],
    authorizedParties,
    ...(audience !== undefined && { audience }),
    // Signed in, but with something left to do before the application may be used.
    refusedClaims: { sts: "pending" },
    claims:
      sessionTokenVersion === 2
        ? { tenantId: ["o", "id"], roles: ["o", "rol"], roleMap }
        : {
            tenantId: "org_id",
            roles: "org_role",
            roleMap: Object.fromEntries(
              Object.entries(roleMap).map(([key, role]) => [`org:${key}`, role])
            )
          }
  }
}
