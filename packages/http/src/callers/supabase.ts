import { ConfigurationError, hostOptions, type Role } from "@hawser/core"
import { Schema } from "effect"
import type { ClaimPath, JwtOptions } from "../jwt.ts"
import { roleMap, text, textOrTexts, withoutSlashes } from "./optionSchemas.ts"

/** A project at Supabase. */
export interface SupabaseOptions {
  /** `https://abcdefghijklmnopqrst.supabase.co`, or your custom domain. */
  readonly projectUrl: string
  /** Such as `["app_metadata", "tenant_id"]`. Never under `user_metadata`, which users write themselves. */
  readonly tenantId: ClaimPath
  /** Such as `["app_metadata", "role"]`; Supabase's own `role` is that of the database. */
  readonly roles: ClaimPath
  /** From your roles. Default `admin` and `member`, as they are. */
  readonly roleMap?: Readonly<Record<string, Role>>
  /** The legacy secret makes tokens as well as checking them, so it is never taken: the project needs asymmetric keys. */
  readonly jwtSecret?: never
}

const checkSupabase = hostOptions<SupabaseOptions>(
  {
    projectUrl: text,
    tenantId: textOrTexts,
    roles: textOrTexts,
    roleMap,
    // Refused with a sentence of its own.
    jwtSecret: Schema.Unknown
  },
  { required: ["projectUrl", "tenantId", "roles"] }
)

/**
 * Supabase's user tokens, signed with the asymmetric keys of the project. The anonymous and service keys are not users and
 * are refused.
 *
 * Facts: https://supabase.com/docs/guides/auth/jwt-fields, https://supabase.com/docs/guides/auth/jwts and
 * https://supabase.com/docs/guides/auth/signing-keys
 *
 * @example
 * import { jwt, supabase } from "@hawser/http"
 *
 * const authentication = jwt(
 *   supabase({
 *     projectUrl: "https://abcdefghijklmnopqrst.supabase.co",
 *     tenantId: ["app_metadata", "tenant_id"],
 *     roles: ["app_metadata", "role"]
 *   })
 * )
 */
export const supabase = (options: SupabaseOptions): JwtOptions => {
  const wrong = checkSupabase("authenticate", options)
  if (wrong !== undefined) throw wrong
  const { jwtSecret, projectUrl, roleMap, roles, tenantId } = options
  if (jwtSecret !== undefined) {
    throw new ConfigurationError({
      setting: "authenticate.jwtSecret",
      problem:
        "Supabase's legacy secret makes tokens as well as checking them. Move the project to asymmetric JWT signing keys."
    })
  }
  const issuer = `${withoutSlashes(projectUrl)}/auth/v1`
  return {
    issuer,
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    audience: "authenticated",
    claims: { tenantId, roles, ...(roleMap !== undefined && { roleMap }) }
  }
}
