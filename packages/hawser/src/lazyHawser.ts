import { createHawser, type Hawser } from "./createHawser.ts"
import type { HawserOptions } from "./HawserOptions.ts"

/** Global, because a bundler may copy this module, and the host's own, into several places of one process. */
const registry = Symbol.for("hawser.lazy")

type Running = Map<string, Promise<Hawser>>

const runningHere = (): Running => {
  const global = globalThis as { [registry]?: Running }
  return (global[registry] ??= new Map())
}

/**
 * A Hawser that is started when it is first asked for, once in each process. For frameworks whose build loads the modules of
 * the server, such as Next.js: until then nothing is read from the environment, no connection is opened and no migration runs.
 *
 * `name` says which one it is: a bundler may copy the module that calls this into several bundles, and all of them share the
 * one that was started first. A process with two different ones gives each a name of its own. `started` is the place for
 * `on`; it is called before anybody gets the new Hawser. A start that failed, or whose `started` did, is tried again by the
 * next call, and after `close` the next call starts anew.
 *
 * The function rejects as `createHawser` does.
 *
 * @example
 * import { datadog, jwt, lazyHawser, postgres } from "hawser"
 *
 * export const hawser = lazyHawser("app", () => ({
 *   publicUrl: process.env["PUBLIC_URL"],
 *   allowedRedirectUrls: ["https://app.example.com/integrations"],
 *   authenticate: jwt({
 *     issuer: "https://login.example.com/",
 *     audience: "https://app.example.com",
 *     jwksUrl: "https://login.example.com/.well-known/jwks.json"
 *   }),
 *   providers: [datadog()],
 *   store: postgres({ url: process.env["DATABASE_URL"] }),
 *   encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
 * }))
 *
 * const { list } = await hawser()
 * const connections = await list({ tenantId: "acme" })
 */
export const lazyHawser = (
  name: string,
  options: () => HawserOptions | Promise<HawserOptions>,
  started: (hawser: Hawser) => void | Promise<void> = () => undefined
): (() => Promise<Hawser>) => {
  const start = async (forget: () => void): Promise<Hawser> => {
    const hawser = await createHawser(await options())
    try {
      await started(hawser)
    } catch (error) {
      await hawser.close()
      throw error
    }
    return { ...hawser, close: (options) => hawser.close(options).finally(forget) }
  }
  return () => {
    const running = runningHere()
    const found = running.get(name)
    if (found !== undefined) return found
    const starting = start(() => {
      if (running.get(name) === starting) running.delete(name)
    })
    running.set(name, starting)
    starting.catch(() => running.delete(name))
    return starting
  }
}
