import type { OAuth2Definition } from "./ProviderDefinition.ts"

type Naming = Pick<OAuth2Definition, "grantedScopePrefix" | "scopeAliases">

/** One name for all names of a scope. */
const canonical = (
  { grantedScopePrefix = "", scopeAliases = {} }: Naming,
  scope: string
): string => {
  const named = Object.entries(scopeAliases).find(([, others]) => others.includes(scope))?.[0]
  return (
    named ?? (scope.startsWith(grantedScopePrefix) ? scope.slice(grantedScopePrefix.length) : scope)
  )
}

/**
 * The granted scopes by the names under which they were asked for: some vendors grant them by others, and a scope that is
 * required would be missed.
 */
export const namedAsAsked = (
  naming: Naming,
  asked: ReadonlyArray<string>,
  granted: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const names = new Map(asked.map((scope) => [canonical(naming, scope), scope]))
  return [
    ...new Set(
      granted.map((scope) =>
        asked.includes(scope) ? scope : (names.get(canonical(naming, scope)) ?? scope)
      )
    )
  ]
}
