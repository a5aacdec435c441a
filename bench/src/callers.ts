import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose"

export interface Caller {
  readonly tenantId: string
  readonly userId: string
  readonly token: string
}

export const issuer = "https://login.example.com/"
export const audience = "https://app.example.com/api"

/** A key set, and so many admins with their tokens, each of a tenant of its own or all of the same one. */
export const makeCallers = async (
  count: number,
  ofTenant?: string
): Promise<{ readonly jwks: JSONWebKeySet; readonly callers: ReadonlyArray<Caller> }> => {
  // RS256 is what most issuers sign with.
  const { privateKey, publicKey } = await generateKeyPair("RS256")
  const jwks = {
    keys: [{ ...(await exportJWK(publicKey)), kid: "bench", alg: "RS256", use: "sig" }]
  }
  const callers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const tenantId = ofTenant ?? `org_${index}`
      const userId = `user_${index}`
      const token = await new SignJWT({
        tenant_id: tenantId,
        roles: ["admin"],
        email: `${userId}@example.com`
      })
        .setProtectedHeader({ alg: "RS256", kid: "bench" })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime("1 hour")
        .sign(privateKey)
      return { tenantId, userId, token }
    })
  )
  return { jwks, callers }
}
