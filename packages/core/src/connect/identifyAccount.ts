import { Effect, Redacted } from "effect"
import {
  type Account,
  type FlowFailure,
  type FlowTerms,
  shownText,
  storableText,
  type TenantFields,
  type TenantId
} from "../model/index.ts"
import type {
  AuthorizationServerClient,
  IssuedTokens,
  ProviderTraffic,
  UsableToken
} from "../protocol/index.ts"
import type { AccountIdentity, EndpointNotAllowed, OAuth2Provider } from "../provider/index.ts"
import { accountAt, severalAccounts } from "./accountAt.ts"
import { askForJson } from "./askForJson.ts"

/**
 * The account that the tokens belong to, from the place that the definition names. Fails with a `FlowFailure` if the
 * provider does not name it: another account could then replace the connected one.
 */
export const identifyAccount = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  { fields, tenantId }: FlowTerms,
  captured: TenantFields,
  tokens: IssuedTokens & UsableToken
): Effect.fn.Return<
  Account | undefined,
  | Extract<FlowFailure, "account_not_permitted" | "provider_unavailable" | "invalid_response">
  | EndpointNotAllowed,
  AuthorizationServerClient | ProviderTraffic
> {
  const { account } = provider.definition
  if (account === undefined) return undefined
  const at = (identity: IdentityInBody, body: unknown) =>
    accountIn(provider, tenantId, identity, body, Redacted.value(tokens.accessToken))
  switch (account.from) {
    case "token_response":
      return yield* at(account, Redacted.value(tokens.response))
    case "id_token":
      return yield* at(account, Redacted.value(tokens.idTokenClaims))
    case "request": {
      const values = { ...fields, ...captured }
      return yield* at(
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

type IdentityInBody = Exclude<AccountIdentity, { readonly from: "capture" }>

const accountIn = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  tenantId: TenantId,
  { id, label }: IdentityInBody,
  body: unknown,
  accessToken: string
) {
  const found = accountAt(body, id, accessToken)
  if (found._tag === "Several") return yield* severalAccounts(provider, tenantId, found.count)
  const text = storableText(found.value, 255)
  if (text === undefined) return yield* Effect.fail("invalid_response" as const)
  const named = label === undefined ? undefined : accountAt(body, label, accessToken)
  const account: Account = {
    id: text,
    label: named?._tag === "Value" ? shownText(named.value, 200) : undefined
  }
  return account
})
