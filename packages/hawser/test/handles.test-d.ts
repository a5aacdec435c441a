import {
  type ActingConnection,
  type ActingTenant,
  type Connection,
  createHawser,
  createHawserJobs,
  datadog,
  defineProvider,
  github,
  type Hawser,
  type HawserError,
  type HawserOptions,
  type IntegrationResult,
  isHawserError,
  type JobOptions,
  lazyHawser,
  type StartedFlow,
  type Tenant
} from "hawser"
import { describe, expectTypeOf, it } from "vitest"

declare const options: Omit<HawserOptions, "providers">
declare const jobOptions: Omit<JobOptions, "providers">
declare const client: Parameters<Hawser["transaction"]>[0]
declare const unknownProviders: HawserOptions["providers"]

const locker = {
  id: "locker",
  displayName: "Locker",
  category: "cloud",
  description: "Boxes.",
  authType: "api_key",
  fields: [{ name: "api_key", label: "API key" }],
  headers: { "x-api-key": "{api_key}" }
} as const

const providers = () => [
  github({ clientId: "id", clientSecret: "secret" }),
  datadog({ availability: "unlisted" }),
  defineProvider(locker)
]

/** Never called: the compiler alone reads it. */
const known = () => createHawser({ ...options, providers: providers() })
type Known = Awaited<ReturnType<typeof known>>

describe("the ids of configured providers", () => {
  it("are a union, of the catalogue and of definitions of one's own", () => {
    expectTypeOf<Known>().toEqualTypeOf<Hawser<"github" | "datadog" | "locker">>()
    const inline = () =>
      createHawser({ ...options, providers: [github({ clientId: "a", clientSecret: "b" })] })
    expectTypeOf<Awaited<ReturnType<typeof inline>>>().toEqualTypeOf<Hawser<"github">>()
    const lazy = lazyHawser("app", () => ({ ...options, providers: [datadog()] }))
    expectTypeOf<Awaited<ReturnType<typeof lazy>>>().toEqualTypeOf<Hawser<"datadog">>()
  })

  it("that no provider has do not compile", () => {
    const misspelt = (hawser: Known) => {
      const acme = hawser.tenant("acme", { user: "ada" })
      acme.connection("github")
      // @ts-expect-error a letter is missing
      acme.connection("gihub")
      // @ts-expect-error so here
      void acme.connect("gihub", { redirectUrl: "https://app.example.com" })
      // @ts-expect-error and of keys
      acme.credentials("dtadog")
      // @ts-expect-error in a transaction
      hawser.transaction(client).tenant("acme").connection("gihub")
      // @ts-expect-error for all tenants
      void hawser.admin.tenants({ provider: "gihub" })
    }
    expectTypeOf(misspelt).toBeFunction()
    const misspeltInJob = async () => {
      const jobs = await createHawserJobs({ ...jobOptions, providers: [datadog()] })
      // @ts-expect-error a letter is missing
      jobs.tenant("acme").connection("dtadog")
    }
    expectTypeOf(misspeltInJob).toBeFunction()
  })

  it("may be any text where the providers are not known, and for a Hawser that is passed on", () => {
    const any = () => createHawser({ ...options, providers: unknownProviders })
    expectTypeOf<Awaited<ReturnType<typeof any>>>().toEqualTypeOf<Hawser>()
    expectTypeOf<Known>().toExtend<Hawser>()
    expectTypeOf<Known>().toExtend<Hawser<"github">>()
  })
})

describe("a tenant", () => {
  it("without a user who acts has nothing that needs one", () => {
    const itself = (hawser: Hawser) => {
      const acme = hawser.tenant("acme")
      expectTypeOf(acme.connection("github")).toEqualTypeOf<Connection>()
      // @ts-expect-error which user's own?
      acme.connection("github", { owner: "user" })
      // @ts-expect-error which user's own?
      void acme.connections({ owner: "user" })
    }
    expectTypeOf(itself).toBeFunction()
    expectTypeOf<Exclude<keyof ActingTenant, keyof Tenant>>().toEqualTypeOf<
      "connect" | "credentials"
    >()
    expectTypeOf<Exclude<keyof ActingConnection, keyof Connection>>().toEqualTypeOf<
      "reconnect" | "disconnect" | "test" | "swapCredential"
    >()
  })

  it("answers connect by what it is given", () => {
    const connects = (acme: ActingTenant) => ({
      flow: acme.connect("github", { redirectUrl: "https://app.example.com" }),
      key: acme.connect("datadog", { credentialId: "cred_1" })
    })
    expectTypeOf<ReturnType<typeof connects>>().toEqualTypeOf<{
      flow: Promise<StartedFlow>
      key: Promise<IntegrationResult>
    }>()
  })

  it("has a fetch that is one, and lengths of time with a unit", () => {
    expectTypeOf<Connection["fetch"]>().toExtend<typeof fetch>()
    const lengths = async (github: ActingConnection) => {
      await github.token({ validFor: "10 minutes" })
      await github.token({ validFor: 600_000 })
      // @ts-expect-error of what?
      await github.token({ validFor: "10" })
    }
    expectTypeOf(lengths).toBeFunction()
  })
})

describe("the names of events", () => {
  it("are a union, and each has its own data", () => {
    const listen = async (hawser: Hawser) => {
      await hawser.on("integration.expiring", { as: "mail" }, ({ event }) => {
        expectTypeOf(event.data.expiresAt).toEqualTypeOf<string>()
      })
      // @ts-expect-error there is no such event
      await hawser.on("integration.created", { as: "mail" }, () => {})
      // @ts-expect-error a subscriber has a name
      await hawser.on("integration.connected", {}, () => {})
    }
    expectTypeOf(listen).toBeFunction()
  })
})

/** The classes beside `Tag` that have its code. */
type Twins<Tag extends HawserError["_tag"]> = Exclude<
  Extract<
    HawserError,
    { readonly code: Extract<HawserError, { readonly _tag: Tag }>["code"] }
  >["_tag"],
  Tag
>

describe("an error", () => {
  it("has a code that no other class has", () => {
    type All = { [Tag in HawserError["_tag"]]: Twins<Tag> }[HawserError["_tag"]]
    expectTypeOf<All>().toEqualTypeOf<never>()
  })

  it("is narrowed by it, and says whether another try may help", () => {
    const read = (error: unknown) => {
      if (isHawserError(error, "reconnect_required")) return error.reason
      return isHawserError(error) && error.retryable
        ? [error.retryAfter, error.httpStatus]
        : undefined
    }
    expectTypeOf<HawserError["retryable"]>().toEqualTypeOf<boolean>()
    expectTypeOf(read).toBeFunction()
  })
})
