import { Duration, Effect, Redacted, Schema } from "effect"
import { type GrantId, type IntegrationId, type WaitingFlow, Secret } from "../model/index.ts"
import type { IssuedTokens } from "../protocol/index.ts"
import { Cipher, OAuthStateStore } from "../services/index.ts"
import type { UnkeptTokens } from "../token/index.ts"
import { freshSecret, hashSecret, parkedContext, userHash } from "../vault/index.ts"
import type { AccountChoice } from "./identifyAccount.ts"

/** How long tokens wait for the choice of an account, however often the list is asked for. */
export const choiceLifetime = Duration.minutes(10)

/** The tokens of a consent that covers several accounts, and all that is known of it. */
export interface WaitingTokens {
  /** What they are revoked or connected as: it stays the same, so that nothing is done to them twice. */
  readonly id: GrantId
  readonly integrationId: IntegrationId
  readonly clientFingerprint: string
  readonly tokens: Omit<IssuedTokens, "idTokenClaims" | "response">
  readonly dpopKey: Secret | undefined
  /** The flow's fields, with the region that the callback named. */
  readonly fields: Readonly<Record<string, string>>
  readonly grantSubject: string | undefined
  readonly choices: ReadonlyArray<AccountChoice>
}

const Text = Schema.String
const Texts = Schema.Record(Text, Text)

const WaitingJson = Schema.fromJsonString(
  Schema.Struct({
    id: Text,
    integrationId: Text,
    clientFingerprint: Text,
    accessToken: Text,
    refreshToken: Schema.optionalKey(Text),
    tokenType: Text,
    expiresIn: Schema.optionalKey(Schema.Finite),
    refreshExpiresIn: Schema.optionalKey(Schema.Finite),
    scopes: Schema.Array(Text),
    dpopKey: Schema.optionalKey(Text),
    fields: Texts,
    grantSubject: Schema.optionalKey(Text),
    choices: Schema.Array(
      Schema.Struct({
        id: Text,
        label: Schema.optionalKey(Text),
        issuer: Schema.optionalKey(Text),
        captured: Texts
      })
    )
  })
)
const encode = Schema.encodeSync(WaitingJson)
const decode = Schema.decodeSync(WaitingJson)

/** Without the members that are not known. */
const known = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    readonly [Name in keyof Value]: Exclude<Value[Name], undefined>
  }

/** Parks the tokens of a flow under a new flow id, and returns the id. All that waits is sealed as one value. */
export const keepForChoice = Effect.fnUntraced(function* (
  flow: Parameters<OAuthStateStore["Service"]["park"]>[0],
  { choices, dpopKey, tokens, ...waiting }: WaitingTokens,
  lifetime: Duration.Duration
) {
  const flows = yield* OAuthStateStore
  const cipher = yield* Cipher
  const flowId = yield* freshSecret
  const place = { as: "choosing", flowIdHash: yield* hashSecret(flowId) } as const
  const { accessToken, refreshToken, ...told } = tokens
  const json = encode({
    ...known({
      ...waiting,
      ...told,
      refreshToken: refreshToken && Redacted.value(refreshToken),
      dpopKey: dpopKey && Redacted.value(dpopKey)
    }),
    accessToken: Redacted.value(accessToken),
    choices: choices.map(({ account, captured }) => ({ ...known(account), captured }))
  })
  yield* flows.park(flow, {
    ...place,
    sealedResponse: yield* cipher.seal(Secret(json), parkedContext(flow, place)),
    lifetime,
    userHash: yield* userHash(flow.tenantId, flow.userId)
  })
  return flowId
})

/** Opens what waits of a flow. The lifetimes are what is left of them by the store's clock. */
export const openWaiting = Effect.fnUntraced(function* (flow: WaitingFlow) {
  const cipher = yield* Cipher
  const opened = yield* cipher.open(flow.sealedResponse, parkedContext(flow, flow))
  // Decoding cannot fail: only we can produce a value that decrypts.
  const { choices, ...read } = decode(Redacted.value(opened))
  const waited = Duration.toSeconds(Duration.subtract(choiceLifetime, flow.remaining))
  const left = (seconds: number | undefined) =>
    seconds === undefined ? undefined : Math.max(0, Math.floor(seconds - waited))
  return {
    id: read.id as GrantId,
    integrationId: read.integrationId as IntegrationId,
    clientFingerprint: read.clientFingerprint,
    tokens: {
      accessToken: Secret(read.accessToken),
      refreshToken: read.refreshToken === undefined ? undefined : Secret(read.refreshToken),
      tokenType: read.tokenType,
      expiresIn: left(read.expiresIn),
      refreshExpiresIn: left(read.refreshExpiresIn),
      scopes: read.scopes
    },
    dpopKey: read.dpopKey === undefined ? undefined : Secret(read.dpopKey),
    fields: read.fields,
    grantSubject: read.grantSubject,
    choices: choices.map(({ captured, id, issuer, label }) => ({
      account: { id, label, issuer },
      captured
    }))
  } satisfies WaitingTokens
})

/** The same tokens on their way to be revoked: they may belong to each of the accounts. */
export const unchosen = (
  { name, owner, provider, tenantId }: WaitingFlow,
  { choices, clientFingerprint, fields, grantSubject, id, integrationId, tokens }: WaitingTokens
): UnkeptTokens & { readonly id: GrantId } => ({
  tenantId,
  owner,
  provider,
  name,
  id,
  integrationId,
  clientFingerprint,
  fields,
  accessToken: tokens.accessToken,
  refreshToken: tokens.refreshToken,
  grantSubject,
  accounts: choices.map(({ account }) => account)
})
