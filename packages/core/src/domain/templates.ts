/** The names in `{…}` of a definition's template. */
export const placeholders = (template: string): ReadonlyArray<string> =>
  [...template.matchAll(/(?<=\{)[a-z][a-z0-9_]*(?=\})/g)].map(([name]) => name)
