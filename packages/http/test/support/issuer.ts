import {
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT
} from "jose"

export const issuerUrl = "https://login.host.test/"
export const audience = "https://app.host.test/api"
export const jwksUrl = "https://login.host.test/jwks.json"

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000)

/** The host's issuer of access tokens, with real keys. */
export const makeIssuer = async (kid = "key-1", alg = "RS256") => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" }
  const jwks: JSONWebKeySet = { keys: [publicJwk] }

  /** A token for a caller; claims that are undefined are left out. */
  const token = (
    claims: Record<string, unknown> = {},
    header: Partial<JWTHeaderParameters> = {}
  ): Promise<string> => {
    const all: Record<string, unknown> = {
      iss: issuerUrl,
      aud: audience,
      sub: "user-1",
      tenant_id: "tenant-1",
      roles: ["admin"],
      iat: now(),
      exp: now() + 300,
      ...claims
    }
    const payload = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined)
    ) as JWTPayload
    return new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
  }
  return { jwks, publicKey, publicJwk, privateKey, token }
}

export type Issuer = Awaited<ReturnType<typeof makeIssuer>>
