import type { ProviderConfig, ProviderIdOf } from "@hawser/core"
import { createHawser, type Hawser, type HawserOptions } from "./createHawser.ts"
import { laterOptionsRead } from "./optionsReader.ts"

type OptionsWith<Providers> = HawserOptions & { readonly providers: Providers }

/** Global, because a bundler may copy this module, and the host's, into several places of one process. */
const registry = Symbol.for("hawser.lazy")

type Running = Map<string, Promise<Hawser>>

const runningHere = (): Running => {
  const global = globalThis as { [registry]?: Running }
  return (global[registry] ??= new Map())
}

/**
 * Starts Hawser on the first call, once in each process. For frameworks whose build loads the server's modules, such as
 * Next.js: before the first call it reads no environment variable, opens no connection and runs no migration.
 *
 * `name` identifies the instance: a bundler may copy the calling module into several bundles, and all of them share the
 * first instance. Two different instances in one process need two names. `started` is the place for `on`; it runs before
 * anyone gets the new instance. If the start or `started` fails, the next call tries again, and after `close` the next call
 * starts a new instance.
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
 * const { tenant } = await hawser()
 * const { items } = await tenant("acme").connections()
 */
export const lazyHawser = <const Providers extends ReadonlyArray<ProviderConfig>>(
  name: string,
  options: () => OptionsWith<Providers> | Promise<OptionsWith<Providers>>,
  started: (hawser: Hawser<ProviderIdOf<Providers>>) => void | Promise<void> = () => undefined
): (() => Promise<Hawser<ProviderIdOf<Providers>>>) => {
  laterOptionsRead(options)
  const start = async (forget: () => void): Promise<Hawser<ProviderIdOf<Providers>>> => {
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
    // One name is one instance, so it has these providers.
    const found = running.get(name) as Promise<Hawser<ProviderIdOf<Providers>>> | undefined
    if (found !== undefined) return found
    const starting = start(() => {
      if (running.get(name) === starting) running.delete(name)
    })
    running.set(name, starting)
    starting.catch(() => running.delete(name))
    return starting
  }
}
