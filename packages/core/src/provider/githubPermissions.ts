/** A GitHub App's permission as a scope: `contents:read` (docs.github.com, "Permissions required for GitHub Apps"). */
const permission = /^(?<name>[a-z][a-z_]*):(?<level>read|write|admin)$/

export const isPermission = (scope: string): boolean => permission.test(scope)

const levels = ["read", "write", "admin"]

/** GitHub's object of permissions as scopes, sorted. An unknown level counts as no permission. */
export const permissionsToScopes = (
  permissions: Readonly<Record<string, string>>
): ReadonlyArray<string> =>
  Object.entries(permissions)
    .map(([name, level]) => `${name}:${level}`)
    .filter(isPermission)
    .toSorted()

/** Scopes as GitHub's object of permissions. */
export const scopesToPermissions = (
  scopes: ReadonlyArray<string>
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    scopes.flatMap((scope) => {
      const { level, name } = permission.exec(scope)?.groups ?? {}
      return name === undefined || level === undefined ? [] : [[name, level]]
    })
  )

/** The intersection of two sets of permissions, each at the lower level of the two. */
export const within = (
  scopes: ReadonlyArray<string>,
  allowed: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const most = scopesToPermissions(allowed)
  return Object.entries(scopesToPermissions(scopes)).flatMap(([name, level]) => {
    const allowedLevel = Object.hasOwn(most, name) ? most[name] : undefined
    if (allowedLevel === undefined) return []
    return [`${name}:${levels[Math.min(levels.indexOf(level), levels.indexOf(allowedLevel))]}`]
  })
}
