import {
  hashKeyContext,
  keyIdOf,
  type Sealed,
  type SealedAddress,
  type SealedValues,
  type StoredSealed
} from "@hawser/core"
import { Result } from "effect"
import { Base64Url } from "effect/encoding"
import {
  atomically,
  compositeKey,
  copyBytes,
  type GrantSecrets,
  type MemoryState
} from "./MemoryState.ts"

/** A sealed value, and how it is replaced in its row. */
interface Slot extends StoredSealed {
  readonly write: (by: Sealed) => void
}

type Place = Pick<StoredSealed, "tenantId" | "provider" | "recordId">

const slot = (
  table: string,
  key: string,
  field: string,
  place: Place,
  sealed: Sealed | undefined,
  write: (by: Sealed) => void
): ReadonlyArray<Slot> => {
  const address = compositeKey(table, key, field) as SealedAddress
  const { provider, recordId, tenantId } = place
  return sealed === undefined
    ? []
    : [{ address, tenantId, provider, recordId, field, sealed, write }]
}

/** What is sealed of a grant, wherever it is kept; a queue keeps no key. */
const tokenSlots = <
  Grant extends Pick<GrantSecrets, "id" | "accessToken" | "refreshToken"> &
    Partial<Pick<GrantSecrets, "dpopKey">>
>(
  table: string,
  key: string,
  place: Omit<Place, "recordId">,
  grant: Grant | undefined,
  write: (grant: Grant) => void
): ReadonlyArray<Slot> => {
  if (grant === undefined) return []
  const { accessToken, dpopKey, id, refreshToken } = grant
  const ofGrant = { ...place, recordId: id }
  return [
    ...slot(table, key, "access_token", ofGrant, accessToken, (by) =>
      write({ ...grant, accessToken: by })
    ),
    ...slot(table, key, "refresh_token", ofGrant, refreshToken, (by) =>
      write({ ...grant, refreshToken: by })
    ),
    ...slot(table, key, "dpop_key", ofGrant, dpopKey, (by) => write({ ...grant, dpopKey: by }))
  ]
}

const credentialSlots = ({ credentials }: MemoryState): ReadonlyArray<Slot> =>
  [...credentials].flatMap(([key, row]) =>
    slot("credential", key, "fields", { ...row, recordId: row.id }, row.sealedFields, (by) =>
      credentials.set(key, { ...row, sealedFields: by })
    )
  )

const grantSlots = ({ integrations }: MemoryState): ReadonlyArray<Slot> =>
  [...integrations].flatMap(([key, row]) => {
    const { grant, integration, quarantined } = row
    return [
      ...tokenSlots("grant", key, integration, grant?.secrets, (secrets) => {
        if (grant !== undefined) integrations.set(key, { ...row, grant: { ...grant, secrets } })
      }),
      ...tokenSlots("quarantine", key, integration, quarantined?.grant.secrets, (secrets) => {
        if (quarantined === undefined) return
        const waiting = { ...quarantined, grant: { ...quarantined.grant, secrets } }
        integrations.set(key, { ...row, quarantined: waiting })
      })
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
    const secretsOf = { ...flow, recordId: Base64Url.encode(flow.stateHash) }
    const secrets = slot("flow", key, "flow_secrets", secretsOf, flow.sealedSecrets, (by) =>
      flows.set(key, { ...row, flow: { ...flow, sealedSecrets: by } })
    )
    if (parked === undefined) return secrets
    const responseOf = { ...flow, recordId: Base64Url.encode(parked.flowIdHash) }
    return [
      ...secrets,
      ...slot("flow", key, "authorization_response", responseOf, parked.sealedResponse, (by) =>
        flows.set(key, { ...row, parked: { ...parked, sealedResponse: by } })
      )
    ]
  })

const hashKeySlots = (state: MemoryState): ReadonlyArray<Slot> =>
  slot("hash_key", "", hashKeyContext.field, hashKeyContext, state.hashKey, (by) => {
    state.hashKey = by
  })

const slotsOf = (state: MemoryState): ReadonlyArray<Slot> => [
  ...credentialSlots(state),
  ...grantSlots(state),
  ...revocationSlots(state),
  ...flowSlots(state),
  ...hashKeySlots(state)
]

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

const storedOf = (slot: Slot): StoredSealed => {
  const { write: _, ...stored } = slot
  return { ...stored, sealed: copyBytes(stored.sealed) }
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
        slotsOf(state)
          .filter(({ address }) => after === undefined || address > after)
          .filter(({ sealed }) => keyIdOf(sealed) !== exceptKeyId)
          .toSorted((a, b) => (a.address < b.address ? -1 : 1))
          .slice(0, limit)
          .map(storedOf)
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
