import type { Role } from "@hawser/core"

/** Who is signed in at the host under test. */
export interface Session {
  readonly tenantId: string
  readonly userId: string
  readonly roles: ReadonlyArray<Role>
  readonly isImpersonated?: boolean
}

const name = "conformance-session"

/** The cookie of a person who is signed in. It proves nothing, so it is for tests alone. */
export const sessionCookie = (session: Session): readonly [name: string, value: string] => [
  name,
  Buffer.from(JSON.stringify(session)).toString("base64url")
]

/** The session in a `Cookie` header. */
export const sessionOf = (header: string | null): Session | null => {
  const value = new RegExp(`(?:^|; )${name}=([\\w-]+)`).exec(header ?? "")?.[1]
  return value === undefined
    ? null
    : (JSON.parse(Buffer.from(value, "base64url").toString()) as Session)
}
