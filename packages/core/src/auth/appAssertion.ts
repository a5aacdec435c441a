import { Base64Url } from "effect/encoding"
import type { CryptoKey } from "oauth4webapi"

const encoder = new TextEncoder()
const part = (value: object): string => Base64Url.encode(JSON.stringify(value))

/**
 * The assertion by which a GitHub App authenticates (docs.github.com, "Generating a JSON Web Token for a GitHub App"): signed with
 * RS256, valid for nine of the ten minutes that GitHub allows, and issued a minute ago so that clocks may differ.
 *
 * `now` is in seconds of the epoch.
 */
export const appAssertion = async (
  clientId: string,
  key: CryptoKey,
  now: number
): Promise<string> => {
  const header = part({ alg: "RS256", typ: "JWT" })
  const claims = part({ iss: clientId, iat: now - 60, exp: now + 9 * 60 })
  const signature = await crypto.subtle.sign(
    "RSASSA-PKCS1-v1_5",
    key,
    encoder.encode(`${header}.${claims}`)
  )
  return `${header}.${claims}.${Base64Url.encode(new Uint8Array(signature))}`
}
