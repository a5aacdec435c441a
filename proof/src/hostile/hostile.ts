import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { ProviderId } from "@hawser/core"
import { query } from "../../../test-support/postgres-query.ts"
import { startRotatingServer } from "../../../test-support/rotating-server.ts"
import { createDatabase, expireTokens } from "../database.ts"
import { newEncryptionKey, providerConfig, providerId, silent, startHost } from "../host.ts"

export interface HostileOptions {
  /** Grants of one tenant at the host that hangs. */
  readonly hanging: number
  /** Tenants with a grant each at a host that works. */
  readonly healthy: number
}

export interface HostileResult {
  /** Requests that the hanging host left without an answer until all others were refreshed. */
  readonly hung: number
  readonly refreshed: number
  /** Milliseconds from the beginning of the work until the last healthy grant was refreshed. */
  readonly slowestMs: number
}

const hangingId = ProviderId.make("hanging")

/** Longer than this nobody waits for the healthy ones. */
const patienceMs = 60_000

/** Accepts requests and never answers. */
const startHangingServer = async () => {
  let requests = 0
  const server = createServer(() => {
    requests++
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/**
 * One tenant's many grants at a host that never answers, and a grant each of many others elsewhere: all come due at once,
 * and the others are refreshed as if the one were not there.
 */
export const hostile = async (
  serverUrl: string,
  { hanging, healthy }: HostileOptions
): Promise<HostileResult> => {
  const server = await startRotatingServer({ latencyMs: 20 })
  const hangs = await startHangingServer()
  const databaseUrl = await createDatabase(serverUrl, "hostile")
  const { clientId, clientSecret, origin } = server
  const settings = { databaseUrl, encryptionKey: newEncryptionKey(), server }
  const hawser = await startHost(settings, {
    workers: "off",
    logger: silent,
    providers: [
      providerConfig({ origin, clientId, clientSecret }),
      providerConfig(
        { origin: `http://127.0.0.1:${hangs.port}`, clientId, clientSecret },
        hangingId
      )
    ]
  })
  try {
    const grantOf = (tenantId: string, provider: string) => {
      const { access_token, refresh_token } = server.issue()
      return {
        tenantId,
        provider,
        connectedBy: "ada",
        accessToken: access_token,
        refreshToken: refresh_token,
        expiresAt: new Date()
      }
    }
    for (let index = 0; index < hanging; index++) {
      await hawser.admin.import([grantOf("hostile", hangingId)])
      await query(
        databaseUrl,
        `UPDATE hawser.integration SET connection = 'account-${index}' WHERE connection = 'default'`
      )
    }
    await hawser.admin.import(
      Array.from({ length: healthy }, (_, index) => grantOf(`tenant-${index}`, providerId))
    )
    // Those of the hostile tenant have waited longest: they come first.
    await expireTokens(databaseUrl)
    await query(
      databaseUrl,
      `UPDATE hawser.oauth_grant SET refresh_due_at = refresh_due_at - interval '1 minute' WHERE tenant_id = 'hostile'`
    )

    const began = performance.now()
    // It waits for the hanging host as well, so nobody waits for it here.
    const ticks = repeatUntil(() => server.refreshes() >= healthy, hawser.tick, began + patienceMs)
    const slowestMs = Math.round((await ticks) - began)
    return { hung: hangs.requests(), refreshed: server.refreshes(), slowestMs }
  } finally {
    hangs.close()
    await hawser.close()
    await server.close()
  }
}

/** Begins a tick each 250 ms, as workers in process do, until it is so or too late; the instant at which it ended. */
const repeatUntil = async (
  isSo: () => boolean,
  tick: () => Promise<void>,
  deadline: number
): Promise<number> => {
  let nextTick = 0
  while (!isSo() && performance.now() < deadline) {
    if (performance.now() >= nextTick) {
      nextTick = performance.now() + 250
      tick().catch(() => undefined)
    }
    await sleep(10)
  }
  return performance.now()
}
