import { exportJWK, generateKeyPair, SignJWT } from "jose"

/** The demo's people, all of one tenant: an admin, and two members. */
const roles = { ada: "admin", max: "member", lin: "member" } as const
export type DemoUser = keyof typeof roles

export const isDemoUser = (text: string | null): text is DemoUser =>
  text !== null && Object.hasOwn(roles, text)

export const tenantId = "acme-inc"
export const tenantName = "Acme Inc"
export const audience = "hawser-demo"

/** The host's own sign-in: what a real host has long had. It signs short-lived tokens and publishes the key. */
export const makeSignIn = async (issuer: string) => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwks = {
    keys: [{ ...(await exportJWK(publicKey)), kid: "demo", alg: "ES256", use: "sig" }]
  }
  return {
    jwks,
    tokenFor: (user: DemoUser): Promise<string> =>
      new SignJWT({ tenant_id: tenantId, roles: [roles[user]] })
        .setProtectedHeader({ alg: "ES256", kid: "demo" })
        .setSubject(user)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime("5 minutes")
        .sign(privateKey)
  }
}
