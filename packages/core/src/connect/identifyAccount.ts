import { Effect, Redacted } from "effect"
import {
  type Account,
  type FlowFailure,
  type FlowTerms,
  isSameAccount,
  shownText,
  type StorageUnavailable,
  storableText,
  type TenantFields
} from "../model/index.ts"
import type {
  AuthorizationResponse,
  AuthorizationServerClient,
  IssuedTokens,
  ProviderTraffic,
  UsableToken
} from "../protocol/index.ts"
import {
  type AccountPath,
  accountIssuer,
  capturedFrom,
  capturesOf,
  choiceList,
  type EndpointNotAllowed,
  grantSubject,
  type OAuth2Provider,
  valueAtPath,
  type VendorAnswers
} from "../provider/index.ts"
import type { ConnectionStore } from "../services/index.ts"
import { accountAt, decodeJwtClaims, meantIn, type UsedElement } from "./accountAt.ts"
import { askForJson } from "./askForJson.ts"

/** What a connection keeps of the vendor's answers until it ends. */
export interface Identified {
  /** The captured values, by name. */
  readonly captured: TenantFields
  readonly account: Account | undefined
}

export type Identification = (
  | ({ readonly _tag: "Identified" } & Identified)
  /** The consent covers several accounts, and the vendor does not say which one was meant. */
  | { readonly _tag: "Several"; readonly choices: ReadonlyArray<AccountChoice> }
) & { readonly grantSubject: string | undefined }

/** One of several accounts, with what is kept if it is chosen. */
export interface AccountChoice extends Identified {
  readonly account: Account
}

/** A person may belong to hundreds of organisations, and a page shows no list of thousands. */
const mostChoices = 200

type Services = AuthorizationServerClient | ProviderTraffic
type Failure =
  | Extract<
      FlowFailure,
      "account_mismatch" | "account_not_permitted" | "invalid_response" | "provider_unavailable"
    >
  | EndpointNotAllowed

/**
 * The captured values, the account and whose consent it is, from the places that the definition names. Of several accounts
 * it is the one that was connected before, or else the one that the vendor means. Fails with a `FlowFailure` if the answers
 * do not fit the definition: another account could then replace the connected one.
 */
export const identifyAccount = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  response: AuthorizationResponse,
  tokens: IssuedTokens & UsableToken,
  /** Reads the account that was connected before, if it is remembered. Asked only if there are several. */
  connected: Effect.Effect<Account | undefined, StorageUnavailable, ConnectionStore>
): Effect.fn.Return<Identification, Failure | StorageUnavailable, ConnectionStore | Services> {
  const { definition } = provider
  const answers = yield* askVendor(provider, flow, response, tokens)
  const told = (identified: Identified): Identification => ({
    _tag: "Identified",
    ...identified,
    grantSubject: grantSubject(definition, flow.fields, identified.account, answers)
  })

  const choice = choiceList(definition)
  const list = choice && valueAtPath(answers.discovery, choice.path)
  if (choice === undefined || !Array.isArray(list) || list.length < 2)
    return told(yield* identifiedBy(provider, flow, answers))

  const inList = Effect.fnUntraced(function* (element: unknown) {
    const { account, captured } = yield* identifiedBy(provider, flow, answers, { list, element })
    return account && { account, captured, element }
  })
  const usable = (yield* Effect.forEach(list, (element) =>
    Effect.catchIf(
      inList(element),
      (error) => error === "invalid_response",
      () => Effect.succeed(undefined)
    )
  )).filter((one) => one !== undefined)
  const before = yield* connected
  const known = before && usable.find(({ account }) => isSameAccount(account, before))
  if (known !== undefined) return told(known)
  const meant = meantIn(list, choice.step, Redacted.value(answers.tokens.accessToken))
  if (meant.length === 1)
    return told(yield* identifiedBy(provider, flow, answers, { list, element: meant[0] }))
  if (before !== undefined) return yield* Effect.fail("account_mismatch" as const)

  const considered = usable.filter(({ element }) => meant.length === 0 || meant.includes(element))
  // Vendors list an account once for each of its products.
  const different = new Map(considered.toReversed().map((one) => [one.account.id, one]))
  const choices = considered.filter((one) => different.get(one.account.id) === one)
  const [first] = choices
  if (first === undefined) return yield* Effect.fail("invalid_response" as const)
  if (choices.length === 1 && considered.length === (meant.length || list.length))
    return told(first)
  if (choices.length > mostChoices)
    yield* Effect.logWarning(
      `This consent covers more accounts than can be offered: the first ${mostChoices} are.`,
      { provider: provider.id, tenantId: flow.tenantId, accounts: choices.length }
    )
  return {
    _tag: "Several",
    choices: choices.slice(0, mostChoices).map(({ account, captured }) => ({ account, captured })),
    grantSubject: grantSubject(definition, flow.fields, undefined, answers)
  }
})

/** What the vendor has answered in one flow, and the values that were captured from it so far. */
interface Answers extends VendorAnswers {
  readonly captured: TenantFields
  readonly tokens: UsableToken
}

const askVendor = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  { captured: fromCallback }: AuthorizationResponse,
  tokens: IssuedTokens & UsableToken
) {
  const { discovery } = provider.definition
  const answers: Answers = {
    access_token: decodeJwtClaims(Redacted.value(tokens.accessToken)),
    id_token: Redacted.value(tokens.idTokenClaims),
    token_response: Redacted.value(tokens.response),
    discovery: undefined,
    captured: fromCallback,
    tokens
  }
  const issued = yield* capture(provider, flow, "token_response", answers)
  const captured = { ...fromCallback, ...issued }
  if (discovery === undefined) return { ...answers, captured }
  const known = { ...flow.fields, ...captured }
  return {
    ...answers,
    captured,
    discovery: yield* askForJson(provider, flow.tenantId, "discovery.url", discovery, known, tokens)
  }
})

/** What the answers tell. Of the list that an account is chosen from it is one element. */
const identifiedBy = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  answers: Answers,
  used?: UsedElement
): Effect.fn.Return<Identified, Failure, Services> {
  const { account } = provider.definition
  const found =
    provider.definition.discovery && (yield* capture(provider, flow, "request", answers, used))
  const captured = { ...answers.captured, ...found }
  const issuer = accountIssuer(provider.definition, flow.fields)
  const at = Effect.fnUntraced(function* (
    body: unknown,
    { id, label }: { readonly id: AccountPath; readonly label?: AccountPath }
  ) {
    const text = storableText(yield* valueAt(provider, flow, answers, body, id, used), 255)
    if (text === undefined) return yield* Effect.fail("invalid_response" as const)
    const named = label && accountAt(body, label, Redacted.value(answers.tokens.accessToken), used)
    return {
      id: text,
      label: named?._tag === "Value" ? shownText(named.value, 200) : undefined,
      issuer
    }
  })
  switch (account?.from) {
    case undefined:
      return { captured, account: undefined }
    case "token_response":
      return { captured, account: yield* at(answers.token_response, account) }
    case "id_token":
      return { captured, account: yield* at(answers.id_token, account) }
    case "discovery":
      return { captured, account: yield* at(answers.discovery, account) }
    case "request": {
      const values = { ...flow.fields, ...captured }
      const { tokens } = answers
      const body = yield* askForJson(
        provider,
        flow.tenantId,
        "account.url",
        account,
        values,
        tokens
      )
      return { captured, account: yield* at(body, account) }
    }
    case "capture": {
      const id = captured[account.name]
      if (id === undefined) return yield* Effect.fail("invalid_response" as const)
      return { captured, account: { id, label: undefined, issuer } }
    }
  }
})

/** The captured values of one answer. One that the definition does not allow refuses the connection. */
const capture = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  flow: FlowTerms,
  from: "request" | "token_response",
  answers: Answers,
  used?: UsedElement
) {
  const { definition } = provider
  const body = from === "request" ? answers.discovery : answers.token_response
  const values = new Map<AccountPath, unknown>()
  for (const one of Object.values(capturesOf(definition)))
    if (one.from === from)
      values.set(one.path, yield* valueAt(provider, flow, answers, body, one.path, used))
  const at = (path: AccountPath) => values.get(path)
  const captured = capturedFrom(
    definition,
    flow.fields,
    from === "request" ? { request: at } : { token_response: at }
  )
  return captured ?? (yield* Effect.fail("invalid_response" as const))
})

/** Refuses a list of several accounts that nobody chooses from, and logs it. */
const valueAt = Effect.fnUntraced(function* (
  { id }: OAuth2Provider,
  { tenantId }: FlowTerms,
  { tokens }: Answers,
  body: unknown,
  path: AccountPath,
  used?: UsedElement
) {
  const found = accountAt(body, path, Redacted.value(tokens.accessToken), used)
  if (found._tag === "Value") return found.value
  yield* Effect.logWarning(
    "This consent covers several accounts, and the vendor does not say which one to use. Nothing was connected: consent with access to only one of them.",
    { provider: id, tenantId, accounts: found.count }
  )
  return yield* Effect.fail("account_not_permitted" as const)
})
