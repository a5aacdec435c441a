import { endpointsOf } from "@hawser/core"
import { catalogueIds, factsOf } from "@hawser/testing/facts"
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { reporting } from "../report.ts"
import { addProvider } from "./addProvider.ts"
import { checkProviders } from "./checkProviders.ts"
import { definitionOfCatalogue, isCatalogueId, unknownProvider } from "../sample/simulated.ts"
import { table } from "../terminal.ts"

const all = () => catalogueIds.map((id) => definitionOfCatalogue(id))

const search = reporting(
  "search",
  "Find providers of the catalogue by id, name or category",
  {
    word: Argument.String("word").pipe(
      Argument.withDescription("Part of an id, a name, a category or a description. Default: all"),
      Argument.optional
    )
  },
  ({ word }) =>
    Effect.sync(() => {
      const sought = Option.getOrElse(word, () => "").toLowerCase()
      const found = all().filter(({ category, description, displayName, id }) =>
        [id, displayName, category, description].some((text) => text.toLowerCase().includes(sought))
      )
      const items = found.map(({ authType, category, displayName, id }) => ({
        id,
        displayName,
        category,
        authType
      }))
      return {
        json: { items },
        text:
          items.length === 0
            ? `The catalogue of ${catalogueIds.length} has none of that. npx hawser providers add begins one of your own.`
            : `${table(
                ["ID", "NAME", "CATEGORY", "BY"],
                items.map((one) => [
                  one.id,
                  one.displayName,
                  one.category,
                  one.authType === "oauth2" ? "OAuth2" : "API key"
                ])
              )}\n\n${items.length} of ${catalogueIds.length}.`,
        isFailure: items.length === 0
      }
    })
)

const show = reporting(
  "show",
  "Show a provider's definition, the endpoints that get secrets, and the pages it rests on",
  { id: Argument.String("id").pipe(Argument.withDescription("Its id, such as github")) },
  ({ id }) =>
    Effect.gen(function* () {
      if (!isCatalogueId(id)) return yield* unknownProvider(id)
      const definition = definitionOfCatalogue(id)
      const endpoints = endpointsOf(definition)
      const { sources } = factsOf(id)
      return {
        json: { definition, endpoints, sources },
        text: [
          `${definition.displayName} (${id}), ${definition.category}, by ${definition.authType === "oauth2" ? "OAuth2" : "API key"}.`,
          definition.description,
          ...("defaultScopes" in definition
            ? [`Scopes by default: ${definition.defaultScopes.join(" ") || "none"}`]
            : []),
          ...(definition.fields ?? []).map((field) => `Field ${field.name}: ${field.label}`),
          "Secrets go to:",
          ...Object.entries(endpoints).map(
            ([member, to]) => `  ${member}: ${[to].flat().join(", ")}`
          ),
          "From:",
          ...sources.map((page) => `  ${typeof page === "string" ? page : JSON.stringify(page)}`),
          `In your options: providers: [${definition.authType === "oauth2" ? "…({ clientId, clientSecret })" : "…()"}], from "hawser/providers".`
        ].join("\n")
      }
    })
)

export const providers = Command.make("providers").pipe(
  Command.withDescription("Look into the catalogue of providers, and define others"),
  Command.withSubcommands([search, show, addProvider, checkProviders])
)
