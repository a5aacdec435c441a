import { startPostgres } from "../../test-support/postgres-server.ts"
import { hostile } from "./hostile/hostile.ts"
import { outage } from "./outage/outage.ts"
import { refusedByAll, wrongClient } from "./wrong-client/wrong-client.ts"

const grants = 3_000
const callers = 20

const database = await startPostgres({ durable: true })
let wrong = 0

const judge = (name: string, figures: object, isRight: boolean): void => {
  if (!isRight) wrong++
  console.log(`${name}: ${isRight ? "right" : "wrong"}\n  ${JSON.stringify(figures)}`)
}

/** Each of these was told at least once, and nothing else. */
const onlyTold = (
  answers: Readonly<Record<string, number>>,
  ...codes: ReadonlyArray<string>
): boolean => Object.keys(answers).toSorted().join() === codes.toSorted().join()

try {
  console.log(`PostgreSQL ${database.version}, fsync and synchronous_commit on`)

  const deployed = await wrongClient(database.url, { grants, callers })
  judge(
    `A wrong client id, then a wrong secret, over ${grants} connections`,
    deployed,
    deployed.putOff === grants &&
      deployed.requestsOfOtherClient === 0 &&
      onlyTold(deployed.errorsOfOtherClient, "provider_misconfigured") &&
      onlyTold(deployed.errorsOfWrongSecret, "provider_misconfigured") &&
      deployed.disconnected === 0 &&
      deployed.refreshed === grants &&
      deployed.connected === grants &&
      deployed.reuses === 0
  )

  const refused = await refusedByAll(database.url, { grants, callers })
  judge(
    `A provider that refuses all of ${grants} connections`,
    refused,
    refused.ended === 0 &&
      refused.told < grants / 20 &&
      refused.alarms === 1 &&
      onlyTold(refused.errors, "provider_misconfigured") &&
      refused.restored === 0 &&
      refused.refreshed === grants &&
      refused.connected === grants
  )

  const healthy = 99
  const delayed = await hostile(database.url, { hanging: 200, healthy })
  judge(
    `A tenant with 200 grants at a host that hangs, and ${healthy} others`,
    delayed,
    delayed.refreshed === healthy && delayed.hung > 0 && delayed.slowestMs < 20_000
  )

  const stopped = await outage(database, { outages: 3, readers: 20, connectors: 5, tenants: 40 })
  // A callback that met an outage is a 503; whether one did is chance.
  const { 503: _interrupted, ...connects } = stopped.connects
  judge(
    "PostgreSQL ended and started three times under load",
    stopped,
    onlyTold(stopped.readErrors, "storage_unavailable") &&
      onlyTold(connects, "connected", "storage_unavailable") &&
      stopped.deadTokens === 0 &&
      stopped.lost === 0 &&
      stopped.halfWritten === 0 &&
      stopped.refreshes > 0 &&
      stopped.reuses === 0
  )
} finally {
  await database.stop()
}
process.exitCode = wrong === 0 ? 0 : 1
