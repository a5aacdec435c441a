import { Effect } from "effect"
import type { TenantId } from "../model/index.ts"
import {
  type ClientTokenFailed,
  keyCredential,
  ownTraffic,
  ProviderTraffic,
  requestClientToken,
  type Transient,
  userAgentHeader,
  withClientToken
} from "../protocol/index.ts"
import { type ApiKeyProvider, type FieldValues, secretUrl } from "../provider/index.ts"
import type { KeyKind } from "./AuthKind.ts"
import { checkByRequest, verdictAlone } from "./liveCheck.ts"

const use: KeyKind["use"] = ({ definition }, { fields, token }) => {
  const credential = keyCredential(definition, fields)
  const { clientCredentials } = definition
  return Effect.succeed(
    clientCredentials === undefined || token === undefined
      ? credential
      : withClientToken(credential, clientCredentials, token.accessToken)
  )
}

const transient = ({ isRejected, retryAfter }: ClientTokenFailed): Transient | undefined =>
  isRejected ? undefined : { retryAfter }

const renew = Effect.fnUntraced(function* (
  { definition, id }: ApiKeyProvider,
  tenantId: TenantId,
  fields: FieldValues
) {
  const traffic = yield* ProviderTraffic
  const { clientCredentials } = definition
  const url = yield* secretUrl(definition, "clientCredentials.tokenEndpoint", fields)
  // The start refuses this kind without the member.
  if (clientCredentials === undefined) return yield* Effect.die("clientCredentials is missing")
  return yield* traffic.through(ownTraffic(id, tenantId, url), (watch) =>
    watch(
      requestClientToken(url, clientCredentials, fields, userAgentHeader(definition, fields)),
      transient
    )
  )
})

/** The tenant's own client credentials, exchanged for a token (RFC 6749 §4.4), in a slot of the tenant's. */
export const clientCredentials: KeyKind = {
  use,
  renew,
  // A vendor that gives a token for them has accepted them, unless the definition knows of a check besides.
  check: Effect.fnUntraced(function* (provider, tenantId, { fields }) {
    const renewed = yield* Effect.result(renew(provider, tenantId, fields))
    if (renewed._tag === "Failure") {
      const { failure } = renewed
      if (failure._tag === "EndpointNotAllowed") return yield* failure
      const isRejected = failure._tag === "ClientTokenFailed" && failure.isRejected
      return verdictAlone(isRejected ? "rejected" : "unreachable")
    }
    if (provider.definition.check === undefined) return verdictAlone("accepted")
    const token = { accessToken: renewed.success.accessToken, dpopKey: undefined }
    return yield* checkByRequest(use)(provider, tenantId, { fields, token })
  })
}
