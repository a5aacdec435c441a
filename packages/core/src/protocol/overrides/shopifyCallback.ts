import { Redacted } from "effect"
import type { OAuth2Provider } from "../../provider/index.ts"

/**
 * Whether Shopify made this callback: `hmac` signs all other parameters, sorted, with the client's secret
 * (shopify.dev, "Implement authorization code grant manually", step 4). Compared by WebCrypto, in constant time.
 */
export const isFromShopify = async (
  { client: { authentication } }: OAuth2Provider,
  parameters: URLSearchParams
): Promise<boolean> => {
  const signature = signatureOf(parameters.get("hmac") ?? "")
  if (signature === undefined || !("clientSecret" in authentication)) return false
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(Redacted.value(authentication.clientSecret)),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"]
  )
  return crypto.subtle.verify("HMAC", key, signature, encoder.encode(messageOf(parameters)))
}

const encoder = new TextEncoder()

const messageOf = (parameters: URLSearchParams): string =>
  [...parameters]
    .filter(([name]) => name !== "hmac" && name !== "signature")
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join("&")

/** 32 bytes in hex; undefined for any other text. */
const signatureOf = (hex: string): Uint8Array<ArrayBuffer> | undefined =>
  /^[0-9a-f]{64}$/i.test(hex)
    ? Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    : undefined
