import {
  accessToken,
  authorizedFetch,
  type CallbackOutcome,
  connect,
  ConnectionStore,
  decodeProviderDefinition,
  tenantsDefault,
  disconnect,
  finishCallback,
  type OAuth2Definition,
  type ProviderConfig,
  type ProviderDefinition,
  ProviderRegistry,
  providerUsedBy,
  revokeQueued,
  storeCredentials,
  testConnection
} from "@hawser/core"
import { decodeProviderFacts, type ProviderFacts } from "@hawser/testing/facts"
import { Effect, ManagedRuntime, Redacted } from "effect"
import { choosesHost, samples } from "../../../packages/testing/src/catalogue/fieldChecks.ts"
import {
  admin,
  type HostServices,
  providerHost,
  redirectUri,
  redirectUrl
} from "../../../packages/testing/src/catalogue/providerHost.ts"
import {
  makeSimulator,
  type RequestKind,
  type Simulator
} from "../../../packages/testing/src/simulator/index.ts"
import { readProvider } from "./catalogFiles.ts"
import { type Exchange, recorded } from "./exchanges.ts"
import { type Members, withMembers } from "./members.ts"

interface HostOptions {
  /** Members of the definition that are otherwise, by dotted path; undefined leaves one out. */
  readonly definition?: Members
  /** The same for the facts. */
  readonly facts?: Members
  readonly scopes?: ReadonlyArray<string>
  readonly userScopes?: ReadonlyArray<string>
  /** False: the host of this library has not allowed that tenants choose hosts. Default true. */
  readonly allowTenantHosts?: boolean
}

/** A registration at the vendor, as the host has it: for all tenants, or for each where the tenant chooses the host. */
const clientAt = (simulator: Simulator, definition: OAuth2Definition) => {
  const { clientId, clientSecret, privateKey } = simulator.register(definition.id, {
    clientId: "client",
    clientSecret: "secret",
    redirectUris: [redirectUri(definition.id)]
  })
  const client = {
    clientId,
    clientSecret,
    ...(definition.authKind === "github_app" && { appPrivateKey: privateKey })
  }
  return choosesHost(definition.fields) ? { clientOf: async () => client } : client
}

const configOf = (
  simulator: Simulator,
  definition: ProviderDefinition,
  facts: ProviderFacts,
  { allowTenantHosts = true, scopes, userScopes }: HostOptions
): ProviderConfig => {
  const common = {
    settings: samples(facts.settings),
    ...(choosesHost(definition.fields) && allowTenantHosts && { allowTenantHosts: true })
  }
  return definition.authType === "api_key"
    ? { definition, ...common }
    : {
        definition,
        ...common,
        ...(scopes !== undefined && { scopes }),
        ...(userScopes !== undefined && { userScopes }),
        ...clientAt(simulator, definition)
      }
}

/** A provider of the catalogue in a host of its own, before its simulated vendor. */
export const hostOf = (id: string, options: HostOptions = {}) => {
  const files = readProvider(id)
  const definition = Effect.runSync(
    decodeProviderDefinition(withMembers(files.definition, options.definition ?? {}), files.source)
  )
  const facts = Effect.runSync(
    decodeProviderFacts(withMembers(files.facts, options.facts ?? {}), files.source)
  )
  const simulator = makeSimulator([facts])
  const { exchanges, handle } = recorded(simulator)
  const runtime = ManagedRuntime.make(
    providerHost(configOf(simulator, definition, facts, options), handle)
  )
  const run = <A, E>(effect: Effect.Effect<A, E, HostServices>): Promise<A> =>
    runtime.runPromise(effect)

  const query = { tenantId: admin.tenantId, ...tenantsDefault, provider: facts.provider }
  const provider = Effect.flatMap(ProviderRegistry, (registry) =>
    Effect.flatMap(registry.getFor(admin.tenantId, facts.provider), (configured) =>
      providerUsedBy(admin.tenantId, configured)
    )
  )
  const fields = samples(facts.fields)

  /** Begins a flow; answers where the browser goes, and how it comes back. */
  const begin = async (given: Readonly<Record<string, string>> = fields) => {
    const begun = await run(
      Effect.flatMap(provider, (used) =>
        connect(admin, used, {
          redirectUrl,
          ...(Object.keys(given).length > 0 && { fields: given })
        })
      )
    )
    if (begun._tag !== "Authorize") throw new Error("connect began no flow")
    const { authorizationUrl, browserBinding } = begun
    const callback = (parameters: URLSearchParams, isPosted: boolean): Promise<CallbackOutcome> =>
      run(
        finishCallback(facts.provider, {
          parameters,
          isPosted,
          browserSecret: (tag) =>
            browserBinding?.flowTag === tag ? Redacted.value(browserBinding.secret) : undefined
        })
      )
    return { authorizationUrl: new URL(authorizationUrl), callback }
  }

  /** A whole flow, as a browser makes it; answers what the host's page is told. */
  const flow = async (
    change: (parameters: URLSearchParams) => void = () => {}
  ): Promise<URLSearchParams> => {
    const { authorizationUrl, callback } = await begin()
    const { form, url } = await simulator.visit(authorizationUrl.href)
    const parameters = form ?? url.searchParams
    change(parameters)
    const outcome = await callback(parameters, form !== undefined)
    if (outcome._tag === "NoFlow") throw new Error("the callback found no flow")
    return new URL(outcome.url).searchParams
  }

  const integration = () =>
    run(
      Effect.flatMap(ConnectionStore, (connections) =>
        connections.find({ ...query, ...tenantsDefault })
      )
    )

  const problems = () => simulator.violations.map(({ problem }) => problem)

  const store = (credentials: Readonly<Record<string, string>> = {}) =>
    run(
      Effect.flatMap(provider, (used) =>
        storeCredentials(admin, used, { credentials: { ...fields, ...credentials } })
      )
    )

  const ofKind = (kind: RequestKind): ReadonlyArray<Exchange> =>
    exchanges.filter(({ kinds }) => kinds.includes(kind))

  /** Refreshes, whether it is time or not. */
  const refresh = () =>
    run(Effect.flatMap(accessToken(query), (rejected) => accessToken(query, { rejected })))

  return {
    simulator,
    definition,
    facts,
    begin,
    flow,
    integration,
    /** What the vendor had to object to. */
    problems,
    /** The parameters of the last authorization request that the vendor saw. */
    authorizationRequest: (): URLSearchParams => {
      const found = simulator.requests.findLast(({ kinds }) => kinds.includes("authorize"))
      return new URL(found?.url ?? "").searchParams
    },
    /** Connects as the facts want it: rejects where the vendor, or Hawser, has anything to object to. */
    connect: async () => {
      if (facts.authType === "oauth2") {
        const page = await flow()
        if (page.get("status") !== "connected")
          throw new Error(`the flow ended with ${page.get("error")}: ${problems().join("; ")}`)
      } else {
        const { id: credentialId } = await store()
        await run(Effect.flatMap(provider, (used) => connect(admin, used, { credentialId })))
      }
      if (problems().length > 0) throw new Error(problems().join("; "))
      return integration()
    },
    /** What becomes of a key: a status, or the code of the error that refused it. */
    outcomeOf: (credentials: Readonly<Record<string, string>> = {}): Promise<string> =>
      store(credentials).then(
        ({ status }) => status,
        (error: { readonly code: string }) => error.code
      ),
    /** Seconds that the access token lives, to the nearest ten: an instant loses its fraction on the way here. */
    lifetime: async (): Promise<number | undefined> => {
      const { lifetime } = await run(accessToken(query))
      return lifetime === undefined ? undefined : Math.round(lifetime / 10) * 10
    },
    refresh,
    /** Refreshes twice, and says with which refresh token the second time. */
    refreshTwice: async (): Promise<"with the new one" | "with the same one" | undefined> => {
      await refresh()
      await refresh()
      const [first, second] = ofKind("refresh")
      const sent = second?.body["refresh_token"]
      const brought = (first?.answer as Members | undefined)?.["refresh_token"]
      const isSame = sent === first?.body["refresh_token"]
      if (brought === undefined) return isSame ? "with the same one" : undefined
      return sent === brought && !isSame ? "with the new one" : undefined
    },
    call: async (target: string): Promise<Exchange | undefined> => {
      await run(authorizedFetch(query, target))
      return exchanges.at(-1)
    },
    /** Why the live check fails; undefined if it does not. */
    check: async () =>
      (await run(Effect.flatMap(provider, (used) => testConnection(admin, used)))).reason,
    disconnect: async (): Promise<void> => {
      await run(Effect.flatMap(provider, (used) => disconnect(admin, used)))
      await run(revokeQueued)
    },
    /** A visit of the callback by a browser that began no flow here. */
    visitCallback: (parameters: Readonly<Record<string, string>>): Promise<CallbackOutcome> =>
      run(
        finishCallback(facts.provider, {
          parameters: new URLSearchParams(parameters),
          isPosted: false,
          browserSecret: () => undefined
        })
      ),
    /** All that was asked of one kind, in order. */
    exchanges: ofKind,
    /** The last that was asked of one kind. */
    last: (kind: RequestKind): Exchange => {
      const found = ofKind(kind).at(-1)
      if (found === undefined) throw new Error(`no ${kind} was asked for`)
      return found
    },
    [Symbol.asyncDispose]: () => runtime.dispose()
  }
}
