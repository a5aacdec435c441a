import type { OAuth2Definition, SharedClientConfig } from "@hawser/core"
import { simulatorAt } from "@hawser/testing/simulator"
import { Effect, Option } from "effect"
import type { HawserOptions, ProviderConfig } from "hawser"
import { Config, findHostFile, loadEnvironment, loadHost } from "../host/loadHost.ts"
import { keepSecretsOf } from "../host/secrets.ts"
import { clientOf } from "../init/chosenProvider.ts"
import { Problem } from "../Problem.ts"
import {
  configOfCatalogue,
  definitionOfCatalogue,
  isCatalogueId,
  unknownProvider
} from "../sample/simulated.ts"

/** A provider with the client that is registered at its vendor. */
export interface VerifiedProvider {
  readonly config: SharedClientConfig
  readonly definition: OAuth2Definition
  /** What the host has settled besides, if it was asked. */
  readonly host: Pick<HawserOptions, "authKinds" | "egress" | "unsafelyAllowLoopback">
}

const byKey = (id: string): Problem =>
  new Problem({
    code: "no_flow",
    problem: `${id} is connected by an API key, which has no consent, no refresh and nothing to revoke.`,
    next: "Connect it in your app: its key is checked there, before it is stored."
  })

const missing = (id: string, variables: ReadonlyArray<string>): Problem =>
  new Problem({
    code: "client_missing",
    problem: `The client that is registered at ${id} is missing: ${variables.join(", ")}.`,
    next: "Set these in .env, or in the file that --env-file names, or run the command where your options are."
  })

const ofCatalogue = (id: string): Effect.Effect<ProviderConfig, Problem> => {
  if (!isCatalogueId(id)) return Effect.fail(unknownProvider(id))
  const definition = definitionOfCatalogue(id)
  if (definition.authType === "api_key") return Effect.fail(byKey(id))
  const { client, settings } = clientOf(definition)
  const unset = [...client, ...settings]
    .map(([, variable]) => variable)
    .filter((variable) => (process.env[variable] ?? "") === "")
  if (unset.length > 0) return Effect.fail(missing(id, unset))
  const valuesOf = (pairs: ReadonlyArray<readonly [string, string]>) =>
    Object.fromEntries(pairs.map(([name, variable]) => [name, process.env[variable] ?? ""]))
  return Effect.succeed(
    configOfCatalogue(id, {
      clientId: "",
      clientSecret: "",
      ...valuesOf(client),
      settings: valuesOf(settings)
    })
  )
}

/** Where the command runs in an app, its own registration counts: the client, the scopes, its own definitions. */
const ofHost = Effect.fnUntraced(function* (id: string) {
  const isApp = Option.isSome(yield* Config) || findHostFile("") !== undefined
  if (!isApp) return undefined
  const { options } = yield* loadHost
  const config = options.providers.find(({ definition }) => definition.id === id)
  return config === undefined ? undefined : { config, options }
})

/** The provider as the host has it, or as the catalogue and the variables do. */
export const verifiedProvider = (id: string) =>
  Effect.gen(function* () {
    const found = yield* ofHost(id)
    yield* loadEnvironment
    const config = found?.config ?? (yield* ofCatalogue(id))
    if (config.definition.authType === "api_key") return yield* byKey(id)
    if ("clientOf" in config && config.clientOf !== undefined) {
      return yield* new Problem({
        code: "client_missing",
        problem: `The clients of ${id} are those of your tenants, so there is none to verify it with.`,
        next: `Run the command elsewhere, with the variables of one client: ${clientOf(
          config.definition
        )
          .client.map(([, variable]) => variable)
          .join(", ")}.`
      })
    }
    const shared = config as SharedClientConfig
    keepSecretsOf(shared)
    const { authKinds, egress, unsafelyAllowLoopback } = found?.options ?? {}
    const verified: VerifiedProvider = {
      config: shared,
      definition: shared.definition,
      host: {
        ...(authKinds !== undefined && { authKinds }),
        ...(egress !== undefined && { egress }),
        ...(unsafelyAllowLoopback !== undefined && { unsafelyAllowLoopback })
      }
    }
    return verified
  })

/** The same with a simulator in the vendor's place. */
export const atSimulator = (
  { config }: VerifiedProvider,
  address: string,
  publicUrl: string
): Effect.Effect<SharedClientConfig, Problem> =>
  Effect.tryPromise({
    try: () => simulatorAt(address).simulate(config, { publicUrl }),
    catch: (error) =>
      new Problem({
        code: "simulator_unreachable",
        problem: `The simulator at ${address} does not play ${config.definition.id}: ${error instanceof Error ? error.message : String(error)}`,
        next: `Start it with npx hawser-simulator --port=4300 ${config.definition.id}, and give --simulator http://127.0.0.1:4300.`
      })
  })
