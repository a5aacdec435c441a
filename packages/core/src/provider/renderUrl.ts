import type { TemplateValues } from "./template.ts"

/**
 * Fills a URL's template. In the host a value is used as it is, because its own check guards it. After the host, values are
 * escaped so that none can leave its segment. A name without a value stays.
 */
export const renderUrl = (template: string, values: TemplateValues): string => {
  const fill = (part: string, encode: (value: string) => string) =>
    part.replace(/\{([a-z][a-z0-9_]*)\}/g, (whole, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      return value === undefined ? whole : encode(value)
    })
  const origin = /^https?:[\\/]*[^\\/?#]*/i.exec(template)?.[0] ?? ""
  return fill(origin, (value) => value) + fill(template.slice(origin.length), encodeURIComponent)
}
