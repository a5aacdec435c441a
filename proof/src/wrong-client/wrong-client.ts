import { type RotatingServer, startRotatingServer } from "../../../test-support/rotating-server.ts"
import { createDatabase, dueTokens, expireTokens, recorded, statuses } from "../database.ts"
import { type HostSettings, newEncryptionKey, providerId, silent, startHost } from "../host.ts"

export interface WrongClientResult {
  /** Due grants that the keeper took up, and put off, while the host had another client id. */
  readonly putOff: number
  /** Requests that reached the server meanwhile. */
  readonly requestsOfOtherClient: number
  /** What callers were told, by code. */
  readonly errorsOfOtherClient: Readonly<Record<string, number>>
  /** The same while the host had a wrong secret. */
  readonly errorsOfWrongSecret: Readonly<Record<string, number>>
  /** Integrations that ended under either. */
  readonly disconnected: number
  readonly refreshed: number
  readonly connected: number
  readonly reuses: number
}

const tenantOf = (index: number): string => `tenant-${index}`

/** Grants whose access tokens have ended: each is due. */
const importGrants = async (
  settings: HostSettings,
  server: RotatingServer,
  grants: number
): Promise<void> => {
  const hawser = await startHost(settings, { workers: "off" })
  const report = await hawser.admin.import(
    Array.from({ length: grants }, (_, index) => {
      const tokens = server.issue()
      return {
        tenantId: tenantOf(index),
        provider: providerId,
        connectedBy: "ada",
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        expiresAt: new Date(Date.now() - 60_000)
      }
    })
  )
  await hawser.close()
  if (report.imported !== grants) throw new Error(`${report.imported} of ${grants} were imported`)
  // An import spreads its refreshes over time.
  await expireTokens(settings.databaseUrl)
}

/** A deploy: works on all that is due, then answers a few callers. What they were told, by code. */
const deploy = async (
  settings: HostSettings,
  callers: number
): Promise<Readonly<Record<string, number>>> => {
  const hawser = await startHost(settings, { workers: "off", logger: silent })
  try {
    for (let tick = 0; tick < 3; tick++) await hawser.tick()
    const answers: Record<string, number> = {}
    for (let index = 0; index < callers; index++) {
      const answer = await hawser
        .tenant(tenantOf(index))
        .connection(providerId)
        .token()
        .then(
          () => "token",
          (error: unknown) => String((error as { code?: unknown }).code ?? error)
        )
      answers[answer] = (answers[answer] ?? 0) + 1
    }
    return answers
  } finally {
    await hawser.close()
  }
}

const settingsFor = async (
  serverUrl: string,
  name: string,
  { clientId, clientSecret, origin }: RotatingServer
): Promise<HostSettings> => ({
  databaseUrl: await createDatabase(serverUrl, name),
  encryptionKey: newEncryptionKey(),
  server: { origin, clientId, clientSecret }
})

/** A deploy with another client id, one with a wrong secret, then the right one: no connection is lost. */
export const wrongClient = async (
  serverUrl: string,
  { callers, grants }: { readonly grants: number; readonly callers: number }
): Promise<WrongClientResult> => {
  const server = await startRotatingServer()
  try {
    const settings = await settingsFor(serverUrl, "wrong_client", server)
    await importGrants(settings, server, grants)

    const other = { ...settings.server, clientId: "another-client" }
    const errorsOfOtherClient = await deploy({ ...settings, server: other }, callers)
    const putOff = grants - (await dueTokens(settings.databaseUrl))
    const requestsOfOtherClient = server.tokenRequests()
    const afterOther = (await statuses(settings.databaseUrl))["disconnected"] ?? 0

    await expireTokens(settings.databaseUrl)
    const wrong = { ...settings.server, clientSecret: "another-secret" }
    const errorsOfWrongSecret = await deploy({ ...settings, server: wrong }, callers)
    const afterWrong = (await statuses(settings.databaseUrl))["disconnected"] ?? 0

    await expireTokens(settings.databaseUrl)
    await deploy(settings, 0)
    return {
      putOff,
      requestsOfOtherClient,
      errorsOfOtherClient,
      errorsOfWrongSecret,
      disconnected: afterOther + afterWrong,
      refreshed: server.refreshes(),
      connected: (await statuses(settings.databaseUrl))["connected"] ?? 0,
      reuses: server.reuses()
    }
  } finally {
    await server.close()
  }
}

export interface RefusedByAllResult {
  /** Told to connect again, before the brake went on. */
  readonly told: number
  /** Ended, once it was on. */
  readonly ended: number
  readonly requests: number
  readonly alarms: number
  readonly errors: Readonly<Record<string, number>>
  readonly restored: number
  readonly refreshed: number
  readonly connected: number
}

/** The server refuses every grant at once: the brake keeps all, and takes back the ends that put it on. */
export const refusedByAll = async (
  serverUrl: string,
  { callers, grants }: { readonly grants: number; readonly callers: number }
): Promise<RefusedByAllResult> => {
  const server = await startRotatingServer()
  try {
    const settings = await settingsFor(serverUrl, "refused_by_all", server)
    await importGrants(settings, server, grants)

    let alarms = 0
    server.refuseAll(true)
    const hawser = await startHost(settings, {
      workers: "off",
      logger: silent,
      onSecurityEvent: ({ type }) => {
        if (type === "refreshing_paused") alarms++
      }
    })
    for (let tick = 0; tick < 3; tick++) await hawser.tick()
    const told = await recorded(settings.databaseUrl, "integration.disconnected")
    const ended = (await statuses(settings.databaseUrl))["disconnected"] ?? 0
    const requests = server.tokenRequests()
    const errors: Record<string, number> = {}
    for (let index = grants - callers; index < grants; index++) {
      await hawser
        .tenant(tenantOf(index))
        .connection(providerId)
        .token()
        .catch((error: unknown) => {
          const code = String((error as { code?: unknown }).code ?? error)
          errors[code] = (errors[code] ?? 0) + 1
        })
    }

    server.refuseAll(false)
    const restored = await hawser.admin.restore({ provider: providerId })
    await expireTokens(settings.databaseUrl)
    for (let tick = 0; tick < 3; tick++) await hawser.tick()
    await hawser.close()
    return {
      told,
      ended,
      requests,
      alarms,
      errors,
      restored,
      refreshed: server.refreshes(),
      connected: (await statuses(settings.databaseUrl))["connected"] ?? 0
    }
  } finally {
    await server.close()
  }
}
