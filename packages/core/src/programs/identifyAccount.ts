import { Effect, Option, Redacted } from "effect"
import type { FlowFailure } from "../domain/Errors.ts"
import type { FlowTerms } from "../domain/Flow.ts"
import type { Account } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { AccountIdentity, OAuth2Definition } from "../domain/ProviderDefinition.ts"
import {
  AuthorizationServerClient,
  type IssuedTokens,
  type UsableToken
} from "../ports/AuthorizationServerClient.ts"
import { memberAt } from "./memberAt.ts"

/**
 * The account that the tokens belong to, told where the definition says (S-27). Fails with a word of the callback's where
 * the provider does not tell it: without it, another account could take the place of the one connected before.
 */
export const identifyAccount = Effect.fnUntraced(function* (
  { definition }: OAuth2Provider,
  flow: FlowTerms,
  tokens: IssuedTokens & UsableToken
): Effect.fn.Return<
  Account | undefined,
  Extract<FlowFailure, "provider_unavailable" | "invalid_response">,
  AuthorizationServerClient
> {
  const { account } = definition
  if (account === undefined) return undefined
  switch (account.from) {
    case "token_response":
      return yield* accountIn(account, Redacted.value(tokens.response))
    case "id_token":
      return yield* accountIn(account, Redacted.value(tokens.idTokenClaims))
    case "request":
      return yield* accountIn(account, yield* ask(definition, flow, tokens))
  }
})

const ask = Effect.fnUntraced(function* (
  definition: OAuth2Definition,
  { server }: FlowTerms,
  token: UsableToken
) {
  // Begun under a definition that asked nowhere: the tokens are not for the place that is asked now.
  if (server.accountEndpoint === undefined) return yield* Effect.fail("invalid_response" as const)
  const authorizationServer = yield* AuthorizationServerClient
  const answer = yield* Effect.option(
    authorizationServer.get(definition, new URL(server.accountEndpoint), token)
  )
  if (Option.isNone(answer) || answer.value.status >= 500 || answer.value.status === 429)
    return yield* Effect.fail("provider_unavailable" as const)
  const response = answer.value
  // What an error calls itself by is no account.
  if (!response.ok) return yield* Effect.fail("invalid_response" as const)
  return yield* Effect.tryPromise({
    try: (): Promise<unknown> => response.json(),
    catch: () => "invalid_response" as const
  })
})

const accountIn = ({ id, label }: AccountIdentity, body: unknown) => {
  const found = textOf(memberAt(body, id))
  return found === undefined
    ? Effect.fail("invalid_response" as const)
    : Effect.succeed<Account>({
        id: found,
        label: label === undefined ? undefined : textOf(memberAt(body, label))?.slice(0, 200)
      })
}

/**
 * Text that can be stored: providers count accounts by numbers as well. One that JavaScript has rounded is none, because
 * its neighbours look the same.
 */
const textOf = (value: unknown): string | undefined => {
  const text = Number.isSafeInteger(value) ? String(value) : value
  return typeof text === "string" &&
    text !== "" &&
    text.length <= 255 &&
    text.isWellFormed() &&
    !text.includes("\0")
    ? text
    : undefined
}
