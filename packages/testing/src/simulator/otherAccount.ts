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
