import { createHawser } from "@hawser/effect"
import { type HttpMount, httpConformance, startTestProvider } from "@hawser/testing"
import { makeIssuer } from "./issuer.ts"
import { type Mount, prefix } from "./mounts.ts"
import type { TestStore } from "./stores.ts"

/** Starts a whole host: the kit's providers, Hawser on a store, and the mount. */
const startHost = async (
  mount: Mount,
  startStore: () => Promise<TestStore>
): Promise<HttpMount> => {
  const [provider, { authenticate, mintToken }, { close, expireFlows, store }] = await Promise.all([
    startTestProvider(),
    makeIssuer(),
    startStore()
  ])
  const hawser = await createHawser({
    ...provider.options,
    publicUrl: `https://host.conformance.example${prefix}`,
    authenticate,
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
