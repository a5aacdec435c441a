import { type ClientOf, defineProvider, type OAuth2ProviderConfig } from "hawser"
import { describe, expectTypeOf, it } from "vitest"

declare const clientOf: ClientOf

const forge = {
  id: "forge",
  displayName: "Forge",
  category: "code",
  description: "Repositories on a customer's own server.",
  authType: "oauth2",
  fields: [{ name: "host", label: "Host", secret: false, format: "host" }],
  authorizationEndpoint: "https://{host}/authorize",
  tokenEndpoint: "https://{host}/token",
  clientAuthentication: "client_secret_basic",
  defaultScopes: []
} as const

describe("S-23 clients of tenants' own", () => {
  it("may be used at a host that the tenant chooses", () => {
    const provider = defineProvider(forge, { clientOf, allowTenantHosts: true })
    expectTypeOf(provider.clientId).toEqualTypeOf<undefined>()
    expectTypeOf(provider).toExtend<OAuth2ProviderConfig>()
  })

  it("with a client that all share beside them do not compile", () => {
    // @ts-expect-error both
    defineProvider(forge, { clientOf, clientId: "shared" })
    // @ts-expect-error a secret is the shared client's
    defineProvider(forge, { clientOf, clientSecret: "canary" })
    // @ts-expect-error so is a key
    defineProvider(forge, {
      clientOf,
      clientAuthentication: { method: "private_key_jwt", privateKey: "x", alg: "ES256" }
    })
    type Both = { readonly clientId: string; readonly clientOf: ClientOf }
    expectTypeOf<
      Both & Pick<OAuth2ProviderConfig, "definition">
    >().not.toExtend<OAuth2ProviderConfig>()
  })

  it("are what a host's function answers, now or later, or null", () => {
    expectTypeOf(() => null).toExtend<ClientOf>()
    expectTypeOf(async () => ({ clientId: "id", clientSecret: "secret" })).toExtend<ClientOf>()
    expectTypeOf(() => undefined).not.toExtend<ClientOf>()
    expectTypeOf(() => ({ clientSecret: "secret" })).not.toExtend<ClientOf>()
  })
})
