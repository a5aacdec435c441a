import type { ProviderFacts } from "../facts/index.ts"
import { jsonAnswer } from "./answers.ts"
import { answerWith, planAnswer } from "./answerRequest.ts"
import { decide, type PendingRequests } from "./authorize.ts"
import { type Failure, FailureQueue } from "./failures.ts"
import { defaultGithubSide } from "./githubApp.ts"
import { type IssuedGrant, issueGrant, type IssueOptions } from "./issueGrant.ts"
import { Ledger, randomText } from "./Ledger.ts"
import { madeUpAppKey, publicKeyOf } from "./madeUpKeys.ts"
import { decisionPath } from "./pages.ts"
import type { Received } from "./Received.ts"
import type { Registered, Registration } from "./Registration.ts"
import { resolver } from "./resolveRequest.ts"
import type { ConsentMode, GithubSide, RequestKind, Simulation, Violation } from "./Simulation.ts"
import { makeVendor, samples, type Vendor, withEachChoice } from "./Vendor.ts"
import { type Callback, visitor, type VisitOptions } from "./visit.ts"

/** A request that came, and what was answered. */
export interface SimulatedRequest {
  readonly provider: string | undefined
  /** More than one where a vendor's facts have the same request for several things. */
  readonly kinds: ReadonlyArray<RequestKind>
  readonly method: string
  /** The vendor's own URL. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Undefined if no answer was given. */
  readonly status: number | undefined
}

export interface SimulatorOptions {
  /** Milliseconds of the epoch. Default: the system's clock. */
  readonly now?: () => number
  /** Default `automatic`: the browser is sent back at once. */
  readonly consent?: ConsentMode
}

/** Any number of vendors, played as their facts say. */
export interface Simulator {
  /**
   * Answers a request to a vendor's own https URL as the vendor would. Rejects only if `failNext` has asked for a
   * connection that is cut.
   */
  readonly handle: (request: Request) => Promise<Response>
  /** Registers a client; what is left out is made up. A client id that is registered already is registered again. */
  readonly register: (provider: string, registration?: Partial<Registration>) => Registered
  /** Opens an authorization URL as a browser without scripts, and presses Allow if there is a button. */
  readonly visit: (authorizationUrl: string, options?: VisitOptions) => Promise<Callback>
  /** A live grant that nobody had to consent to. */
  readonly issue: (provider: string, options?: IssueOptions) => IssuedGrant
  /** Ends everything that a vendor has issued, and the sample key: what a customer does in the vendor's settings. */
  readonly end: (provider: string) => void
  /** Says who consents to a GitHub App from now on, and whose the installation is. Default: an owner of its organization. */
  readonly playGithub: (provider: string, side: Partial<GithubSide>) => void
  /** Makes the next requests of one kind fail. */
  readonly failNext: (
    provider: string,
    request: RequestKind,
    failure: Failure,
    times?: number
  ) => void
  /** The newest access and refresh tokens of all grants, as far as they are good. */
  readonly liveTokens: (provider: string) => ReadonlyArray<string>
  /** Lets time pass for everything that was issued. The clock stays, so that nobody's is ahead of another's. */
  readonly advance: (seconds: number) => void
  readonly now: () => number
  /** Everything in any request that a vendor would not have taken. */
  readonly violations: ReadonlyArray<Violation>
  /** How many requests of one kind have come. */
  readonly count: (provider: string, request: RequestKind) => number
  /** The last 200 requests, oldest first. */
  readonly requests: ReadonlyArray<SimulatedRequest>
  readonly authType: (provider: string) => "oauth2" | "api_key"
  /** The values that a tenant's admin fills in: a vendor knows these and no others, and where it lets choose each choice. */
  readonly fields: (provider: string) => Readonly<Record<string, string>>
  /** The values that the host settles, such as the name of its app. */
  readonly settings: (provider: string) => Readonly<Record<string, string>>
}

const keptRequests = 200

/**
 * A simulator without sockets: `handle` takes the place of the vendors themselves.
 *
 * @example
 * import { factsOf } from "@hawser/testing/facts"
 * import { makeSimulator } from "@hawser/testing/simulator"
 *
 * const simulator = makeSimulator([factsOf("github")])
 * const { clientId } = simulator.register("github", { redirectUris: ["https://app.example/back"] })
 * const answer = await simulator.handle(new Request("https://api.github.com/user"))
 * // 401, and simulator.violations tells that the header authorization is missing
 */
export const makeSimulator = (
  facts: ReadonlyArray<ProviderFacts>,
  options: SimulatorOptions = {}
): Simulator => {
  const vendors = new Map(facts.map((one) => [one.provider as string, makeVendor(one)]))
  const pending: PendingRequests = new Map()
  const failures = new FailureQueue()
  const violations: Array<Violation> = []
  const requests: Array<SimulatedRequest> = []
  const counts = new Map<string, number>()

  const simulation: Simulation = {
    ledger: new Ledger(),
    mode: options.consent ?? "automatic",
    github: new Map(),
    now: options.now ?? Date.now,
    report: ({ id }, request, problems) =>
      void violations.push(...problems.map((problem) => ({ provider: id, request, problem })))
  }
  const resolve = resolver([...vendors.values()].flatMap(withEachChoice))

  const vendorOf = (provider: string): Vendor => {
    const vendor = vendors.get(provider)
    if (vendor === undefined)
      throw new Error(`The simulator was started without the provider ${provider}.`)
    return vendor
  }

  const recordRequest = (
    received: Received,
    { kinds, provider, status }: Pick<SimulatedRequest, "kinds" | "provider" | "status">
  ): void => {
    const { body, headers, method, url } = received
    if (requests.length === keptRequests) requests.shift()
    requests.push({
      provider,
      kinds,
      method,
      url: url.href,
      headers: Object.fromEntries(headers),
      body,
      status
    })
  }

  const handle = async (request: Request): Promise<Response> => {
    const received: Received = {
      method: request.method,
      url: new URL(request.url),
      headers: request.headers,
      body: await request.text()
    }
    if (received.url.pathname === decisionPath)
      return decide(pending, new URLSearchParams(received.body))
    const resolved = resolve(simulation, received)
    if (resolved === undefined) {
      const problem = `no vendor is at ${received.url.host}`
      violations.push({ provider: received.url.host, request: "unknown", problem })
      recordRequest(received, { provider: undefined, kinds: ["unknown"], status: 404 })
      return jsonAnswer(404, { error: problem })
    }
    const provider = resolved.vendor.id
    const planned = planAnswer(simulation, pending, received, resolved)
    const { kinds } = planned
    for (const kind of kinds) {
      const key = `${provider} ${kind}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    let status: number | undefined
    try {
      const answer = await answerWith(planned, failures.take(provider, kinds), request.signal)
      status = answer.status
      return answer
    } finally {
      recordRequest(received, { provider, kinds, status })
    }
  }

  return {
    handle,
    register: (provider, registration = {}) => {
      const { clients, facts } = vendorOf(provider)
      const privateKey =
        "authKind" in facts && facts.authKind === "github_app" && !("publicKey" in registration)
          ? madeUpAppKey()
          : undefined
      const registered: Registered = {
        clientId: `client-${randomText()}`,
        clientSecret: `secret-${randomText()}`,
        redirectUris: [],
        ...(privateKey !== undefined && { privateKey, ...publicKeyOf(privateKey) }),
        ...registration
      }
      clients.set(registered.clientId, registered)
      return registered
    },
    visit: visitor(handle),
    issue: (provider, options = {}) => issueGrant(simulation, vendorOf(provider), options),
    end: (provider) => {
      const vendor = vendorOf(provider)
      vendor.key.isLive = false
      for (const grant of simulation.ledger.grantsOf(provider)) grant.isLive = false
    },
    playGithub: (provider, side) =>
      void simulation.github.set(vendorOf(provider).id, { ...defaultGithubSide, ...side }),
    failNext: (provider, request, failure, times = 1) =>
      failures.add(vendorOf(provider).id, request, failure, times),
    liveTokens: (provider) =>
      simulation.ledger
        .goodTokens(vendorOf(provider).id, simulation.now())
        .map(({ value }) => value),
    advance: (seconds) => simulation.ledger.age(seconds * 1000),
    now: simulation.now,
    violations,
    count: (provider, request) => counts.get(`${vendorOf(provider).id} ${request}`) ?? 0,
    requests,
    authType: (provider) => vendorOf(provider).facts.authType,
    fields: (provider) => samples(vendorOf(provider).facts.fields),
    settings: (provider) => samples(vendorOf(provider).facts.settings)
  }
}
