import { DateTime, Schema } from "effect"
import {
  type Account,
  AccountAlreadyConnected,
  AccountHeld,
  AccountMismatch,
  AlreadyConnected,
  CredentialNotFound,
  EndReason,
  type Forbidden,
  GrantNotKept,
  type Integration,
  type IntegrationKey,
  IntegrationNotFound,
  IntegrationReplaced,
  isSameAccount,
  Misconfigured,
  NotConnected,
  ReconnectRequired,
  type StoredGrant,
  mostConnections,
  type TenantFields,
  tenantsOwn,
  TooManyConnections
} from "../model/index.ts"
import type {
  AccountHolder,
  ConnectIntegration,
  DisconnectIntegration,
  ImportConnection,
  IntegrationPage,
  ListIntegrations,
  Maintenance,
  PlaceInList,
  StoredConnection,
  SwapCredential
} from "../services/index.ts"
import { barrier, type BarredRows } from "./barred.ts"
import { type Decision, decided, refused } from "./Decision.ts"
import { recordedEvent } from "./events.ts"
import { isLeased, issuedGrant, queueTokens, sameTokens, storedGrant } from "./grants.ts"
import {
  type CredentialRow,
  type Instant,
  type IntegrationRow,
  keys,
  put,
  remove,
  type Write
} from "./rows.ts"

/** Whether a grant of another integration than this is of the same account, and one at a time may be. */
const isAccountHeldByAnother = (
  integrations: Iterable<IntegrationRow>,
  key: IntegrationKey,
  heldAccount: Uint8Array | undefined
): boolean => {
  if (heldAccount === undefined) return false
  const wanted = keys.hash(heldAccount)
  for (const { grant, integration, quarantined } of integrations)
    if (
      keys.integration(integration) !== keys.integration(key) &&
      (grant?.heldAccount === wanted || quarantined?.grant.heldAccount === wanted)
    )
      return true
  return false
}

const isOfOwner = (one: IntegrationKey, other: IntegrationKey): boolean =>
  one.tenantId === other.tenantId && one.owner === other.owner && one.provider === other.provider

/** Whether one more connection of this owner's would be too many. What is disconnected keeps its name, and counts. */
const isOneTooMany = (integrations: ReadonlyArray<IntegrationRow>, key: IntegrationKey): boolean =>
  integrations.filter(({ integration }) => isOfOwner(integration, key)).length >= mostConnections

/** Another connection of the same owner's, in use, to the account of these tokens, or of this key. */
export const twinOf = (
  integrations: Iterable<IntegrationRow>,
  key: IntegrationKey,
  granted: Pick<Integration, "account" | "fields"> | undefined
): Integration | undefined => {
  if (granted?.account === undefined) return undefined
  const fields = canonicalFields(granted.fields)
  for (const { integration } of integrations)
    if (
      integration.status !== "disconnected" &&
      integration.account !== undefined &&
      isSameAccount(integration.account, granted.account) &&
      isOfOwner(integration, key) &&
      integration.name !== key.name &&
      canonicalFields(integration.fields) === fields
    )
      return integration
  return undefined
}

/** The same account id means two accounts in two regions. */
const canonicalFields = (fields: TenantFields): string =>
  JSON.stringify(Object.entries(fields).toSorted(([one], [other]) => compare(one, other)))

/** Whether any connection of a tenant's is made with a credential. */
export const isCredentialInUse = (
  integrations: Iterable<IntegrationRow>,
  { credentialId, tenantId }: Pick<Integration, "credentialId" | "tenantId">
): boolean => {
  for (const { integration } of integrations)
    if (integration.tenantId === tenantId && integration.credentialId === credentialId) return true
  return false
}

/** Whether both accounts are known and differ. */
const isOtherAccount = (existing: Integration | undefined, account: Account | undefined): boolean =>
  existing?.account !== undefined &&
  account !== undefined &&
  !isSameAccount(existing.account, account)

const usedFromNow = (row: CredentialRow): Write =>
  put("credentials", { ...row, connectedOnce: true })

export const connect = (
  rows: {
    readonly former: IntegrationRow | undefined
    /** The API key that the command names. */
    readonly credential: CredentialRow | undefined
    /** At least the tenant's, and those with the `heldAccount` of the command. */
    readonly integrations: Iterable<IntegrationRow>
  } & BarredRows,
  command: ConnectIntegration,
  now: Instant
): Decision<
  Integration,
  | AccountAlreadyConnected
  | AccountHeld
  | AccountMismatch
  | AlreadyConnected
  | CredentialNotFound
  | Forbidden
  | GrantNotKept
  | IntegrationReplaced
  | TooManyConnections
> => {
  const { credential, former } = rows
  const integrations = [...rows.integrations]
  const { connectedBy, name, owner, provider, publish, tenantId, userHash } = command
  const barred = barrier(rows, tenantId, [userHash], now)
  if (barred !== undefined) return refused(barred)
  const existing = former?.integration
  const granted = command.with._tag === "Grant" ? command.with : undefined
  if (granted === undefined && credential === undefined) return refused(new CredentialNotFound())
  const account = granted === undefined ? credential?.credential.account : granted.account
  if (existing?.status === "connected" && granted?.reauthorizes !== true)
    return refused(new AlreadyConnected({ provider }))
  if (existing !== undefined && granted !== undefined && existing.id !== command.newId)
    return refused(new IntegrationReplaced())
  if (isOtherAccount(existing, account)) return refused(new AccountMismatch({ provider }))
  const twin = twinOf(integrations, command, { account, fields: granted?.fields ?? {} })
  if (twin !== undefined)
    return refused(new AccountAlreadyConnected({ provider, integrationId: twin.id }))
  if (granted?.keeps !== undefined) {
    const kept = sameTokens(former, granted.keeps)
    if (kept === undefined || isLeased(kept.grant, now)) return refused(new GrantNotKept())
  }
  if (existing === undefined && isOneTooMany(integrations, command))
    return refused(new TooManyConnections())
  // Last: of all reasons this one tells least of what the owner can do.
  if (isAccountHeldByAnother(integrations, command, granted?.heldAccount))
    return refused(new AccountHeld({ provider }))
  const integration: Integration = {
    id: existing?.id ?? command.newId,
    tenantId,
    owner,
    provider,
    name,
    status: "connected",
    connectedBy,
    connectedAt: DateTime.makeUnsafe(now),
    scopes: granted?.scopes ?? [],
    credentialId: granted === undefined ? credential?.credential.id : undefined,
    fields: granted?.fields ?? {},
    account,
    problem: undefined
  }
  const grant = granted && issuedGrant(granted.grant, now, granted.heldAccount)
  return decided(
    integration,
    [
      ...(former === undefined || granted?.keeps !== undefined ? [] : queueTokens(former, now)),
      put("integrations", { integration, grant, quarantined: undefined }),
      ...(granted === undefined && credential !== undefined ? [usedFromNow(credential)] : [])
    ],
    [recordedEvent(publish, integration, now)]
  )
}

export const swapCredential = (
  rows: {
    readonly former: IntegrationRow | undefined
    /** The API key that the command names. */
    readonly credential: CredentialRow | undefined
    /** At least the tenant's. */
    readonly integrations: Iterable<IntegrationRow>
  } & BarredRows,
  command: SwapCredential,
  now: Instant
): Decision<
  Integration,
  AccountAlreadyConnected | AccountMismatch | CredentialNotFound | Forbidden | IntegrationNotFound
> => {
  const { credential, former, integrations } = rows
  const { account, credentialId, provider, tenantId, userHash } = command
  const barred = barrier(rows, tenantId, [userHash], now)
  if (barred !== undefined) return refused(barred)
  if (former?.integration.status !== "connected" || former.integration.credentialId === undefined)
    return refused(new IntegrationNotFound())
  if (isOtherAccount(former.integration, account)) return refused(new AccountMismatch({ provider }))
  const twin = twinOf(integrations, command, { account, fields: former.integration.fields })
  if (twin !== undefined)
    return refused(new AccountAlreadyConnected({ provider, integrationId: twin.id }))
  if (credential === undefined) return refused(new CredentialNotFound())
  const integration: Integration = { ...former.integration, credentialId, account }
  return decided(integration, [
    usedFromNow(credential),
    put("integrations", { ...former, integration })
  ])
}

export const disconnect = (
  rows: {
    readonly former: IntegrationRow | undefined
    /** The API key that the integration is connected with. */
    readonly credential: CredentialRow | undefined
    /** At least the tenant's. */
    readonly integrations: Iterable<IntegrationRow>
  } & BarredRows,
  { publish, tenantId, userHash }: DisconnectIntegration,
  now: Instant
): Decision<Integration, Forbidden | IntegrationNotFound> => {
  const { credential, former } = rows
  const barred = userHash && barrier(rows, tenantId, [userHash], now)
  if (barred?.reason === "erased") return refused(barred)
  if (former === undefined) return refused(new IntegrationNotFound())
  const integration: Integration = {
    ...former.integration,
    status: "disconnected",
    scopes: [],
    credentialId: undefined,
    fields: {},
    account: undefined,
    problem: undefined
  }
  const writes = [
    put("integrations", { integration, grant: undefined, quarantined: undefined }),
    ...queueTokens(former, now)
  ]
  if (former.integration.status === "disconnected")
    return refused(new IntegrationNotFound(), writes)
  const others = [...rows.integrations].filter(
    ({ integration: { id } }) => id !== former.integration.id
  )
  const isLast = credential !== undefined && !isCredentialInUse(others, former.integration)
  return decided(
    integration,
    [...writes, ...(isLast ? [remove("credentials", credential)] : [])],
    [recordedEvent(publish, integration, now)]
  )
}

export const findIntegration = ({
  row
}: {
  readonly row: IntegrationRow | undefined
}): Decision<Integration, IntegrationNotFound> =>
  row === undefined ? refused(new IntegrationNotFound()) : decided(row.integration)

const isEndReason = Schema.is(EndReason)

export const findById = ({
  integrations
}: {
  /** The tenant's with this id. */
  readonly integrations: Iterable<IntegrationRow>
}): Decision<Integration, IntegrationNotFound> => {
  for (const { integration } of integrations) return decided(integration)
  return refused(new IntegrationNotFound())
}

export const findGrant = (
  { row }: { readonly row: IntegrationRow | undefined },
  { provider }: IntegrationKey,
  now: Instant
): Decision<StoredGrant, Misconfigured | NotConnected | ReconnectRequired> => {
  if (row?.grant !== undefined)
    return row.integration.isSuspended === true
      ? refused(new Misconfigured({ provider, reason: "owner_suspended" }))
      : decided(storedGrant(row, row.grant, now))
  const problem = row?.integration.problem
  return refused(
    isEndReason(problem)
      ? new ReconnectRequired({ provider, reason: problem })
      : new NotConnected({ provider })
  )
}

// By code units: the same order everywhere, whatever the language of the machine.
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** By provider, the tenant's own first, then by age. */
const byPlace = (a: PlaceInList, b: PlaceInList): number =>
  compare(a.provider, b.provider) || compare(a.owner, b.owner) || compare(a.id, b.id)

const byKey = (a: IntegrationKey, b: IntegrationKey): number =>
  compare(a.tenantId, b.tenantId) ||
  compare(a.owner, b.owner) ||
  compare(a.provider, b.provider) ||
  compare(a.name, b.name)

export const listIntegrations = (
  { integrations }: { readonly integrations: Iterable<IntegrationRow> },
  { name, owners, page, problem, provider, status, tenantId }: ListIntegrations
): Decision<IntegrationPage> => {
  const isMeant = ({ owner }: Integration): boolean => {
    if (owners === "all") return true
    if (owners === "users") return owner !== tenantsOwn
    return owners.includes(owner)
  }
  const matching = [...integrations]
    .map(({ integration }) => integration)
    .filter((one) => one.tenantId === tenantId && isMeant(one))
    .filter((one) => status === undefined || one.status === status)
    .filter((one) => provider === undefined || one.provider === provider)
    .filter((one) => name === undefined || one.name === name)
    .filter((one) => problem === undefined || (one.problem && problem.includes(one.problem)))
    .toSorted(byPlace)
  const last = page?.after
  return decided({
    items: matching
      .filter((one) => last === undefined || byPlace(last, one) < 0)
      .slice(0, page?.limit),
    total: matching.length
  })
}

/** Connects without an event what was connected elsewhere. */
export const importConnection = (
  rows: {
    readonly former: IntegrationRow | undefined
    /** At least the tenant's, and those with the `heldAccount` of the command. */
    readonly integrations: Iterable<IntegrationRow>
  } & BarredRows,
  command: ImportConnection,
  now: Instant
): Decision<
  Integration | undefined,
  AccountAlreadyConnected | AccountHeld | Forbidden | TooManyConnections
> => {
  const barred = barrier(rows, command.tenantId, command.userHashes, now)
  if (barred !== undefined) return refused(barred)
  if (rows.former !== undefined) return decided(rows.former.integration)
  const { connectedBy, name, newId, owner, provider, tenantId } = command
  const granted = command.with._tag === "Grant" ? command.with : undefined
  const integrations = [...rows.integrations]
  const credential = command.with._tag === "Credential" ? command.with.credential : undefined
  const account = granted?.account ?? credential?.account
  const fields = granted?.fields ?? {}
  const twin = twinOf(integrations, command, { account, fields })
  if (twin !== undefined)
    return refused(new AccountAlreadyConnected({ provider, integrationId: twin.id }))
  if (isOneTooMany(integrations, command)) return refused(new TooManyConnections())
  if (isAccountHeldByAnother(integrations, command, granted?.heldAccount))
    return refused(new AccountHeld({ provider }))
  const connectedAt = command.connectedAt ?? DateTime.makeUnsafe(now)
  return decided(undefined, [
    put("integrations", {
      integration: {
        id: newId,
        tenantId,
        owner,
        provider,
        name,
        status: "connected",
        connectedBy,
        connectedAt,
        scopes: granted?.scopes ?? [],
        credentialId: credential?.id,
        fields,
        account,
        problem: undefined
      },
      grant: granted && issuedGrant(granted.grant, now, granted.heldAccount),
      quarantined: undefined
    }),
    ...(credential === undefined
      ? []
      : [
          put("credentials", {
            credential: {
              id: credential.id,
              tenantId,
              owner,
              provider,
              label: credential.label,
              status: "unverified",
              createdBy: connectedBy,
              createdAt: connectedAt,
              sealedFields: credential.sealedFields,
              account
            },
            connectedOnce: true
          })
        ])
  ])
}

type Service = Maintenance["Service"]

/** Connections with what they are connected with: those whose provider or user has ended them have nothing. */
export const exportPage = (
  rows: {
    readonly integrations: Iterable<IntegrationRow>
    readonly credentialOf: (integration: Integration) => CredentialRow | undefined
  },
  { after, limit }: Parameters<Service["exportConnections"]>[0],
  now: Instant
): Decision<ReadonlyArray<StoredConnection>> => {
  const sorted = [...rows.integrations]
    .filter(({ integration }) => after === undefined || byKey(after, integration) < 0)
    .toSorted((a, b) => byKey(a.integration, b.integration))
  const page: Array<StoredConnection> = []
  for (const row of sorted) {
    if (page.length >= limit) break
    const { grant, integration } = row
    const credential = grant === undefined ? rows.credentialOf(integration)?.credential : undefined
    if (grant !== undefined)
      page.push({ integration, with: { _tag: "Grant", grant: storedGrant(row, grant, now) } })
    else if (credential !== undefined)
      page.push({ integration, with: { _tag: "Credential", credential } })
  }
  return decided(page)
}

export const ofProvider = (
  { integrations }: { readonly integrations: Iterable<IntegrationRow> },
  { after, lacking, limit, provider, status }: Parameters<Service["connectionsOfProvider"]>[0]
): Decision<ReadonlyArray<Integration>> =>
  decided(
    [...integrations]
      .map(({ integration }) => integration)
      .filter((one) => one.provider === provider && status.includes(one.status))
      .filter(
        ({ scopes }) =>
          lacking === undefined ||
          lacking.some((names) => !names.some((name) => scopes.includes(name)))
      )
      .filter((one) => after === undefined || byKey({ ...after, provider }, one) < 0)
      .toSorted(byKey)
      .slice(0, limit)
  )

export const findByAccount = (
  { integrations }: { readonly integrations: Iterable<IntegrationRow> },
  { accountId, provider }: Parameters<Service["findByAccount"]>[0]
): Decision<ReadonlyArray<AccountHolder>> =>
  decided(
    [...integrations]
      .map(({ integration }) => integration)
      .filter((one) => one.provider === provider && one.account?.id === accountId)
      .toSorted(byKey)
      .map(({ account, id, name, owner, status, tenantId }) => ({
        tenantId,
        owner,
        name,
        integrationId: id,
        status,
        ...(account?.issuer !== undefined && { issuer: account.issuer })
      }))
  )
