import { startPostgres } from "../../../test-support/postgres-server.ts"
import { crash } from "./crash.ts"
import type { FaultMode } from "./faults.ts"

const modes: ReadonlyArray<FaultMode> = ["kill", "stop"]
const runs = [
  { scenario: "refresh", grace: 0 },
  { scenario: "refresh", grace: 1 },
  { scenario: "callback", grace: 0 }
] as const

const database = await startPostgres({ durable: true })
let failed = 0
try {
  for (const { grace, scenario } of runs) {
    const name = scenario === "refresh" ? `refresh, ${grace === 0 ? "no" : "one"} grace` : scenario
    let done = 0
    const { outcomes, points } = await crash({
      databaseUrl: database.url,
      scenario,
      grace,
      modes,
      concurrency: 6,
      onFault: ({ label, mode, outcome, problems }, of) => {
        done++
        if (problems.length > 0) console.log(`${mode} ${label}: ${outcome}: ${problems.join(", ")}`)
        else if (done % 10 === 0) console.log(`${name}: ${done} of ${of}`)
      }
    })
    const bad = outcomes.filter(({ problems }) => problems.length > 0)
    failed += bad.length
    console.log(
      `${name}: ${points.length} points, read off a run; ${outcomes.length} faults (${modes.join(" and ")}), of which ` +
        `${outcomes.filter(({ isWindow }) => isWindow).length} between the provider's answer and the commit; ` +
        `ended as ${tally(outcomes.map(({ outcome }) => outcome))}; ${bad.length} wrong`
    )
  }
} finally {
  await database.stop()
}
process.exitCode = failed === 0 ? 0 : 1

function tally(outcomes: ReadonlyArray<string>): string {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts].map(([outcome, count]) => `${outcome} ${count}`).join(", ")
}
