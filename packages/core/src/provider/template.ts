/** The names of the fields that a template refers to. */
export const placeholders = (template: string): ReadonlyArray<string> =>
  [...template.matchAll(/(?<=\{)[a-z][a-z0-9_]*(?=\})/g)].map(([name]) => name)

/**
 * A label that the tenant chooses comes first in the host, before at least two fixed labels. Every name below `localhost`
 * is this machine, so a simulated provider may use plain http there.
 */
export const isFirstLabel = (url: string, name: string): boolean =>
  placeholders(url).filter((one) => one === name).length === 1 &&
  new RegExp(
    `^(?:https://\\{${name}\\}(?:\\.[a-z0-9-]+){2,}|http://\\{${name}\\}(?:\\.[a-z0-9-]+)+\\.localhost)(?::\\d+)?(?:/|$)`
  ).test(url)

/** The fixed part after the tenant's label, without the port. */
export const afterFirstLabel = (url: string): string =>
  hostPart(url)
    .replace(/^\{[^}]*\}\./, "")
    .replace(/:\d+$/, "")

/** The authority of a URL's template, read as loosely as URL parsers do. */
export const hostPart = (url: string): string => /^https?:[\\/]*([^\\/?#]*)/i.exec(url)?.[1] ?? url

/** A host that the tenant or the vendor chooses is the whole authority; below `localhost` it belongs to a simulated provider. */
export const isWholeHost = (url: string, name: string): boolean =>
  placeholders(hostPart(url)).filter((one) => one === name).length === 1 &&
  new RegExp(`^(?:https://\\{${name}\\}|http://\\{${name}\\}\\.localhost(?::\\d+)?)(?:/|$)`).test(
    url
  )

/** Checked values by their name in templates. */
export type TemplateValues = Readonly<Record<string, string>>

/** Expands lists of choices into one template each: a choice counts as a fixed host. */
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
