import {
  decide,
  hashKeyContext,
  keyIdOf,
  type Maintenance,
  type SealContext,
  type Sealed,
  type SealedAddress,
  type StoredSealed
} from "@hawser/core"
import { Effect } from "effect"
import { type MemoryState, withOwnBytes, write } from "./MemoryState.ts"

/** A sealed value, and how it is replaced where it is stored. What it is sealed for is made for those that are given out alone. */
interface Slot extends Pick<StoredSealed, "address" | "sealed"> {
  readonly context: () => SealContext
  readonly replace: (by: Sealed) => void
}

const encodeAddress = (...parts: ReadonlyArray<string>) => JSON.stringify(parts) as SealedAddress

const allSlots = (state: MemoryState): ReadonlyArray<Slot> => {
  const slotsIn = <Row>(
    table: string,
    rows: ReadonlyMap<string, Row>,
    valuesOf: (row: Row) => ReadonlyArray<decide.SealedValue>
  ): ReadonlyArray<Slot> =>
    [...rows].flatMap(([key, row]) =>
      valuesOf(row).map(({ context, field, replacedBy, sealed }) => ({
        address: encodeAddress(table, key, field),
        sealed,
        context,
        replace: (by: Sealed) => write(state, replacedBy(by))
      }))
    )
  const { credentials, flows, integrations, revocations } = state.tables
  const hashKey: ReadonlyArray<Slot> =
    state.hashKey === undefined
      ? []
      : [
          {
            address: encodeAddress("hash_key", "", hashKeyContext.field),
            sealed: state.hashKey,
            context: () => hashKeyContext,
            replace: (by) => {
              state.hashKey = withOwnBytes(by)
            }
          }
        ]
  return [
    ...slotsIn("credentials", credentials, decide.sealedValues.credentials),
    ...slotsIn("integrations", integrations, decide.sealedValues.integrations),
    ...slotsIn("revocations", revocations, decide.sealedValues.revocations),
    ...slotsIn("flows", flows, decide.sealedValues.flows),
    ...hashKey
  ]
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

const toStored = ({ address, context, sealed }: Slot): StoredSealed => ({
  ...context(),
  address,
  sealed: withOwnBytes(sealed)
})

/** The first of these in the order of their addresses. What comes after them is neither sorted nor looked into. */
const firstByAddress = (
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
export const makeSealedValues = (
  state: MemoryState
): Pick<Maintenance["Service"], "keysInUse" | "replaceSealed" | "sealedValues"> => ({
  keysInUse: Effect.sync(() => {
    const counts = new Map<string, number>()
    for (const { sealed } of allSlots(state)) {
      const keyId = keyIdOf(sealed)
      counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
    }
    return [...counts].map(([keyId, count]) => ({ keyId, count }))
  }),

  sealedValues: ({ after, exceptKeyId, limit }) =>
    Effect.sync(() =>
      firstByAddress(
        allSlots(state),
        limit,
        after,
        (sealed) => keyIdOf(sealed) !== exceptKeyId
      ).map(toStored)
    ),

  replaceSealed: ({ address, sealed }, by) =>
    Effect.sync(() => {
      const found = allSlots(state).find((slot) => slot.address === address)
      if (found === undefined || !sameBytes(found.sealed, sealed)) return false
      found.replace(by)
      return true
    })
})
