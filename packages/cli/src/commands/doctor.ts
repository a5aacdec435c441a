import { redirectUris } from "@hawser/effect"
import { NodeCrypto } from "@hawser/egress"
import { pglite, postgres } from "@hawser/postgres"
import { Effect } from "effect"
import type { HawserOptions } from "hawser"
import { databaseFindings } from "../doctor/database.ts"
import { type Finding, ok, problem } from "../doctor/Finding.ts"
import { networkFindings } from "../doctor/network.ts"
import { packageFindings } from "../doctor/packages.ts"
import { loadHost } from "../host/loadHost.ts"
import { storeOf } from "../host/openHost.ts"
import { tell } from "../Problem.ts"
import { reporting } from "../report.ts"
import { withoutSecrets } from "../host/secrets.ts"

const words = { ok: "ok      ", warning: "warning ", problem: "PROBLEM " } as const

const lines = ({ check, level, message, next }: Finding): string =>
  `${words[level]} ${check}: ${message}${next === undefined ? "" : `\n         Next: ${next}`}`

/** The options, as a start checks them. What depends on them is not looked at while they are wrong. */
const ofOptions = (options: HawserOptions) =>
  Effect.gen(function* () {
    const { kind, options: given } = yield* storeOf(options.store)
    const store = kind === "postgres" ? postgres(given) : pglite(given)
    const redirects = yield* redirectUris({ ...options, store })
    return [ok("options", "They are complete."), ...(yield* networkFindings(options, redirects))]
  }).pipe(
    Effect.provide(NodeCrypto.layer),
    Effect.catchCause((cause) => {
      const { message, next } = tell(cause)
      return Effect.succeed([problem("options", message, next)])
    })
  )

const count = (findings: ReadonlyArray<Finding>, level: Finding["level"]): number =>
  findings.filter((one) => one.level === level).length

export const doctor = reporting(
  "doctor",
  "Check your configuration against its world: database, keys, URLs, clocks, network",
  {},
  () =>
    Effect.gen(function* () {
      const { file, options } = yield* loadHost
      const findings = [
        ...packageFindings(file),
        ...(yield* ofOptions(options)),
        ...(yield* databaseFindings(options))
      ].map((one) => ({ ...one, message: withoutSecrets(one.message) }))
      const problems = count(findings, "problem")
      const warnings = count(findings, "warning")
      return {
        json: { findings, problems, warnings },
        text: `${findings.map(lines).join("\n")}\n\n${problems} problem${problems === 1 ? "" : "s"}, ${warnings} warning${warnings === 1 ? "" : "s"}.`,
        isFailure: problems > 0
      }
    })
)
