import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { discoverServer, Egress, Secret } from "@hawser/core"
import { askWithToken } from "../../packages/core/src/protocol/askWithToken.ts"
import { requestClientToken } from "../../packages/core/src/protocol/clientCredentials.ts"
import { freshDpopKey } from "../../packages/core/src/protocol/dpop.ts"
import { openWithProof } from "../../packages/core/src/protocol/openWithProof.ts"
import type { SecretUrl } from "../../packages/core/src/provider/index.ts"

const url = new URL("https://forge.example/x")
const secretUrl = url.href as SecretUrl

const bound = Effect.map(freshDpopKey, (dpopKey) => ({ accessToken: Secret("token"), dpopKey }))

const requests: Readonly<Record<string, Effect.Effect<unknown, unknown, Egress>>> = {
  "a call of an API with a token that is bound to a key": Effect.flatMap(bound, (token) =>
    openWithProof({ method: "GET", url, headers: {}, hosts: [url.host] }, token)
  ),
  "a look-up with a token that is bound to a key": Effect.flatMap(bound, (token) =>
    askWithToken({}, { url: secretUrl }, token)
  ),
  "a request for a server's metadata": discoverServer(url.origin, "openid-configuration"),
  "an exchange of client credentials": requestClientToken(
    secretUrl,
    {
      tokenEndpoint: url.href,
      clientId: "id",
      clientSecret: "secret",
      clientAuthentication: "client_secret_basic"
    },
    {},
    {}
  )
}

describe("a request ends with the one who waits for it", () => {
  for (const [name, request] of Object.entries(requests)) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const ended = yield* Deferred.make<void>()
        const pending = Deferred.succeed(begun, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
        )
        const caller = yield* request.pipe(
          Effect.provideService(Egress, { request: () => pending, open: () => pending }),
          Effect.forkChild
        )
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(caller)
        assert.isUndefined(yield* Deferred.await(ended))
      })
    )
  }
})
