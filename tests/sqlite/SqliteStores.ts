import {
  ConnectionStore,
  type CredentialKey,
  CredentialStore,
  decide,
  EventBus,
  hashKeyContext,
  type Integration,
  type IntegrationKey,
  keyIdOf,
  Maintenance,
  OAuthStateStore,
  type RefreshLease,
  type RevocationKey,
  type SealContext,
  type Sealed,
  type SealedAddress,
  type SecretHash,
  type TenantId
} from "@hawser/core"
import { Context, Duration, Effect, Layer, Option } from "effect"
import { placeOf, SqliteRows } from "./SqliteRows.ts"

/** The rules of core, or some of a test's own. */
export type Rules = typeof decide

const { keys } = decide

/** Of these hashes. */
const barredOf = (
  rows: SqliteRows,
  tenantId: TenantId,
  ...userHashes: ReadonlyArray<Uint8Array | undefined>
) => ({
  barred: userHashes.flatMap((hash) =>
    hash === undefined ? [] : (rows.one("barred", keys.barred(tenantId, hash)) ?? [])
  )
})

const connectionsOf = (rows: SqliteRows) => {
  const find = (key: IntegrationKey) => rows.one("integrations", keys.integration(key))
  return {
    find,
    ofKey: (key: IntegrationKey) => ({ row: find(key) }),
    ofClient: (clientVersion: string) => ({
      brake: rows.one("brakes", clientVersion),
      tried: rows.select("integrations", "tried_by = ?", clientVersion)
    }),
    ofId: (tenantId: TenantId, id: string) =>
      rows.select("integrations", "tenant = ? AND id = ?", tenantId, id)[0],
    ofTenant: (tenantId: TenantId) => rows.select("integrations", "tenant = ?", tenantId),
    holding: (heldAccount: Uint8Array | undefined) =>
      heldAccount === undefined
        ? []
        : rows.select("integrations", "held_account = ?", keys.hash(heldAccount)),
    credential: (key: CredentialKey) => rows.one("credentials", keys.credential(key))
  }
}

const connectionStore = (rows: SqliteRows, rules: Rules): ConnectionStore["Service"] => {
  const { credential, find, holding, ofClient, ofId, ofKey, ofTenant } = connectionsOf(rows)
  const ofLease = ({ clientVersion, grant, tenantId }: RefreshLease) => ({
    ...ofClient(clientVersion),
    row: ofId(tenantId, grant.integrationId)
  })
  return {
    connect: (command) =>
      rows.transact((now) => {
        const { owner, provider, tenantId, with: given } = command
        return rules.connect(
          {
            ...barredOf(rows, tenantId, command.userHash),
            former: find(command),
            credential:
              given._tag === "Credential"
                ? credential({ tenantId, owner, provider, id: given.credentialId })
                : undefined,
            integrations: [
              ...ofTenant(tenantId),
              ...holding(given._tag === "Grant" ? given.heldAccount : undefined)
            ]
          },
          command,
          now
        )
      }),
    swapCredential: (command) =>
      rows.transact((now) => {
        const { credentialId: id, owner, provider, tenantId, userHash } = command
        const found = credential({ tenantId, owner, provider, id })
        return rules.swapCredential(
          {
            ...barredOf(rows, tenantId, userHash),
            former: find(command),
            credential: found,
            integrations: ofTenant(tenantId)
          },
          command,
          now
        )
      }),
    disconnect: (command) =>
      rows.transact((now) => {
        const former = find(command)
        const { owner, provider, tenantId } = command
        const id = former?.integration.credentialId
        return rules.disconnect(
          {
            ...barredOf(rows, tenantId, command.userHash),
            former,
            credential:
              id === undefined ? undefined : credential({ tenantId, owner, provider, id }),
            integrations: ofTenant(tenantId)
          },
          command,
          now
        )
      }),
    find: (key) => rows.transact(() => rules.findIntegration({ row: find(key) })),
    findById: ({ id, tenantId }) =>
      rows.transact(() =>
        rules.findById({
          integrations: rows.select("integrations", "tenant = ? AND id = ?", tenantId, id)
        })
      ),
    list: (query) =>
      rows.transact(() =>
        rules.listIntegrations({ integrations: ofTenant(query.tenantId) }, query)
      ),
    grant: (key) => rows.transact((now) => rules.findGrant({ row: find(key) }, key, now)),
    acquireLease: (command) =>
      rows.transact((now) =>
        rules.acquire({ ...ofKey(command), ...ofClient(command.clientVersion) }, command, now)
      ),
    renewGrant: (lease, command) =>
      rows.transact((now) =>
        rules.renew(
          { ...ofLease(lease), integrations: ofTenant(lease.tenantId) },
          lease,
          command,
          now
        )
      ),
    deferRefresh: (lease, command) =>
      rows.transact((now) => rules.defer(ofLease(lease), lease, command, now)),
    endGrant: (lease, command) =>
      rows.transact((now) => rules.end(ofLease(lease), lease, command, now)),
    markRevoked: (key, command) =>
      rows.transact((now) => rules.markRevoked(ofKey(key), command, now)),
    noteWithdrawal: (used, command) =>
      rows.transact((now) => rules.noteWithdrawal(ofKey(used), used, command, now)),
    clearWithdrawal: (used, publish) =>
      rows.transact((now) => rules.clearWithdrawal(ofKey(used), used, publish, now)),
    enqueueRevocation: (command) =>
      rows.transact((now) => {
        const integrations = rows.select("integrations", "grant_id = ?", command.grant.id)
        return rules.enqueue({ integrations }, command, now)
      })
  }
}

const stateStore = (rows: SqliteRows, rules: Rules): OAuthStateStore["Service"] => {
  const find = (stateHash: SecretHash) => ({ flow: rows.one("flows", keys.hash(stateHash)) })
  const findParked = (flowIdHash: SecretHash) => ({
    flow: rows.select("flows", "flow_id = ?", keys.hash(flowIdHash))[0]
  })
  return {
    start: (flow, options) =>
      rows.transact((now) => {
        const integration = rows.one("integrations", keys.integration(flow))
        const flows = rows.select("flows", "tenant = ?", flow.tenantId)
        const barred = barredOf(rows, flow.tenantId, flow.userHash)
        return rules.startFlow({ ...barred, integration, flows }, flow, options, now)
      }),
    burn: (stateHash) =>
      rows
        .transact((now) => rules.burn(find(stateHash), now))
        .pipe(Effect.map(Option.fromUndefinedOr)),
    explainMiss: (stateHash) => rows.transact(() => rules.explainMiss(find(stateHash))),
    park: (flow, options) =>
      rows.transact((now) => {
        const barred = barredOf(rows, flow.tenantId, options.userHash)
        return rules.park({ ...barred, ...find(flow.stateHash) }, flow, options, now)
      }),
    findParked: (flowIdHash) =>
      rows
        .transact((now) => rules.findParked(findParked(flowIdHash), now))
        .pipe(Effect.map(Option.fromUndefinedOr)),
    takeParked: (flowIdHash) =>
      rows
        .transact((now) => rules.takeParked(findParked(flowIdHash), now))
        .pipe(Effect.map(Option.fromUndefinedOr)),
    abandonedChoices: (limit) =>
      rows.transact((now) =>
        rules.abandonedChoices({ flows: rows.select("flows", "flow_id IS NOT NULL") }, limit, now)
      ),
    removeChoice: (flowIdHash) =>
      rows.transact((now) => rules.removeChoice(findParked(flowIdHash), now)),
    sweep: rows.transact((now) =>
      rules.sweepFlows(
        { barred: rows.select("barred", "until <= ?", now), flows: rows.select("flows") },
        now
      )
    )
  }
}

const credentialStore = (rows: SqliteRows, rules: Rules): CredentialStore["Service"] => {
  const find = (key: CredentialKey) => ({
    credential: rows.one("credentials", keys.credential(key))
  })
  const ofProvider = ({ owner, provider, tenantId }: Omit<CredentialKey, "id">) => ({
    credentials: rows.select(
      "credentials",
      "tenant = ? AND owner = ? AND provider = ?",
      tenantId,
      owner,
      provider
    )
  })
  return {
    insert: (credential) =>
      rows.transact((now) => {
        const barred = barredOf(rows, credential.tenantId, credential.userHash)
        return rules.insertCredential({ ...barred, ...ofProvider(credential) }, credential, now)
      }),
    find: (key) => rows.transact(() => rules.findCredential(find(key))),
    list: (query) => rows.transact(() => rules.listCredentials(ofProvider(query), query)),
    delete: (key) =>
      rows.transact(() => {
        const integrations = rows.select("integrations", "credential = ?", key.id)
        return rules.deleteCredential({ ...find(key), integrations })
      }),
    sweepUnused: (retention) =>
      rows.transact((now) =>
        rules.sweepUnused({ credentials: rows.select("credentials") }, retention, now)
      )
  }
}

const eventBus = (rows: SqliteRows, rules: Rules): EventBus["Service"] => {
  const find = (name: string) => ({ subscriber: rows.one("subscribers", name) })
  return {
    subscribe: (name, from) =>
      rows.transact(() =>
        rules.subscribe({ ...find(name), lastPosition: rows.lastPosition }, name, from)
      ),
    unsubscribe: (name) => rows.transact(() => rules.unsubscribe(find(name))),
    claim: (name, options) =>
      rows
        .transact((now) => {
          const { subscriber } = find(name)
          const first = Math.min(
            (subscriber?.cursor ?? 0) + 1,
            ...(subscriber?.waiting ?? []).map(({ position }) => position)
          )
          return rules.claimEvents(
            {
              subscriber,
              outbox: rows.select("outbox", "position >= ?", first),
              fence: BigInt(rows.next("fence"))
            },
            options,
            now
          )
        })
        .pipe(Effect.map(Option.fromUndefinedOr)),
    settle: (claim, outcomes) =>
      rows.transact((now) => rules.settle(find(claim.subscriber), claim, outcomes, now)),
    conclude: (name, delivery, outcome) =>
      rows.transact((now) => rules.conclude(find(name), delivery, outcome, now)),
    sweep: (retention) =>
      rows.transact((now) => {
        const before = now - Duration.toMillis(retention)
        const outbox = rows.select("outbox", "recorded_at < ?", before)
        return rules.sweepEvents(
          { subscribers: rows.select("subscribers"), outbox },
          retention,
          now
        )
      })
  }
}

interface Slot {
  readonly address: SealedAddress
  readonly sealed: Sealed
  readonly context: () => SealContext
  readonly replace: (by: Sealed) => void
}

/** Which values of a row are sealed, and for what, is decided; to go through them is the store's. */
const sealedValues = (
  rows: SqliteRows,
  rules: Rules
): Pick<Maintenance["Service"], "keysInUse" | "replaceSealed" | "sealedValues"> => {
  const address = (...parts: ReadonlyArray<string>) => JSON.stringify(parts) as SealedAddress
  const slotsIn = (
    table: string,
    values: ReadonlyArray<readonly [key: string, ReadonlyArray<decide.SealedValue>]>
  ): ReadonlyArray<Slot> =>
    values.flatMap(([key, ofRow]) =>
      ofRow.map(({ context, field, replacedBy, sealed }) => ({
        address: address(table, key, field),
        sealed,
        context,
        replace: (by) => rows.write(replacedBy(by))
      }))
    )
  const slots = (): ReadonlyArray<Slot> => {
    const { credentials, flows, integrations, revocations } = rules.sealedValues
    const { hashKey } = rows
    return [
      ...slotsIn(
        "credentials",
        rows.select("credentials").map((row) => [keys.credential(row.credential), credentials(row)])
      ),
      ...slotsIn(
        "flows",
        rows.select("flows").map((row) => [keys.hash(row.flow.stateHash), flows(row)])
      ),
      ...slotsIn(
        "integrations",
        rows
          .select("integrations")
          .map((row) => [keys.integration(row.integration), integrations(row)])
      ),
      ...slotsIn(
        "revocations",
        rows
          .select("revocations")
          .map((row) => [
            keys.revocation(row.command.tenantId, row.command.grant.id),
            revocations(row)
          ])
      ),
      ...(hashKey === undefined
        ? []
        : [
            {
              address: address("hash_key"),
              sealed: hashKey,
              context: () => hashKeyContext,
              replace: (by: Sealed) => {
                rows.hashKey = by
              }
            }
          ])
    ].toSorted((a, b) => (a.address < b.address ? -1 : 1))
  }
  return {
    keysInUse: rows.atOnce(() =>
      [...Map.groupBy(slots(), ({ sealed }) => keyIdOf(sealed))].map(([keyId, ofKey]) => ({
        keyId,
        count: ofKey.length
      }))
    ),
    sealedValues: ({ after, exceptKeyId, limit }) =>
      rows.atOnce(() =>
        slots()
          .filter(({ address }) => after === undefined || address > after)
          .filter(({ sealed }) => keyIdOf(sealed) !== exceptKeyId)
          .slice(0, limit)
          .map(({ address, context, sealed }) => ({ ...context(), address, sealed }))
      ),
    replaceSealed: ({ address, sealed }, by) =>
      rows.atOnce(() => {
        const found = slots().find((slot) => slot.address === address)
        if (found === undefined || keys.hash(found.sealed) !== keys.hash(sealed)) return false
        found.replace(by)
        return true
      })
  }
}

const maintenance = (rows: SqliteRows, rules: Rules): Maintenance["Service"] => {
  const { credential, find, holding, ofClient, ofKey, ofTenant } = connectionsOf(rows)
  const queued = ({ grant, tenantId }: RevocationKey) => ({
    revocation: rows.one("revocations", keys.revocation(tenantId, grant.id))
  })
  const credentialOf = ({ credentialId: id, owner, provider, tenantId }: Integration) =>
    id === undefined ? undefined : credential({ tenantId, owner, provider, id })
  const allOf = (tenantId: TenantId) => ({
    integrations: rows.select("integrations", "tenant = ?", tenantId),
    credentials: rows.select("credentials", "tenant = ?", tenantId),
    flows: rows.select("flows", "tenant = ?", tenantId)
  })
  return {
    claimDueGrants: (options) =>
      rows.transact((now) =>
        rules.claimDue(
          { integrations: rows.select("integrations", "due_at <= ?", now) },
          options,
          now
        )
      ),
    postponeGrant: (due, retryIn) =>
      rows.transact((now) => rules.postponeDue(ofKey(due), due, retryIn, now)),
    tellExpiry: (due, publish) =>
      rows.transact((now) => rules.tellExpiry(ofKey(due), due, publish, now)),
    expireGrant: (due, publish) =>
      rows.transact((now) => rules.expire(ofKey(due), due, publish, now)),
    quarantined: (query) =>
      rows.transact((now) => {
        const integrations = rows.select("integrations", "provider = ?", query.provider)
        return rules.quarantined({ integrations }, query, now)
      }),
    restore: (key, publish) =>
      rows.transact((now) =>
        rules.restore({ ...ofKey(key), integrations: ofTenant(key.tenantId) }, publish, now)
      ),
    sweepQuarantine: rows.transact((now) => {
      const integrations = rows.select("integrations", "quarantined_until <= ?", now)
      return rules.sweepQuarantine({ integrations, brakes: rows.select("brakes") }, now)
    }),
    endedUnderBrake: (clientVersion) =>
      rows.transact((now) => rules.endedUnderBrake(ofClient(clientVersion), clientVersion, now)),
    releaseBrake: (clientFingerprint) =>
      rows.transact(() => {
        const tried = rows.select("integrations", "tried_by IS NOT NULL")
        const brakes = rows.select("brakes", "client = ?", clientFingerprint)
        return rules.releaseBrake({ brakes, tried }, clientFingerprint)
      }),

    claimRevocations: (options) =>
      rows.transact((now) => {
        const revocations = rows.select("revocations", "due_at <= ?", now)
        const integrations = rows.select("integrations", "status <> 'disconnected'")
        return rules.claimRevocations({ revocations, integrations }, options, now)
      }),
    removeRevocation: (revocation) =>
      rows.transact(() => rules.removeRevocation(queued(revocation))),
    postponeRevocation: (revocation, retryIn) =>
      rows.transact((now) => rules.postponeRevocation(queued(revocation), retryIn, now)),
    giveUpRevocations: rows.transact((now) =>
      rules.giveUp({ revocations: rows.select("revocations", "expires_at <= ?", now) }, now)
    ),

    importConnection: (command) =>
      rows.transact((now) => {
        const integrations = [
          ...ofTenant(command.tenantId),
          ...holding(command.with._tag === "Grant" ? command.with.heldAccount : undefined)
        ]
        const barred = barredOf(rows, command.tenantId, ...command.userHashes)
        return rules.importConnection(
          { ...barred, former: find(command), integrations },
          command,
          now
        )
      }),
    exportConnections: (page) =>
      rows.transact((now) => {
        const integrations = rows.select(
          "integrations",
          "status <> 'disconnected' AND place > ? ORDER BY place LIMIT ?",
          page.after === undefined ? new Uint8Array() : placeOf(page.after),
          page.limit
        )
        return rules.exportPage({ integrations, credentialOf }, page, now)
      }),
    connectionsOfProvider: (query) =>
      rows.transact(() => {
        const integrations = rows.select("integrations", "provider = ?", query.provider)
        return rules.ofProvider({ integrations }, query)
      }),
    findByAccount: (query) =>
      rows.transact(() => {
        const { accountId, provider } = query
        const integrations = rows.select(
          "integrations",
          "provider = ? AND account = ?",
          provider,
          accountId
        )
        return rules.findByAccount({ integrations }, query)
      }),

    removeTenant: (tenantId) =>
      rows.transact((now) =>
        rules.removeTenant(
          {
            ...allOf(tenantId),
            barred: rows.select("barred", "tenant = ?", tenantId),
            brakes: rows.select("brakes")
          },
          tenantId,
          now
        )
      ),
    eraseUser: (command) =>
      rows.transact((now) => {
        const outbox = rows.select("outbox", "tenant = ?", command.tenantId)
        return rules.eraseUser({ ...allOf(command.tenantId), outbox }, command, now)
      }),
    suspendUser: (user) =>
      rows.transact((now) =>
        rules.suspendUser(
          { ...allOf(user.tenantId), ...barredOf(rows, user.tenantId, user.userHash) },
          user,
          now
        )
      ),
    resumeUser: (user) =>
      rows.transact(() =>
        rules.resumeUser(
          { ...allOf(user.tenantId), ...barredOf(rows, user.tenantId, user.userHash) },
          user
        )
      ),

    ...sealedValues(rows, rules),
    findHashKey: rows.atOnce(() => rows.hashKey),
    keepHashKey: (sealed) => rows.atOnce(() => (rows.hashKey ??= sealed)),

    dueTimes: (options) =>
      rows
        .transact((now) =>
          rules.dueTimes(
            {
              integrations: rows.select("integrations"),
              credentials: rows.select("credentials"),
              flows: rows.select("flows"),
              revocations: rows.select("revocations"),
              brakes: rows.select("brakes"),
              barred: rows.select("barred"),
              outbox: rows.select("outbox"),
              subscribers: rows.select("subscribers"),
              lastPosition: rows.lastPosition
            },
            options,
            now
          )
        )
        .pipe(
          Effect.map((times) => ({
            ...times,
            awaitsCommit: false,
            askAgainIn: Duration.seconds(30)
          }))
        ),
    listen: rows.listen
  }
}

/**
 * Every store on `node:sqlite`: each command is its SELECTs, a decision of core and the writes of it, in one transaction. It is
 * the proof that the rules of core are whole, and no product.
 */
export const sqliteStores = (rules: Rules = decide) =>
  Layer.effectContext(
    Effect.sync(() => {
      const rows = new SqliteRows()
      return Context.make(CredentialStore, credentialStore(rows, rules)).pipe(
        Context.add(OAuthStateStore, stateStore(rows, rules)),
        Context.add(EventBus, eventBus(rows, rules)),
        Context.add(ConnectionStore, connectionStore(rows, rules)),
        Context.add(Maintenance, maintenance(rows, rules))
      )
    })
  )
