import type { Integrations, State } from "@hawser/headless"
import { useEffect, useSyncExternalStore } from "react"

const useShown = ({ getState, subscribe }: Integrations): State =>
  useSyncExternalStore(subscribe, getState, getState)

/**
 * What can be connected, and what is: `providers`, `connections`, `phase` and `problem`. It loads when the component is
 * mounted, and finishes a flow that came back to the page.
 *
 * Make `integrations` once, outside the component, by `createIntegrations`; it has `disconnect`, `test` and `refresh` too.
 *
 * @example
 * import { createIntegrations, useIntegrations } from "@hawser/react"
 * import { createClient } from "hawser/client"
 *
 * const integrations = createIntegrations({ client: createClient({ baseUrl: "/api" }) })
 *
 * const useConnectedNames = () => {
 *   const { providers } = useIntegrations(integrations)
 *   return providers.flatMap((one) => (one.connections.length > 0 ? [one.displayName] : []))
 * }
 */
export const useIntegrations = (integrations: Integrations): State => {
  useEffect(integrations.start, [integrations])
  return useShown(integrations)
}

/**
 * Connecting: `connect`, `reconnect` and `disconnect`, the `task` that is under way and the `notice` of how the last one ended.
 *
 * Call them in the handler of a click if `mode` is `popup`: a browser opens no window at another time.
 *
 * @example
 * import { type Integrations, useConnect } from "@hawser/react"
 *
 * declare const integrations: Integrations
 *
 * const useGithub = () => {
 *   const { connect, task } = useConnect(integrations)
 *   return { isBusy: task !== undefined, connect: () => connect("github") }
 * }
 */
export const useConnect = (
  integrations: Integrations
): Integrations & Pick<State, "notice" | "task"> => ({ ...integrations, ...useShown(integrations) })
