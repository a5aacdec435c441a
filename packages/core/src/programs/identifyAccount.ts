import { Effect, Redacted } from "effect"
import type { FlowFailure } from "../domain/Errors.ts"
import type { FlowTerms } from "../domain/Flow.ts"
import type { Account, TenantFields } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { AccountIdentity } from "../domain/ProviderDefinition.ts"
import { shownText, storableText } from "../domain/vendorText.ts"
import type {
  AuthorizationServerClient,
  IssuedTokens,
  UsableToken
} from "../ports/AuthorizationServerClient.ts"
import { askForJson } from "./askForJson.ts"
import type { EndpointNotAllowed } from "./secretUrl.ts"
import { memberAt } from "./memberAt.ts"
import type { ProviderTraffic } from "./ProviderTraffic.ts"

/**
 * The account that the tokens belong to, told where the definition says (S-27). Fails with a word of the callback's where
 * the provider does not tell it: without it, another account could take the place of the one connected before.
 */
export const identifyAccount = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  { fields, tenantId }: FlowTerms,
  captured: TenantFields,
  tokens: IssuedTokens & UsableToken
): Effect.fn.Return<
  Account | undefined,
  Extract<FlowFailure, "provider_unavailable" | "invalid_response"> | EndpointNotAllowed,
  AuthorizationServerClient | ProviderTraffic
> {
  const { account } = provider.definition
  if (account === undefined) return undefined
  switch (account.from) {
    case "token_response":
      return yield* accountIn(account, Redacted.value(tokens.response))
    case "id_token":
      return yield* accountIn(account, Redacted.value(tokens.idTokenClaims))
    case "request": {
      const values = { ...fields, ...captured }
      return yield* accountIn(
        account,
        yield* askForJson(provider, tenantId, "account.url", account, values, tokens)
      )
    }
    case "capture": {
      const id = captured[account.name]
      if (id === undefined) return yield* Effect.fail("invalid_response" as const)
      return { id, label: undefined }
    }
  }
})

type ToldInBody = Exclude<AccountIdentity, { readonly from: "capture" }>

const accountIn = ({ id, label }: ToldInBody, body: unknown) => {
  const found = storableText(memberAt(body, id), 255)
  return found === undefined
    ? Effect.fail("invalid_response" as const)
    : Effect.succeed<Account>({
        id: found,
        label: label === undefined ? undefined : shownText(memberAt(body, label), 200)
      })
}
