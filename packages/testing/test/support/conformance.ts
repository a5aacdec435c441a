import { exportJWK, generateKeyPair, SignJWT } from "jose"
import { createHawser, jwt } from "hawser"
import { type HttpMount, httpConformance, startTestProvider } from "../../src/index.ts"
import { type Mount, prefix } from "./mounts.ts"
import type { TestStore } from "./stores.ts"

const issuer = "https://login.conformance.example"
const audience = "https://host.conformance.example"

const makeIssuer = async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const mintToken: HttpMount["mintToken"] = ({ roles, tenantId, userId }) =>
    new SignJWT({ roles, ...(tenantId !== undefined && { tenant_id: tenantId }) })
      .setProtectedHeader({ alg: "ES256", kid: "host" })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime("5 minutes")
      .sign(privateKey)
  return { jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "host" }] }, mintToken }
}

/** Starts a whole host: the kit's providers, Hawser on a store, and the mount. */
const startHost = async (
  mount: Mount,
  startStore: () => Promise<TestStore>
): Promise<HttpMount> => {
  const [provider, { jwks, mintToken }, { close, expireFlows, store }] = await Promise.all([
    startTestProvider(),
    makeIssuer(),
    startStore()
  ])
  const hawser = await createHawser({
    ...provider.options,
    publicUrl: `https://host.conformance.example${prefix}`,
    authenticate: jwt({ issuer, audience, jwks }),
    store,
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
  })
  const mounted = await mount(hawser.handler)
  return {
    ...mounted,
    mintToken,
    provider,
    expireFlows,
    close: async () => {
      await mounted.close()
      await hawser.close()
      await Promise.all([close(), provider.close()])
    }
  }
}

/** Runs the suite on one cell of the matrix. */
export const conformance = (
  [mountName, mount]: readonly [string, Mount],
  storeName: string,
  store: () => Promise<TestStore>
): void =>
  httpConformance(`${mountName} on ${storeName}`, () => startHost(mount, store), {
    timeout: 60_000
  })
