import type { OneVendorUrl } from "@hawser/core"
import { describe, expectTypeOf, it } from "vitest"
import { defineProvider } from "../src/index.ts"

const client = { clientId: "c", clientSecret: "s" }
const desk = {
  id: "desk",
  displayName: "Desk",
  category: "ticketing",
  description: "Tickets.",
  authType: "oauth2",
  clientAuthentication: "client_secret_basic",
  defaultScopes: []
} as const
const host = { name: "host", label: "Host", secret: false } as const
const subdomain = { ...host, name: "subdomain", format: "subdomain" } as const
const site = { ...host, name: "site", choices: ["eu.desk.example", "us.desk.example"] } as const

type Taken<Url extends string, Fields> = Url extends OneVendorUrl<Url, Fields> ? "taken" : "refused"

describe("S-23 a host that a tenant chooses, with a client that all share", () => {
  it("does not compile", () => {
    defineProvider(
      {
        ...desk,
        fields: [host],
        // @ts-expect-error {host} is the whole host
        authorizationEndpoint: "https://{host}/authorize",
        // @ts-expect-error {host} is the whole host
        tokenEndpoint: "https://{host}/token"
      },
      client
    )
    defineProvider(
      {
        ...desk,
        fields: [host],
        authorizationEndpoint: "https://desk.example/authorize",
        // @ts-expect-error the host goes on after the vendor's name
        tokenEndpoint: "https://login.desk.{host}/token"
      },
      client
    )
  })

  it("compiles where it is one of a list, or a label before the vendor's domain", () => {
    const labelled = defineProvider(
      {
        ...desk,
        fields: [subdomain],
        authorizationEndpoint: "https://{subdomain}.desk.example/authorize",
        tokenEndpoint: "https://{subdomain}.desk.example/token"
      },
      client
    )
    expectTypeOf(labelled.clientId).toEqualTypeOf<string | undefined>()
    defineProvider(
      {
        ...desk,
        fields: [site],
        authorizationEndpoint: "https://{site}/authorize",
        tokenEndpoint: "https://login.{site}/token"
      },
      client
    )
  })

  it("is left to the start where the text is not known", () => {
    const fromFile: string = "https://{host}/token"
    defineProvider(
      { ...desk, fields: [host], authorizationEndpoint: fromFile, tokenEndpoint: fromFile },
      client
    )
  })

  it("an unknown member is still one", () => {
    defineProvider(
      {
        ...desk,
        authorizationEndpoint: "https://desk.example/authorize",
        tokenEndpoint: "https://desk.example/token",
        // @ts-expect-error a typo
        tokenEndpiont: "https://desk.example/token"
      },
      client
    )
  })

  it("is judged by the host and not by what comes after it", () => {
    type Fields = readonly [typeof host, typeof subdomain, typeof site]
    expectTypeOf<Taken<"https://desk.example/{host}/token", Fields>>().toEqualTypeOf<"taken">()
    expectTypeOf<Taken<"https://{site}", Fields>>().toEqualTypeOf<"taken">()
    expectTypeOf<Taken<"https://{subdomain}.desk.example", Fields>>().toEqualTypeOf<"taken">()
    expectTypeOf<Taken<"https://{subdomain}.example", Fields>>().toEqualTypeOf<"refused">()
    expectTypeOf<Taken<"https://{subdomain}.{host}.example/", Fields>>().toEqualTypeOf<"refused">()
    expectTypeOf<Taken<"https://x.{subdomain}.example/", Fields>>().toEqualTypeOf<"refused">()
    expectTypeOf<Taken<"https://{host}", Fields>>().toEqualTypeOf<"refused">()
  })
})
