import {
  hashKeyContext,
  credentialContext,
  flowContext,
  grantContext,
  type GrantField,
  type GrantPlace,
  keyIdOf,
  responseContext,
  type SealContext,
  type Sealed,
  type SealedAddress,
  type SealedValues,
  type StoredSealed,
  tenantsOwn
} from "@hawser/core"
import { Result } from "effect"
import {
  atomically,
  compositeKey,
  copyBytes,
  type GrantSecrets,
  type MemoryState
} from "./MemoryState.ts"

/** A sealed value, and how it is replaced in its row. What it is sealed for is made for those that are given out alone. */
interface Slot extends Pick<StoredSealed, "address" | "sealed"> {
  readonly context: () => SealContext
  readonly write: (by: Sealed) => void
}

const slot = (
  table: string,
  key: string,
  field: SealContext["field"],
  context: () => SealContext,
  sealed: Sealed | undefined,
  write: (by: Sealed) => void
): ReadonlyArray<Slot> => {
  if (sealed === undefined) return []
  return [{ context, address: compositeKey(table, key, field) as SealedAddress, sealed, write }]
}

/** What is sealed of a grant, wherever it is kept; a queue keeps no key. */
const tokenSlots = <
  Grant extends Pick<GrantSecrets, "id" | "accessToken" | "clientFingerprint" | "refreshToken"> &
    Partial<Pick<GrantSecrets, "dpopKey">>
>(
  table: string,
  key: string,
  place: Omit<GrantPlace, "id" | "clientFingerprint">,
  grant: Grant | undefined,
  write: (grant: Grant) => void
): ReadonlyArray<Slot> => {
  if (grant === undefined) return []
  const { accessToken, clientFingerprint, dpopKey, id, refreshToken } = grant
  const ofGrant = (
    field: GrantField,
    sealed: Sealed | undefined,
    replaced: (by: Sealed) => Grant
  ) =>
    slot(
      table,
      key,
      field,
      () => grantContext({ ...place, id, clientFingerprint }, field),
      sealed,
      (by) => write(replaced(by))
    )
  return [
    ...ofGrant("access_token", accessToken, (by) => ({ ...grant, accessToken: by })),
    ...ofGrant("refresh_token", refreshToken, (by) => ({ ...grant, refreshToken: by })),
    ...ofGrant("dpop_key", dpopKey, (by) => ({ ...grant, dpopKey: by }))
  ]
}

const credentialSlots = ({ credentials }: MemoryState): ReadonlyArray<Slot> =>
  [...credentials].flatMap(([key, row]) =>
    slot(
      "credential",
      key,
      "fields",
      () => credentialContext({ ...row, owner: tenantsOwn }),
      row.sealedFields,
      (by) => credentials.set(key, { ...row, sealedFields: by })
    )
  )

const grantSlots = ({ integrations }: MemoryState): ReadonlyArray<Slot> =>
  [...integrations].flatMap(([key, row]) => {
    const { grant, integration, quarantined } = row
    const place = { ...integration, integrationId: integration.id, owner: tenantsOwn }
    return [
      ...tokenSlots("grant", key, place, grant?.secrets, (secrets) => {
        if (grant !== undefined) integrations.set(key, { ...row, grant: { ...grant, secrets } })
      }),
      ...tokenSlots(
        "quarantine",
        key,
        { ...place, fields: quarantined?.fields ?? {} },
        quarantined?.grant.secrets,
        (secrets) => {
          if (quarantined === undefined) return
          const waiting = { ...quarantined, grant: { ...quarantined.grant, secrets } }
          integrations.set(key, { ...row, quarantined: waiting })
        }
      )
    ]
  })

const revocationSlots = ({ revocations }: MemoryState): ReadonlyArray<Slot> =>
  [...revocations].flatMap(([key, row]) =>
    tokenSlots("revocation", key, row.command, row.command.grant, (grant) =>
      revocations.set(key, { ...row, command: { ...row.command, grant } })
    )
  )

const flowSlots = ({ flows }: MemoryState): ReadonlyArray<Slot> =>
  [...flows].flatMap(([key, row]) => {
    const { flow, parked } = row
    const secrets = slot(
      "flow",
      key,
      "flow_secrets",
      () => flowContext(flow),
      flow.sealedSecrets,
      (by) => flows.set(key, { ...row, flow: { ...flow, sealedSecrets: by } })
    )
    if (parked === undefined) return secrets
    return [
      ...secrets,
      ...slot(
        "flow",
        key,
        "authorization_response",
        () => responseContext(flow, parked.flowIdHash),
        parked.sealedResponse,
        (by) => flows.set(key, { ...row, parked: { ...parked, sealedResponse: by } })
      )
    ]
  })

const hashKeySlots = (state: MemoryState): ReadonlyArray<Slot> =>
  slot(
    "hash_key",
    "",
    hashKeyContext.field,
    () => hashKeyContext,
    state.hashKey,
    (by) => {
      state.hashKey = by
    }
  )

const slotsOf = (state: MemoryState): ReadonlyArray<Slot> => [
  ...credentialSlots(state),
  ...grantSlots(state),
  ...revocationSlots(state),
  ...flowSlots(state),
  ...hashKeySlots(state)
]

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

const storedOf = ({ address, context, sealed }: Slot): StoredSealed => ({
  ...context(),
  address,
  sealed: copyBytes(sealed)
})

/** The first of these in the order of their addresses. What comes after them is neither sorted nor looked into. */
const firstOf = (
  slots: ReadonlyArray<Slot>,
  limit: number,
  after: SealedAddress | undefined,
  isWanted: (sealed: Sealed) => boolean
): ReadonlyArray<Slot> => {
  const first: Array<Slot> = []
  for (const slot of slots) {
    const { address, sealed } = slot
    if (after !== undefined && address <= after) continue
    const last = first.at(-1)
    if (first.length >= limit && last !== undefined && address > last.address) continue
    if (!isWanted(sealed)) continue
    const at = first.findLastIndex((one) => one.address < address) + 1
    first.splice(at, 0, slot)
    if (first.length > limit) first.pop()
  }
  return first
}

/** The sealed values of a shared state. */
export const makeSealedValues = (state: MemoryState): SealedValues["Service"] => ({
  inUse: atomically(() => {
    const counts = new Map<string, number>()
    for (const { sealed } of slotsOf(state)) {
      const keyId = keyIdOf(sealed)
      counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
    }
    return Result.succeed([...counts].map(([keyId, count]) => ({ keyId, count })))
  }),

  batch: ({ after, exceptKeyId, limit }) =>
    atomically(() =>
      Result.succeed(
        firstOf(slotsOf(state), limit, after, (sealed) => keyIdOf(sealed) !== exceptKeyId).map(
          storedOf
        )
      )
    ),

  replace: ({ address, sealed }, by) =>
    atomically(() => {
      const found = slotsOf(state).find((slot) => slot.address === address)
      if (found === undefined || !sameBytes(found.sealed, sealed)) return Result.succeed(false)
      found.write(copyBytes(by))
      return Result.succeed(true)
    })
})
