import { Effect } from "effect"
import { Hex } from "effect/encoding"
import { lengthPrefixed } from "../crypto/lengthPrefixed.ts"
import type { TenantClient } from "./TenantClient.ts"

/**
 * HMAC-SHA-256 over a client's fingerprint, as hex, under what the client proves itself by: a client whose secret was
 * corrected is another one. It tells nothing of a secret that a provider has made. Of a key that cannot be read, its id
 * stands in.
 */
export const clientVersion = (
  { appPrivateKey, clientAuthentication, clientSecret = "" }: TenantClient,
  clientFingerprint: string
): Effect.Effect<string> =>
  Effect.promise(async () => {
    const { kid = "", privateKey } = clientAuthentication ?? {}
    const secrets = [clientSecret, textOf(privateKey), kid, textOf(appPrivateKey)]
    const algorithm = { name: "HMAC", hash: "SHA-256" }
    const bytes = Uint8Array.from(lengthPrefixed(secrets))
    const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"])
    const tag = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(clientFingerprint))
    return Hex.encode(new Uint8Array(tag))
  })

const textOf = (key: unknown): string => (typeof key === "string" ? key : "")
