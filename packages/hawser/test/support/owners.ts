import { type ActingConnection, defineProvider, type Hawser, type HawserOptions } from "hawser"
import { expect } from "vitest"
import type { HostParts, TestClaims, TestHost } from "./host.ts"

/** Everybody may have many of everything; `locker` is an API-key service that nobody is asked about. */
export const forAll = ({ providers }: HostParts): Partial<HawserOptions> => ({
  providers: [
    ...providers,
    defineProvider({
      id: "locker",
      displayName: "Locker",
      category: "cloud",
      description: "An API-key service that cannot check a key.",
      authType: "api_key",
      fields: [{ name: "api_key", label: "API key" }],
      headers: { "x-api-key": "{api_key}" }
    })
  ].map((config) => ({ ...config, ownedBy: ["tenant", "user"], connections: "many" }))
})

export interface Connected {
  readonly integrationId: string
  readonly credentialId: string
}

/** Stores a key and connects `locker` with it, over HTTP: the tenant's, or with `own` the caller's. */
export const connectLocker = async (
  host: TestHost,
  as: TestClaims,
  { key = "a-key", name = "default", own = false } = {}
): Promise<Connected> => {
  const owner = own ? "user" : "tenant"
  const stored = await host.call("POST", `/locker/credentials?owner=${owner}`, {
    as,
    body: { credentials: { api_key: key } }
  })
  const { credentialId } = (await stored.json()) as Connected
  const connected = await host.call("POST", `/locker/connect?owner=${owner}&name=${name}`, {
    as,
    body: { credentialId }
  })
  const { integrationId } = (await connected.json()) as Connected
  expect([stored.status, connected.status]).toEqual([201, 200])
  return { integrationId, credentialId }
}

/** A connection as a host's own code names it. */
export interface Reference {
  readonly userId?: string
  readonly owner?: "tenant" | "user"
  readonly name?: string
  readonly integrationId?: string
}

/** What a host in JavaScript may say: also a user's own of nobody. */
export const referred = (
  hawser: Hawser,
  tenantId: string,
  provider: string,
  { integrationId, userId, ...options }: Reference
): ActingConnection => {
  const tenant = hawser.tenant(tenantId, { user: userId as string })
  return integrationId === undefined
    ? tenant.connection(provider, options)
    : tenant.connection({ id: integrationId })
}
