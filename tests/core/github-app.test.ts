import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { generateKeyPairSync, verify } from "node:crypto"
import {
  accessToken,
  configureProvider,
  CryptoLive,
  type EgressRequest,
  type OAuth2ProviderConfig
} from "@hawser/core"
import { ann, comeBack, forge, makeHost, startFlow, tokenResponse } from "./support/host.ts"

const app = generateKeyPairSync("rsa", { modulusLength: 2048 })

/** An app as GitHub has them: what a person consents to is that an installation is theirs. */
const config: OAuth2ProviderConfig = {
  clientId: "Iv1.app",
  clientSecret: "canary-client-secret",
  appPrivateKey: app.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
  scopes: [],
  definition: {
    ...forge.definition,
    override: "github_app",
    captures: {
      installation_id: { from: "callback", parameter: "installation_id", pattern: "[0-9]+" }
    },
    account: { from: "capture", name: "installation_id" },
    api: { baseUrl: "https://api.forge.example" }
  }
}

interface Vendor {
  /** The installations that the person may see, page by page. */
  readonly pages?: ReadonlyArray<ReadonlyArray<number>>
  /** How often a token can be made before the app is uninstalled. */
  readonly tokens?: number
}

const installationsOf = (ids: ReadonlyArray<number>) => ({
  installations: ids.map((id) => ({ id }))
})

/** A vendor that makes a token for each request, and remembers what it was asked. */
const vendor = ({ pages = [[7]], tokens = 10 }: Vendor = {}) => {
  let made = 0
  const answer = ({ url }: EgressRequest): Response => {
    if (url.pathname === "/token") return tokenResponse({ access_token: "of-the-person" })
    if (url.pathname === "/user/installations")
      return Response.json(installationsOf(pages[Number(url.searchParams.get("page")) - 1] ?? []))
    if (url.pathname !== "/app/installations/7/access_tokens" || made >= tokens)
      return Response.json({ message: "Not Found" }, { status: 404 })
    made++
    const expires_at = new Date(3_600_000).toISOString()
    return Response.json({ token: `of-the-installation-${made}`, expires_at }, { status: 201 })
  }
  return makeHost({ providers: [config], answer })
}

const query = { tenantId: ann.tenantId, provider: forge.definition.id }

const installed = Effect.fnUntraced(function* () {
  const outcome = yield* comeBack(yield* startFlow(), {
    parameters: { code: "canary-code", installation_id: "7", setup_action: "install" }
  })
  return outcome._tag === "Return" ? new URL(outcome.url).searchParams.get("error") : "no flow"
})

describe("a GitHub App", () => {
  it.effect("is connected with the installation's token, made with the app's key", () => {
    const host = vendor()
    return Effect.gen(function* () {
      assert.isNull(yield* installed())
      const token = yield* accessToken(query)
      assert.strictEqual(Redacted.value(token.accessToken), "of-the-installation-1")
      assert.strictEqual(token.lifetime, 3600)
      assert.strictEqual(token.fields["installation_id"], "7")
      const bearer = host.sent.at(-1)?.headers["authorization"]?.slice("Bearer ".length) ?? ""
      const [header = "", claims = "", signature = ""] = bearer.split(".")
      assert.deepStrictEqual(JSON.parse(Buffer.from(claims, "base64url").toString()), {
        iss: "Iv1.app",
        iat: -60,
        exp: 540
      })
      const signed = Buffer.from(`${header}.${claims}`)
      assert.isTrue(verify("sha256", signed, app.publicKey, Buffer.from(signature, "base64url")))
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("finds the installation on a later page", () =>
    Effect.gen(function* () {
      assert.isNull(yield* installed())
    }).pipe(
      Effect.provide(vendor({ pages: [[11, 12, 13, 14, 15, 16, 17, 18, 19, 20], [7]] }).layer)
    )
  )

  it.effect(
    "S-27 does not believe the number in the address: the person must see that installation",
    () => {
      const host = vendor({ pages: [[8, 70]] })
      return Effect.gen(function* () {
        assert.strictEqual(yield* installed(), "invalid_response")
        assert.strictEqual((yield* Effect.flip(accessToken(query)))._tag, "NotConnected")
        assert.isFalse(host.sent.some(({ url }) => url.pathname.startsWith("/app/")))
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("gets another token of the installation, again and again", () =>
    Effect.gen(function* () {
      yield* installed()
      const first = yield* accessToken(query)
      const second = yield* accessToken(query, { rejected: first })
      const third = yield* accessToken(query, { rejected: second })
      assert.strictEqual(Redacted.value(third.accessToken), "of-the-installation-3")
    }).pipe(Effect.provide(vendor().layer))
  )

  it.effect("ends where it was uninstalled", () =>
    Effect.gen(function* () {
      yield* installed()
      const first = yield* accessToken(query)
      const error = yield* Effect.flip(accessToken(query, { rejected: first }))
      assert.strictEqual(error._tag, "ReconnectRequired")
    }).pipe(Effect.provide(vendor({ tokens: 1 }).layer))
  )

  for (const appPrivateKey of [undefined, "", "canary-key"]) {
    it.effect(`does not start with ${appPrivateKey ?? "no"} key`, () =>
      Effect.gen(function* () {
        const wrong = { ...config, appPrivateKey } as OAuth2ProviderConfig
        const configured = configureProvider(wrong, { unsafelyAllowLoopback: false })
        const error = yield* Effect.flip(Effect.provide(configured, CryptoLive))
        assert.match(error.message, /^providers\[forge\]: .*appPrivateKey/)
        assert.notInclude(error.message, "canary-key")
      })
    )
  }
})
