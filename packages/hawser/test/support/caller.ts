import { exportJWK, generateKeyPair, SignJWT } from "jose"

const { privateKey, publicKey } = await generateKeyPair("ES256")

/** The options of `jwt` for an issuer whose key set needs no request. */
export const issued = {
  issuer: "https://login.example.com",
  audience: "app",
  jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256" }] }
}

/** Of `ada`, an admin of the tenant `acme`. */
export const token = await new SignJWT({ tenant_id: "acme", roles: ["admin"] })
  .setProtectedHeader({ alg: "ES256", kid: "k" })
  .setSubject("ada")
  .setIssuer(issued.issuer)
  .setAudience(issued.audience)
  .setExpirationTime("1 hour")
  .sign(privateKey)
