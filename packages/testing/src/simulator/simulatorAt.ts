import { controlPath, type Controls, encodeCall } from "./control.ts"
import { localUrl } from "./localUrl.ts"
import { askLocally } from "./serve.ts"
import {
  configOf,
  type Helper,
  type HostProvider,
  simulated,
  type SimulateOptions,
  withAppKey
} from "./simulated.ts"
import { type Callback, visitor, type VisitOptions } from "./visit.ts"

/** The same call of another process; what was a list is asked for by a call. */
type Remotely<Member> = Member extends (...args: infer Args) => infer Answer
  ? (...args: Args) => Promise<Answer>
  : () => Promise<Member>

/** A simulator in another process on this machine. Every call rejects where that process does not answer. */
export type RemoteSimulator = {
  readonly [Name in keyof Controls]: Remotely<Controls[Name]>
} & {
  readonly port: number
  /** A vendor's https URL as it is reached here. */
  readonly url: (vendorUrl: string) => string
  /** Opens an authorization URL as a browser without scripts, and presses Allow if there is a button. */
  readonly visit: (authorizationUrl: string, options?: VisitOptions) => Promise<Callback>
  /** As `simulate` of a simulator in this process: the provider at the simulator, with a client that is registered there. */
  readonly simulate: <Config extends HostProvider>(
    config: Config | Helper<Config>,
    options: SimulateOptions
  ) => Promise<Config>
}

const loopback = new Set(["127.0.0.1", "localhost"])

/**
 * The simulator that another process runs at a URL of this machine, such as `http://127.0.0.1:4300`: one that
 * `hawser-simulator` has started, or `startSimulator` in a test.
 *
 * @example
 * import { simulatorAt } from "@hawser/testing/simulator"
 *
 * const simulator = simulatorAt("http://127.0.0.1:4300")
 * await simulator.failNext("github", "token", { kind: "status", status: 503 })
 */
export const simulatorAt = (address: string): RemoteSimulator => {
  const { hostname, port: portText, protocol } = new URL(address)
  const port = Number(portText)
  if (protocol !== "http:" || !loopback.has(hostname) || port === 0)
    throw new Error(`${address} is not the URL of a simulator: it is http://127.0.0.1 and a port.`)

  const ask =
    (call: keyof Controls) =>
    async (...args: ReadonlyArray<unknown>): Promise<unknown> => {
      const answer = await askLocally(
        new Request(`http://127.0.0.1:${port}${controlPath}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: encodeCall({ call, args })
        })
      )
      const { error, value } = (await answer.json()) as { error?: string; value?: unknown }
      if (error !== undefined) throw new Error(error)
      return value
    }
  const calls = {
    advance: ask("advance"),
    authType: ask("authType"),
    count: ask("count"),
    end: ask("end"),
    failNext: ask("failNext"),
    fields: ask("fields"),
    issue: ask("issue"),
    liveTokens: ask("liveTokens"),
    now: ask("now"),
    playGithub: ask("playGithub"),
    register: ask("register"),
    requests: ask("requests"),
    settings: ask("settings"),
    violations: ask("violations")
  } as { readonly [Name in keyof Controls]: Remotely<Controls[Name]> }

  const url = (vendorUrl: string) => localUrl(vendorUrl, port)
  const visit = visitor(askLocally)
  return {
    ...calls,
    port,
    url,
    visit: (authorizationUrl, options) => visit(url(authorizationUrl), options),
    simulate: async (given, { publicUrl }) => {
      const before = configOf(given)
      const { id } = before.definition
      const settings = await calls.settings(id)
      const { config, registration } = simulated(before, { port, publicUrl, settings })
      return registration === undefined
        ? config
        : withAppKey(config, await calls.register(id, registration))
    }
  }
}
