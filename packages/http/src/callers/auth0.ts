import { ConfigurationError, hostOptions, type Role } from "@hawser/core"
import { Schema } from "effect"
import type { ClaimPath, JwtOptions } from "../jwt.ts"
import { roleMap, text, textOrTexts } from "./optionSchemas.ts"

/** An API at Auth0. */
export interface Auth0Options {
  /** `example.eu.auth0.com`, or your custom domain. */
  readonly domain: string
  /** The identifier of your API at Auth0. */
  readonly audience: string | ReadonlyArray<string>
  /** The claim with the roles: a namespaced one that your Action sets, or `permissions` where RBAC adds them. */
  readonly roles: ClaimPath
  /** From your roles or permissions. Default `admin` and `member`, as they are. */
  readonly roleMap?: Readonly<Record<string, Role>>
  /** Default `org_id`: the organization that the user has logged in to. */
  readonly tenantId?: ClaimPath
  /** `rfc9068` if the API has that token profile: then `typ` must be `at+jwt`, which no ID token has. Default `auth0`. */
  readonly tokenProfile?: "auth0" | "rfc9068"
}

const checkAuth0 = hostOptions<Auth0Options>(
  {
    domain: text,
    audience: textOrTexts,
    roles: textOrTexts,
    roleMap,
    tenantId: textOrTexts,
    tokenProfile: Schema.Literals(["auth0", "rfc9068"])
  },
  { required: ["domain", "audience", "roles"] }
)

/**
 * Auth0's access tokens: the issuer is the domain with a slash at its end, the tenant the organization of the login.
 *
 * Facts: https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles,
 * https://auth0.com/docs/manage-users/organizations/using-tokens and
 * https://auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims
 *
 * @example
 * import { auth0, jwt } from "@hawser/http"
 *
 * const authentication = jwt(
 *   auth0({
 *     domain: "example.eu.auth0.com",
 *     audience: "https://app.example.com/api",
 *     roles: "https://app.example.com/roles"
 *   })
 * )
 */
export const auth0 = (options: Auth0Options): JwtOptions => {
  const wrong = checkAuth0("authenticate", options)
  if (wrong !== undefined) throw wrong
  const { audience, domain, roleMap, roles, tenantId = "org_id", tokenProfile = "auth0" } = options
  if (!/^[\w.-]+$/.test(domain)) {
    throw new ConfigurationError({
      setting: "authenticate.domain",
      problem: "Set the domain alone, such as example.eu.auth0.com."
    })
  }
  return {
    issuer: `https://${domain}/`,
    jwksUrl: `https://${domain}/.well-known/jwks.json`,
    algorithms: ["RS256"],
    audience,
    ...(tokenProfile === "rfc9068" && { typ: "at+jwt" }),
    claims: { tenantId, roles, ...(roleMap !== undefined && { roleMap }) }
  }
}
