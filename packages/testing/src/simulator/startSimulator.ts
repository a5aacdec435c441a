import type { RequestListener } from "node:http"
import type { ProviderFacts } from "../facts/index.ts"
import { control } from "./control.ts"
import { localUrl } from "./localUrl.ts"
import { makeSimulator, type Simulator, type SimulatorOptions } from "./makeSimulator.ts"
import { askLocally, portOf, serve } from "./serve.ts"
import {
  configOf,
  type Helper,
  type HostProvider,
  simulated,
  type SimulateOptions,
  withAppKey
} from "./simulated.ts"
import { visitor } from "./visit.ts"

export interface StartSimulatorOptions extends SimulatorOptions {
  /** The providers that are played. */
  readonly providers: ReadonlyArray<ProviderFacts>
  /** Default: one that is free. */
  readonly port?: number
  /** Answers what is asked under this machine's own name, so that a host stands at the same address as its vendors. */
  readonly otherwise?: RequestListener
}

/** A simulator that browsers and servers on this machine can ask. */
export interface RunningSimulator extends Simulator {
  readonly port: number
  /** A vendor's https URL as it is reached here. Browsers know its host; other programs connect to 127.0.0.1. */
  readonly url: (vendorUrl: string) => string
  /**
   * The same provider with all of its URLs at this simulator, and with a client that is registered here. Needs
   * `unsafelyAllowLoopback`. A `clientOf` of the host's stays as it is: register its clients with `register`.
   */
  readonly simulate: <Config extends HostProvider>(
    config: Config | Helper<Config>,
    options: SimulateOptions
  ) => Config
  readonly close: () => Promise<void>
}

/**
 * Starts a simulator at 127.0.0.1. A vendor's `https://slack.com/api` is at `http://slack.com.localhost:{port}/api`.
 *
 * @example
 * import { github } from "@hawser/providers"
 * import { factsOf } from "@hawser/testing/facts"
 * import { startSimulator } from "@hawser/testing/simulator"
 *
 * const simulator = await startSimulator({ providers: [factsOf("github")], consent: "button" })
 * const provider = simulator.simulate(github, { publicUrl: "http://localhost:3000" })
 * // createHawser({ providers: [provider], unsafelyAllowLoopback: true, … })
 * await simulator.close()
 */
export const startSimulator = async ({
  otherwise,
  port: wanted = 0,
  providers,
  ...options
}: StartSimulatorOptions): Promise<RunningSimulator> => {
  const simulator = makeSimulator(providers, options)
  const server = await serve(simulator.handle, (request) => control(simulator, request), {
    port: wanted,
    otherwise
  })
  const port = portOf(server)
  const url = (vendorUrl: string) => localUrl(vendorUrl, port)
  const visit = visitor(askLocally)
  return {
    ...simulator,
    port,
    url,
    visit: (authorizationUrl, choice) => visit(url(authorizationUrl), choice),
    simulate: (given, { publicUrl }) => {
      const before = configOf(given)
      const { id } = before.definition
      const settings = simulator.settings(id)
      const { config, registration } = simulated(before, { port, publicUrl, settings })
      return registration === undefined
        ? config
        : withAppKey(config, simulator.register(id, registration))
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
