import { Effect } from "effect"
import { Base64 } from "effect/encoding"
import type { HandlerResponse } from "./HandlerRequest.ts"
import { openApi } from "./openApi.ts"
import { referencePage } from "./referencePage.ts"

/** What the documents about the contract need to know of the host. */
export interface ReferenceSettings {
  /** The URL under which the world reaches the mount, prefix included, without a slash at its end. */
  readonly publicUrl: string
}

/** A document about the contract, made once and served as it is. */
export interface ReferenceDocument {
  /** Relative to the base path. */
  readonly path: string
  readonly response: HandlerResponse
}

/** The OpenAPI document and the page made of it. */
export const makeReferenceDocuments = Effect.fnUntraced(function* ({
  publicUrl
}: ReferenceSettings): Effect.fn.Return<ReadonlyArray<ReferenceDocument>> {
  const document = openApi({ publicUrl })
  const documentUrl = `${publicUrl}/v1/integrations/openapi.json`
  const page = referencePage(document, { documentUrl, publicUrl })
  const styleHash = yield* sha256(extractStyle(page))
  return [
    served("openapi.json", JSON.stringify(document), { "content-type": "application/json" }),
    served("reference", page, {
      "content-type": "text/html; charset=utf-8",
      // Nothing is loaded and nothing runs; of styles the page's own alone.
      "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer"
    })
  ]
})

const served = (
  name: string,
  body: string,
  headers: Readonly<Record<string, string>>
): ReferenceDocument => ({
  path: `/v1/integrations/${name}`,
  response: { status: 200, headers: { "x-content-type-options": "nosniff", ...headers }, body }
})

const extractStyle = (page: string): string =>
  /<style>(?<style>.*?)<\/style>/s.exec(page)?.[1] ?? ""

/** As base64, which is how a content security policy has it (CSP Level 3 §2.3.1). */
const sha256 = (text: string): Effect.Effect<string> =>
  Effect.promise(async () => {
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
    return Base64.encode(new Uint8Array(hash))
  })
