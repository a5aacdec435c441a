import { jwt } from "hawser"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import type { HttpMount } from "@hawser/testing"

const issuer = "https://login.conformance.example"
const audience = "https://host.conformance.example"

/** Who signs the tokens of the host's users. */
export const makeIssuer = async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const mintToken: HttpMount["mintToken"] = ({ isImpersonated, roles, tenantId, userId }) =>
    new SignJWT({
      roles,
      ...(tenantId !== undefined && { tenant_id: tenantId }),
      ...(isImpersonated === true && { act: { sub: "support" } })
    })
      .setProtectedHeader({ alg: "ES256", kid: "host" })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime("5 minutes")
      .sign(privateKey)
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "host" }] }
  return { authenticate: jwt({ issuer, audience, jwks }), mintToken }
}
