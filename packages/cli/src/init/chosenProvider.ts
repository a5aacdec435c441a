import {
  decodeProviderDefinition,
  type OAuth2Definition,
  type ProviderDefinition
} from "@hawser/core"
import { Effect } from "effect"
import { Problem } from "../Problem.ts"
import {
  definitionOfCatalogue,
  helperName,
  isCatalogueId,
  unknownProvider
} from "../sample/simulated.ts"

/** A provider of the catalogue as a host's options name it. */
export interface ChosenProvider {
  readonly definition: ProviderDefinition
  readonly helper: string
  /** Its entry of `providers`. */
  readonly text: string
  /** The variables that it reads. */
  readonly variables: ReadonlyArray<string>
}

const prefixOf = (id: string): string => id.replaceAll("-", "_").toUpperCase()

const read = (variable: string): string => `process.env["${variable}"]`

const byHand = (id: string, why: string) =>
  new Problem({
    code: "provider_by_hand",
    problem: `${id} needs more than init can write: ${why}`,
    next: "Leave it out here, and add it to the options by hand: docs/tenant-clients.md and docs/define-a-provider.md show how."
  })

/** The variables that hold a client of the host's, by the members of the options that they are for. */
export const clientOf = ({ authKind, clientAuthentication, id, settings }: OAuth2Definition) => {
  const prefix = prefixOf(id)
  return {
    client: [
      ["clientId", `${prefix}_CLIENT_ID`] as const,
      ...(clientAuthentication === "none"
        ? []
        : [["clientSecret", `${prefix}_CLIENT_SECRET`] as const]),
      ...(authKind === "github_app" ? [["appPrivateKey", `${prefix}_PRIVATE_KEY`] as const] : [])
    ],
    settings: (settings ?? []).map(({ name }) => [name, `${prefix}_${name.toUpperCase()}`] as const)
  }
}

const oauth2 = (definition: OAuth2Definition) => {
  const { client, settings } = clientOf(definition)
  const lines = [
    ...client.map(([member, variable]) => `${member}: ${read(variable)}`),
    ...(settings.length === 0
      ? []
      : [
          `settings: { ${settings.map(([name, variable]) => `${name}: ${read(variable)} ?? ""`).join(", ")} }`
        ])
  ]
  return { lines, variables: [...client, ...settings].map(([, variable]) => variable) }
}

/** Finds a provider in the catalogue, and writes its entry of the options. */
export const chosenProvider = (id: string): Effect.Effect<ChosenProvider, Problem> =>
  Effect.gen(function* () {
    if (!isCatalogueId(id)) return yield* unknownProvider(id)
    const definition = definitionOfCatalogue(id)
    const helper = helperName(id)
    if (definition.authType === "api_key") {
      const isOpen = definition.fields?.some(({ format }) => format === "host") ?? false
      return {
        definition,
        helper,
        // A tenant's own host: an installation of the vendor's product.
        text: `${helper}(${isOpen ? "{ allowTenantHosts: true }" : ""})`,
        variables: []
      }
    }
    yield* decodeProviderDefinition(definition, id, { sharedClient: true }).pipe(
      Effect.catch(({ message }) => byHand(id, message))
    )
    if (definition.clientAuthentication === "private_key_jwt")
      return yield* byHand(id, "a key that signs assertions.")
    const { lines, variables } = oauth2(definition)
    return {
      definition,
      helper,
      text: `${helper}({\n      ${lines.join(",\n      ")}\n    })`,
      variables
    }
  })
