import { Redacted } from "effect"
import type { OAuth2Provider } from "../provider/index.ts"

/**
 * Checks the signature that the definition describes over the callback's parameters. True if the definition describes none.
 * Shopify's is `hmac` (shopify.dev, "Implement authorization code grant manually", step 4). Compared by WebCrypto, in
 * constant time.
 */
export const isSignedByVendor = async (
  { client: { authentication }, definition: { callbackSignature } }: OAuth2Provider,
  parameters: URLSearchParams
): Promise<boolean> => {
  if (callbackSignature === undefined) return true
  const { parameter } = callbackSignature
  const ignores: ReadonlyArray<string> = callbackSignature.ignores ?? []
  const signature = decodeHexSignature(parameters.get(parameter) ?? "")
  if (signature === undefined || !("clientSecret" in authentication)) return false
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(Redacted.value(authentication.clientSecret)),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"]
  )
  const message = [...parameters]
    .filter(([name]) => name !== parameter && !ignores.includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join("&")
  return crypto.subtle.verify("HMAC", key, signature, encoder.encode(message))
}

const encoder = new TextEncoder()

/** 32 bytes in hex; undefined for any other text. */
const decodeHexSignature = (hex: string): Uint8Array<ArrayBuffer> | undefined =>
  /^[0-9a-f]{64}$/i.test(hex)
    ? Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    : undefined
