import { compareEndpointLock, writeEndpointLock } from "@hawser/effect"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { EndpointChange } from "hawser"
import { loadHost } from "../host/loadHost.ts"
import { Problem, rejection } from "../Problem.ts"
import { reporting } from "../report.ts"

const flags = {
  accept: Flag.Boolean("accept").pipe(
    Flag.withDescription("Write the endpoints of now into the file"),
    Flag.withDefault(false)
  ),
  file: Flag.String("file").pipe(
    Flag.withDescription("The lock file. Default: endpointLock of your options"),
    Flag.optional
  )
}

const line = ({ found, locked, member, provider }: EndpointChange): string =>
  `  ${provider}.${member}: ${locked ?? "(not there)"} → ${found ?? "(gone)"}`

/** The errors of the host's own configuration stay what they are. */
const asked = <A>(call: () => Promise<A>) => Effect.tryPromise({ try: call, catch: rejection })

export const lock = reporting(
  "lock",
  "Show where endpoints differ from those that you approved, and approve them",
  flags,
  ({ accept, file }) =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const { endpointLock, providers } = options
      const configured = typeof endpointLock === "object" ? endpointLock.path : endpointLock
      const path = Option.getOrElse(file, () => configured)
      if (path === undefined) {
        return yield* new Problem({
          code: "no_endpoint_lock",
          problem: "Your options have no endpointLock, so nothing is locked.",
          next: 'Set endpointLock: "hawser.lock.json", and commit the file that the first start writes.'
        })
      }
      const { added, changes, isThere } = yield* asked(() => compareEndpointLock(path, providers))
      const differs = changes.length > 0 || added.length > 0
      const said = [
        ...(changes.length > 0 ? ["Changed since you approved them:", ...changes.map(line)] : []),
        ...(added.length > 0
          ? [
              `${isThere ? "Not in the file yet" : `${path} is not there; it would hold`}: ${added.join(", ")}`
            ]
          : [])
      ]
      if (accept && differs) yield* asked(() => writeEndpointLock(path, providers))
      const outcome = accept
        ? `Approved. Commit ${path}.`
        : "Next: if the vendor itself says so, run npx hawser lock --accept and commit the file; if not, do not start."
      return {
        json: { path, isThere, changes, added, accepted: accept && differs },
        text: differs ? [...said, outcome].join("\n") : `${path} has the endpoints of now.`,
        isFailure: differs && !accept
      }
    })
)
