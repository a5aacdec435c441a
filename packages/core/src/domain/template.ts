/** The names of the fields that a definition's template has a place for. */
export const placeholders = (template: string): ReadonlyArray<string> =>
  [...template.matchAll(/(?<=\{)[a-z][a-z0-9_]*(?=\})/g)].map(([name]) => name)

/** A label of the tenant's choice stands first in the host, before at least two that are fixed (S-62). */
export const isFirstLabel = (url: string, name: string): boolean =>
  placeholders(url).filter((one) => one === name).length === 1 &&
  new RegExp(`^https://\\{${name}\\}(?:\\.[a-z0-9-]+){2,}(?::\\d+)?(?:/|$)`).test(url)

/** The part of a URL's template in which the host stands, as loosely as URLs are read. */
export const hostPart = (url: string): string => /^https?:[\\/]*([^\\/?#]*)/i.exec(url)?.[1] ?? url
