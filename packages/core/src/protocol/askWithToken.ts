import { Effect } from "effect"
import type { OAuth2Definition } from "../provider/index.ts"
import { Egress } from "../services/index.ts"
import { probeHeaders, tokenCredential } from "./apiCredential.ts"
import type { Probe, UsableToken } from "./AuthorizationServerClient.ts"
import { requestWithProof } from "./openWithProof.ts"

/** One request with an access token, in the scheme that the token has (RFC 6750 §2.1, RFC 9449 §7.1). */
export const askWithToken = (
  definition: Pick<OAuth2Definition, "tokenHeader">,
  probe: Probe,
  token: UsableToken
) => {
  const { body, method = "GET" } = probe
  const url = new URL(probe.url)
  const limit = probe.maxBodyBytes === undefined ? {} : { maxBodyBytes: probe.maxBodyBytes }
  const request = (headers: Readonly<Record<string, string>>) =>
    Effect.flatMap(Egress, (egress) =>
      egress.request({
        method,
        url,
        headers,
        ...(body !== undefined && { body }),
        hosts: [url.host],
        ...limit
      })
    )
  return token.dpopKey === undefined
    ? request({ ...probeHeaders(probe), ...tokenCredential(definition, token).headers })
    : requestWithProof(token, { method, url, headers: probeHeaders(probe), body }, request)
}
