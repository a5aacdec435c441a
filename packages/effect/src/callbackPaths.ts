import { ConfigurationError, type ProviderConfig, type ProviderId } from "@hawser/core"
import { Effect } from "effect"

interface Place {
  readonly publicUrl: URL
  /** The path of the public URL, without a slash at its end. */
  readonly prefix: string
  /** The path that the process sees instead. */
  readonly basePath: string
}

/** In the form that a browser sends, so that exact comparison is enough. */
const plainPath = /^(?:\/[\w.~-]+)+$/

const contract = "/v1/integrations"

const isBelow = (path: string, base: string): boolean =>
  path === base || path.startsWith(`${base}/`)

/**
 * The callback paths that the host gave to providers, as browsers see them and as the process does. Fails with
 * `ConfigurationError` for one that is not a plain path, is a path of the contract, or belongs to another provider too.
 */
export const checkCallbackPaths = Effect.fnUntraced(function* (
  providers: ReadonlyArray<ProviderConfig>,
  { basePath, prefix, publicUrl }: Place
) {
  const ofProvider = new Map<string, string>()
  const toProvider = new Map<string, ProviderId>()
  for (const config of providers) {
    if (!("callbackPath" in config) || config.callbackPath === undefined) continue
    const { callbackPath: path, definition } = config
    const refuse = (problem: string) =>
      new ConfigurationError({
        setting: `providers[${String(definition.id)}].callbackPath`,
        problem
      })

    if (!plainPath.test(path) || new URL(path, publicUrl).pathname !== path)
      return yield* refuse("Set a path such as /auth/github/callback.")
    // A proxy that changes the prefix changes it for this path too.
    const seen = isBelow(path, prefix) ? `${basePath}${path.slice(prefix.length)}` : path
    if (isBelow(seen, `${basePath}${contract}`))
      return yield* refuse(
        `What is below ${prefix}${contract} is Hawser's own. Leave it out there.`
      )
    const other = toProvider.get(seen)
    if (other !== undefined)
      return yield* refuse(`${other} has this path. Each provider needs one of its own.`)
    ofProvider.set(definition.id, path)
    toProvider.set(seen, definition.id)
  }
  return { ofProvider, toProvider }
})
