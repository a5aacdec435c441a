import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto"
import { inspect } from "node:util"
import {
  ConfigurationError,
  configureProvider,
  CryptoLive,
  type OAuth2Definition,
  type SharedClientConfig,
  type PrivateKeyJwt
} from "@hawser/core"
import { comeBack, forge, makeHost, startFlow } from "./support/host.ts"

const { clientSecret: _, ...withoutSecret } = forge
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" })
const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString()
const pkcs1Of = (key: KeyObject): string => key.export({ type: "pkcs1", format: "pem" }).toString()
const jwkOf = (key: KeyObject): string => JSON.stringify(key.export({ format: "jwk" }))

const signing = (changes: Partial<PrivateKeyJwt> = {}): SharedClientConfig => ({
  ...withoutSecret,
  definition: { ...withoutSecret.definition, issuer: "https://forge.example" },
  clientAuthentication: {
    method: "private_key_jwt",
    privateKey: pemOf(ec.privateKey),
    alg: "ES256",
    ...changes
  }
})

type Members = Readonly<Record<string, unknown>>

const decoded = (part: string | undefined): Members =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Members

/** The token request of a whole flow, with its assertion taken apart. */
const assertionOf = Effect.fnUntraced(function* (
  config: SharedClientConfig,
  definition: Partial<OAuth2Definition> = {}
) {
  const host = makeHost({
    providers: [{ ...config, definition: { ...config.definition, ...definition } }]
  })
  yield* Effect.provide(Effect.flatMap(startFlow(), comeBack), host.layer)
  const [request] = host.sent
  const form = new URLSearchParams(request?.body)
  const [header, payload, signature] = (form.get("client_assertion") ?? "").split(".")
  return {
    form,
    headers: request?.headers,
    header: decoded(header),
    claims: decoded(payload),
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature ?? "", "base64url")
  }
})

describe("a client assertion", () => {
  it.effect("S-24 is for the issuer, as one string, short-lived, and used once", () =>
    Effect.gen(function* () {
      const issuer = "https://login.forge.example/tenant"
      const config = signing({ kid: "key-1" })
      const { claims, header } = yield* assertionOf(config, { issuer })
      assert.deepStrictEqual(header, { alg: "ES256", kid: "key-1" })
      const { exp, iat, jti, nbf, ...named } = claims
      assert.deepStrictEqual(named, { aud: issuer, iss: "forge-client", sub: "forge-client" })
      assert.isAtMost(Number(exp) - Number(iat), 60)
      assert.strictEqual(nbf, iat)
      assert.isAtLeast(String(jti).length, 22)
      assert.notStrictEqual((yield* assertionOf(config, { issuer })).claims["jti"], jti)
    })
  )

  it.effect("S-24 is for exactly the token endpoint where the host says that unsafe word", () =>
    Effect.gen(function* () {
      const tokenEndpoint = "https://forge.example/token?tenant=common"
      const { claims } = yield* assertionOf(signing({ unsafeAudience: "token_endpoint" }), {
        tokenEndpoint
      })
      assert.strictEqual(claims["aud"], tokenEndpoint)
    })
  )

  it.effect("S-24 says its type where the host asks for it", () =>
    Effect.gen(function* () {
      const { header } = yield* assertionOf(signing({ typ: "client-authentication+jwt" }))
      assert.deepStrictEqual(header, { alg: "ES256", typ: "client-authentication+jwt" })
      assert.notProperty((yield* assertionOf(signing())).header, "typ")
    })
  )

  it.effect("S-32 is the only way in which the request authenticates", () =>
    Effect.gen(function* () {
      for (const clientAuthentication of ["client_secret_basic", "private_key_jwt"] as const) {
        const { form, headers } = yield* assertionOf(signing(), { clientAuthentication })
        assert.notProperty(headers, "authorization")
        assert.isFalse(form.has("client_secret"))
        assert.strictEqual(form.get("client_id"), "forge-client")
        assert.strictEqual(
          form.get("client_assertion_type"),
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        )
      }
    })
  )

  it.effect("is signed with the key, whatever form the host has it in", () =>
    Effect.gen(function* () {
      const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 })
      const ed = generateKeyPairSync("ed25519")
      const webCrypto = yield* Effect.promise(() =>
        crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"])
      )
      const exported = yield* Effect.promise(() =>
        crypto.subtle.exportKey("spki", webCrypto.publicKey)
      )
      const table = [
        ["ES256", pemOf(ec.privateKey), ec.publicKey],
        ["ES256", pemOf(ec.privateKey).replaceAll("\n", "\\n"), ec.publicKey],
        ["ES256", jwkOf(ec.privateKey), ec.publicKey],
        [
          "ES256",
          webCrypto.privateKey,
          createPublicKey({ key: Buffer.from(exported), type: "spki", format: "der" })
        ],
        ["RS256", pemOf(rsa.privateKey), rsa.publicKey],
        ["RS256", pkcs1Of(rsa.privateKey), rsa.publicKey],
        ["PS256", jwkOf(rsa.privateKey), rsa.publicKey],
        ["EdDSA", pemOf(ed.privateKey), ed.publicKey]
      ] as const
      for (const [alg, privateKey, key] of table) {
        const { header, signature, signed } = yield* assertionOf(signing({ alg, privateKey }))
        assert.strictEqual(header["alg"], alg)
        const options = {
          key,
          ...(alg === "ES256" && { dsaEncoding: "ieee-p1363" as const }),
          ...(alg === "PS256" && { padding: 6, saltLength: 32 })
        }
        assert.isTrue(verify(alg === "EdDSA" ? null : "sha256", signed, options, signature), alg)
      }
    })
  )
})

describe("a key that cannot be used stops the start", () => {
  const rsa1024 = generateKeyPairSync("rsa", { modulusLength: 1024 })
  const cases: ReadonlyArray<readonly [string, SharedClientConfig, RegExp]> = [
    ["no key", signing({ privateKey: undefined }), /Set clientAuthentication\.privateKey\.$/],
    ["nothing at all", signing({ privateKey: "" }), /Set clientAuthentication\.privateKey\.$/],
    [
      "text that is none",
      signing({ privateKey: "canary-key" }),
      /PEM \(PKCS #8, or PKCS #1 for RSA\), or a JWK/
    ],
    [
      "a broken JWK",
      signing({ privateKey: '{"d":"canary-key"}' }),
      /PEM \(PKCS #8, or PKCS #1 for RSA\), or a JWK/
    ],
    ["a public key", signing({ privateKey: jwkOf(ec.publicKey) }), /must be/],
    ["another algorithm", signing({ alg: "RS256" }), /private key for RS256/],
    ["short RSA", signing({ alg: "RS256", privateKey: jwkOf(rsa1024.privateKey) }), /2048 bits/],
    ["a shared secret's", signing({ alg: "HS256" as "ES256" }), /alg must be one of/],
    ["S-24 no known issuer", { ...signing(), definition: forge.definition }, /unsafeAudience/],
    ["a client secret besides", { ...signing(), clientSecret: "canary-key" }, /not both\.$/],
    [
      "none, where the definition needs one",
      { ...forge, definition: { ...forge.definition, clientAuthentication: "private_key_jwt" } },
      /Set clientAuthentication\.$/
    ]
  ]
  for (const [what, config, sentence] of cases) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Effect.provide(configureProvider(config, { unsafelyAllowLoopback: false }), CryptoLive)
        )
        assert.instanceOf(error, ConfigurationError)
        assert.match(error.message, /^providers\[forge\]: /)
        assert.match(error.message, sentence)
        assert.notInclude(inspect(error, { depth: 20 }), "canary-key")
      })
    )
  }

  it.effect("S-47 the key is not in what the provider prints", () =>
    Effect.gen(function* () {
      const provider = yield* Effect.provide(
        configureProvider(signing({ privateKey: jwkOf(ec.privateKey) }), {
          unsafelyAllowLoopback: false
        }),
        CryptoLive
      )
      const { d = "" } = ec.privateKey.export({ format: "jwk" })
      for (const text of [inspect(provider, { depth: 20 }), JSON.stringify(provider)])
        assert.notInclude(text, d)
    })
  )
})
