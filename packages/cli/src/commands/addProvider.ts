import { checkProvider } from "@hawser/testing/catalogue"
import { Effect, Option } from "effect"
import { Argument, Flag, Prompt } from "effect/cli"
import { resolve } from "node:path"
import { exportName, clientVariables, definitionModule } from "../definition/definitionModule.ts"
import {
  clientAuthentications,
  isProviderId,
  type StandardProvider,
  standardProvider,
  titled
} from "../definition/standardProvider.ts"
import { type Change, write } from "../init/change.ts"
import { render } from "../init/moduleText.ts"
import { readApp, textOf } from "../init/readApp.ts"
import { Problem } from "../Problem.ts"
import { Json, reporting } from "../report.ts"
import { isCatalogueId } from "../sample/simulated.ts"
import { isTerminal } from "../terminal.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const flags = {
  id: Argument.String("id").pipe(
    Argument.withDescription("Its id: lower-case letters, digits and hyphens"),
    Argument.optional
  ),
  name: text("name", "Its name, as people know it"),
  auth: Flag.Literals("auth", ["oauth2", "api_key"]).pipe(
    Flag.withDescription("How tenants connect"),
    Flag.optional
  ),
  docs: text("docs", "The vendor's page about authentication"),
  authorizeUrl: text("authorize-url", "OAuth2: where the person is asked"),
  tokenUrl: text("token-url", "OAuth2: where the code is exchanged"),
  revokeUrl: text("revoke-url", "OAuth2: where tokens are revoked (RFC 7009). Default: none"),
  clientAuth: Flag.Literals("client-auth", clientAuthentications).pipe(
    Flag.withDescription("OAuth2: how your client authenticates. Default client_secret_basic"),
    Flag.withDefault("client_secret_basic" as const)
  ),
  scopes: text("scopes", "OAuth2: the scopes to ask for, with commas or spaces"),
  header: text("header", "API key: the header, as 'authorization: Bearer {api_key}', the default"),
  apiUrl: text("api-url", "Where the API is"),
  checkUrl: text("check-url", "A harmless GET that says whether a credential works"),
  accountId: text(
    "account-id",
    "OAuth2: the member of its answer that names the account, as user.id"
  ),
  accountLabel: text("account-label", "OAuth2: the member that people know the account by"),
  category: Flag.String("category").pipe(
    Flag.withDescription("One of the catalogue's. Default other"),
    Flag.withDefault("other")
  ),
  description: text("description", "What a tenant gets by connecting it"),
  folder: text("folder", "Where the files go. Default: providers, beside your sources")
}

/** What a flag says, or a person on a terminal. */
const answer = Effect.fnUntraced(function* (
  given: Option.Option<string>,
  {
    flag,
    proposed,
    question
  }: { readonly flag: string; readonly question: string; readonly proposed?: string }
) {
  if (Option.isSome(given)) return given.value
  if (isTerminal() && !(yield* Json)) {
    return yield* Prompt.String({
      message: question,
      ...(proposed !== undefined && { default: proposed })
    })
  }
  if (proposed !== undefined) return proposed
  return yield* new Problem({
    code: "answer_missing",
    problem: `${flag} is missing, and there is no terminal to ask on.`,
    next: `Give ${flag}: ${question.charAt(0).toLowerCase()}${question.slice(1)}. npx hawser providers add --help names all of them.`
  })
})

const optional = (given: Option.Option<string>): string | undefined =>
  Option.getOrUndefined(Option.filter(given, (one) => one !== ""))

const headerOf = (given: string) => {
  const [, name, value] = /^([A-Za-z0-9-]+)\s*:\s*(.+)$/.exec(given) ?? []
  return name === undefined || value === undefined || !value.includes("{api_key}")
    ? new Problem({
        code: "wrong_header",
        problem: "--header names no header that carries the key.",
        next: "Write it as 'X-Api-Key: {api_key}'."
      })
    : Effect.succeed({ name: name.toLowerCase(), value })
}

const created = (folder: string, changes: ReadonlyArray<Change>): Problem | undefined => {
  const existing = changes.find(({ file }) => textOf(folder, file) !== undefined)
  return existing === undefined
    ? undefined
    : new Problem({
        code: "file_in_the_way",
        problem: `${existing.file} is there already. Nothing was written.`,
        next: "Change that file, and check it with npx hawser providers check, or give another id."
      })
}

const refused = (id: string, problems: ReadonlyArray<string>): Problem =>
  new Problem({
    code: "definition_refused",
    problem: `The definition of ${id} does not work: ${problems.join(" ")} Nothing was written.`,
    next: "Compare what you gave with the vendor's page, and run the command again."
  })

export const addProvider = reporting(
  "add",
  "Begin the definition of a provider of your own, and check it by simulation",
  flags,
  (given) =>
    Effect.gen(function* () {
      const folder = resolve(".")
      const { sources, style } = yield* readApp(folder, undefined)
      const id = yield* answer(given.id, { flag: "id", question: "Its id, such as acme-desk" })
      if (!isProviderId(id) || isCatalogueId(id)) {
        return yield* new Problem({
          code: "wrong_id",
          problem: isCatalogueId(id)
            ? `The catalogue has ${id}: it is in hawser/providers.`
            : `${id} is not a provider id.`,
          next: isCatalogueId(id)
            ? `npx hawser providers show ${id} shows it. A definition beside it has another id.`
            : "Use lower-case letters, digits and hyphens, as in acme-desk."
        })
      }
      const auth = Option.isSome(given.auth)
        ? given.auth.value
        : isTerminal() && !(yield* Json)
          ? yield* Prompt.Select({
              message: "How do tenants connect?",
              choices: [
                { title: "OAuth2", value: "oauth2" as const },
                { title: "an API key", value: "api_key" as const }
              ]
            })
          : ("oauth2" as const)
      const common = {
        id,
        displayName: yield* answer(given.name, {
          flag: "--name",
          question: "Its name, as people know it",
          proposed: titled(id)
        }),
        category: given.category,
        docsUrl: yield* answer(given.docs, {
          flag: "--docs",
          question: "The vendor's page about authentication"
        })
      }
      const described = {
        ...common,
        description: Option.getOrElse(given.description, () => `Connects ${common.displayName}.`),
        apiUrl: optional(given.apiUrl),
        checkUrl: optional(given.checkUrl)
      }
      const accountId = optional(given.accountId)
      if (accountId !== undefined && described.checkUrl === undefined) {
        return yield* new Problem({
          code: "answer_missing",
          problem:
            "--account-id says where the account stands in an answer, and no request is named.",
          next: "Give --check-url too."
        })
      }
      const standard: StandardProvider =
        auth === "oauth2"
          ? {
              ...described,
              auth,
              authorizationUrl: yield* answer(given.authorizeUrl, {
                flag: "--authorize-url",
                question: "The URL at which the person is asked"
              }),
              tokenUrl: yield* answer(given.tokenUrl, {
                flag: "--token-url",
                question: "The URL at which the code is exchanged"
              }),
              revocationUrl: optional(given.revokeUrl),
              clientAuthentication: given.clientAuth,
              scopes: (yield* answer(given.scopes, {
                flag: "--scopes",
                question: "The scopes to ask for, with commas"
              }))
                .split(/[\s,]+/)
                .filter((scope) => scope !== ""),
              account:
                accountId === undefined
                  ? undefined
                  : { id: accountId, label: optional(given.accountLabel) }
            }
          : {
              ...described,
              auth,
              header: yield* headerOf(
                yield* answer(given.header, {
                  flag: "--header",
                  question: "The header that carries the key",
                  proposed: "authorization: Bearer {api_key}"
                })
              )
            }

      const { definition, facts } = standardProvider(standard)
      const base = `${Option.getOrElse(given.folder, () => `${sources}providers`)}/${id}`
      const file = `${base}${style.extension}`
      const problems = yield* Effect.promise(() =>
        checkProvider({ definition, facts, source: file })
      )
      if (problems.length > 0) return yield* refused(id, problems)
      const changes: ReadonlyArray<Change> = [
        {
          kind: "create",
          file,
          text: render(definitionModule(id, definition), style, { marked: false })
        },
        {
          kind: "create",
          file: `${base}.facts.json`,
          text: `${JSON.stringify(facts, null, 2)}\n`
        }
      ]
      const wrong =
        created(folder, changes) ?? changes.map((one) => write(folder, one)).find((one) => one)
      if (wrong !== undefined) return yield* wrong
      const { clientId, clientSecret } = clientVariables(id)
      const steps = [
        `Read the vendor's page, and write what it does otherwise into both files: docs/define-a-provider.md says how. Check them with npx hawser providers check ${file}`,
        `Import ${exportName(id)} from ${file} where your options are, and add it to providers.`,
        ...(auth === "oauth2"
          ? [
              `Register PUBLIC_URL/v1/integrations/${id}/callback at ${common.displayName}, with the address of your app in place of PUBLIC_URL, and set ${given.clientAuth === "none" ? clientId : `${clientId} and ${clientSecret}`}.`
            ]
          : [])
      ]
      return {
        json: { id, definition, files: changes.map((one) => one.file), steps },
        text: [
          ...changes.map((one) => `written  ${one.file}`),
          `A simulated ${common.displayName} that does as the standards say has connected it.`,
          "",
          "Next:",
          ...steps.map((step, at) => `  ${at + 1}. ${step}`)
        ].join("\n")
      }
    })
)
