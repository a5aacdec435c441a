/** The names of the fields that a definition's template has a place for. */
export const placeholders = (template: string): ReadonlyArray<string> =>
  [...template.matchAll(/(?<=\{)[a-z][a-z0-9_]*(?=\})/g)].map(([name]) => name)

/**
 * A label of the tenant's choice stands first in the host, before at least two that are fixed. Every name below
 * `localhost` is this machine, whatever stands before it: there plain http is a simulated provider's.
 */
export const isFirstLabel = (url: string, name: string): boolean =>
  placeholders(url).filter((one) => one === name).length === 1 &&
  new RegExp(
    `^(?:https://\\{${name}\\}(?:\\.[a-z0-9-]+){2,}|http://\\{${name}\\}(?:\\.[a-z0-9-]+)+\\.localhost)(?::\\d+)?(?:/|$)`
  ).test(url)

/** What is fixed after the label of the tenant's choice, without the port. */
export const afterFirstLabel = (url: string): string =>
  hostPart(url)
    .replace(/^\{[^}]*\}\./, "")
    .replace(/:\d+$/, "")

/** The part of a URL's template in which the host stands, as loosely as URLs are read. */
export const hostPart = (url: string): string => /^https?:[\\/]*([^\\/?#]*)/i.exec(url)?.[1] ?? url

/** A host of the tenant's or the vendor's choice stands alone; below `localhost` it is a simulated provider's. */
export const isWholeHost = (url: string, name: string): boolean =>
  placeholders(hostPart(url)).filter((one) => one === name).length === 1 &&
  new RegExp(`^(?:https://\\{${name}\\}|http://\\{${name}\\}\\.localhost(?::\\d+)?)(?:/|$)`).test(
    url
  )

/** Values by the name under which templates have them, checked. */
export type TemplateValues = Readonly<Record<string, string>>

/** The templates that lists of choices make of one: what may be chosen of a host is as good as fixed. */
export const withChoices = (
  template: string,
  fields: ReadonlyArray<{
    readonly name: string
    readonly choices?: ReadonlyArray<string> | undefined
  }>
): ReadonlyArray<string> =>
  fields.reduce<ReadonlyArray<string>>(
    (templates, { choices, name }) =>
      choices === undefined || !placeholders(hostPart(template)).includes(name)
        ? templates
        : templates.flatMap((one) => choices.map((choice) => one.replaceAll(`{${name}}`, choice))),
    [template]
  )
