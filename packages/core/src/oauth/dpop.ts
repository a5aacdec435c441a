import * as oauth from "oauth4webapi"
import { dpopKeyPair } from "../crypto/dpopKey.ts"
import type { Secret } from "../domain/Sealed.ts"

/** What signs a proof for each request and remembers the nonces that servers give; undefined where there is no key. */
export const dpopHandle = async (key: Secret | undefined): Promise<oauth.DPoPHandle | undefined> =>
  key === undefined ? undefined : oauth.DPoP({}, await dpopKeyPair(key))

/** RFC 9449 §8, §9: a server that wants its nonce in the proof has refused nothing else. It is asked again, once. */
export const withNonceRetry = async <A>(
  handle: oauth.DPoPHandle | undefined,
  attempt: () => Promise<A>
): Promise<A> => {
  try {
    return await attempt()
  } catch (error) {
    if (handle === undefined || !oauth.isDPoPNonceError(error)) throw error
    return await attempt()
  }
}
