import { defineProvider, type HawserOptions, memory, postgres } from "hawser"
import { afterEach, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { connectProjects } from "./support/flow.ts"
import { type HostParts, startTestHost } from "./support/host.ts"

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const database = async () => {
  const { drop, url } = await createDatabase()
  closing.push(drop)
  return postgres({ url })
}

/** The authorization server, said to end this by a revocation. */
const revoking =
  (ends: "token" | "grant") =>
  ({ authorizationServer: { clientId, clientSecret, issuer } }: HostParts) => ({
    workers: "off" as const,
    providers: [
      defineProvider(
        {
          id: "projects",
          displayName: "Projects",
          category: "ticketing",
          description: "A real authorization server on loopback.",
          authType: "oauth2",
          issuer,
          authorizationEndpoint: `${issuer}/auth`,
          tokenEndpoint: `${issuer}/token`,
          revocation: { endpoint: `${issuer}/token/revocation`, ends },
          authorizationParameters: { prompt: "consent" },
          issParameterSupported: true,
          clientAuthentication: "client_secret_basic",
          defaultScopes: ["offline_access", "projects.read"]
        },
        { clientId, clientSecret }
      )
    ]
  })

const start = async (store: HawserOptions["store"], ends: "token" | "grant") => {
  const host = await startTestHost(store, revoking(ends))
  closing.push(host.close)
  const { authorizationServer, hawser } = host
  const connect = async (tenant: string) => {
    await connectProjects(host, { as: { tenant } })
    const { token: accessToken } = await hawser.tenant(tenant).connection("projects").token()
    return { isAlive: () => authorizationServer.isActive(accessToken) }
  }
  const disconnect = (tenantId: string) =>
    hawser.tenant(tenantId, { user: "ada" }).connection("projects").disconnect()
  return { ...host, connect, disconnect }
}

describe.each([
  ["memory", async () => memory()],
  ["PostgreSQL", database]
] as const)("S-39 leaving a real authorization server, with %s", (_, store) => {
  it("ends the tokens there, and those of nobody else", async () => {
    const { connect, disconnect, hawser } = await start(await store(), "token")
    const leaving = await connect("leaving")
    const staying = await connect("staying")
    await disconnect("leaving")
    // The disconnect itself asks the provider nothing.
    expect(await leaving.isAlive()).toBe(true)
    await hawser.tick()
    expect([await leaving.isAlive(), await staying.isAlive()]).toStrictEqual([false, true])
  })

  it("leaves out what could end another tenant's connection", async () => {
    const { connect, disconnect, hawser, securityEvents } = await start(await store(), "grant")
    const leaving = await connect("leaving")
    const staying = await connect("staying")
    await disconnect("leaving")
    await hawser.tick()
    expect([await leaving.isAlive(), await staying.isAlive()]).toStrictEqual([true, true])
    expect(securityEvents).toContainEqual({
      type: "revocation_left_out",
      tenantId: "leaving",
      provider: "projects",
      reason: "account_in_use"
    })
    await disconnect("staying")
    await hawser.tick()
    expect(await staying.isAlive()).toBe(false)
  })
})
