import type { Values } from "./templates.ts"
import type { OAuth2Vendor } from "./Vendor.ts"

/** An id of the same form: its last letter or digit, of a host that of its first label, is another one. */
export const neighbourOf = (id: string): string => {
  const end = /^[^.:/]+(?=\.)/.exec(id)?.[0].length ?? id.length
  const last = id.slice(0, end).search(/[A-Za-z0-9][^A-Za-z0-9]*$/)
  const character = id.charAt(last)
  const other = /\d/.test(character)
    ? String((Number(character) + 1) % 10)
    : character === "a"
      ? "b"
      : character === "A"
        ? "B"
        : character === character.toUpperCase()
          ? "A"
          : "a"
  return id.slice(0, last) + other + id.slice(last + 1)
}

/** A value of the vendor's as it would be for another account than that of the facts. */
export const asOtherAccount = (vendor: OAuth2Vendor, value: unknown): unknown => {
  const { account } = vendor.facts
  if (account === undefined) return value
  const others = new Map([
    [account.id, neighbourOf(account.id)],
    ...(account.label === undefined ? [] : [[account.label, `Other ${account.label}`] as const])
  ])
  const replace = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(replace)
    if (typeof one === "object" && one !== null)
      return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, replace(inner)]))
    if (typeof one !== "string" && typeof one !== "number") return one
    const other = others.get(String(one))
    if (other === undefined) return one
    return typeof one === "number" ? Number(other) : other
  }
  return replace(value)
}

/** A vendor's answer for a person who has two accounts: the list that tells the one of the facts tells the other too. */
export const withOtherAccount = (vendor: OAuth2Vendor, value: unknown): unknown => {
  if (Array.isArray(value)) {
    const own: unknown = value.find((element) => isOther(vendor, element))
    return own === undefined
      ? value
      : [...(value as ReadonlyArray<unknown>), asOtherAccount(vendor, own)]
  }
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withOtherAccount(vendor, inner)])
  )
}

/** Whether a value would be another one for another account. */
const isOther = (vendor: OAuth2Vendor, value: unknown): boolean =>
  JSON.stringify(asOtherAccount(vendor, value)) !== JSON.stringify(value)

/** The values of a connection to the other account. */
export const otherValues = (vendor: OAuth2Vendor): Values =>
  asOtherAccount(vendor, vendor.values) as Values

/** The account of a grant as a connection shows it. */
export const accountOf = (
  vendor: OAuth2Vendor,
  isOfOther: boolean
): { readonly id: string; readonly label?: string } | undefined => {
  const { account } = vendor.facts
  if (account === undefined) return undefined
  const own = {
    id: account.id,
    ...(account.label !== undefined && { label: account.label })
  }
  return isOfOther ? (asOtherAccount(vendor, own) as typeof own) : own
}
