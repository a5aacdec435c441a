import { isHawserError } from "@hawser/core"
import type { CatalogueId } from "@hawser/testing/facts"
import { Effect } from "effect"
import { Flag } from "effect/cli"
import { pglite } from "hawser"
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { portFlag } from "../portFlag.ts"
import { Problem, rejection } from "../Problem.ts"
import { reporting } from "../report.ts"
import { encryptionKeyIn } from "../sample/encryptionKeyIn.ts"
import { forgetRunning, noteRunning, runningIn } from "../sample/running.ts"
import { isCatalogueId, unknownProvider } from "../sample/simulated.ts"
import { startSample } from "../sample/startSample.ts"
import { whenCommandEnds } from "../sample/whenCommandEnds.ts"
import { note, print, printJson } from "../terminal.ts"
import { Json } from "../report.ts"

const flags = {
  providers: Flag.String("providers").pipe(
    Flag.withDescription("Which providers are simulated, by their ids, with commas"),
    Flag.withDefault("datadog,github,google,pagerduty,slack")
  ),
  port: portFlag("The port. If it is taken, whatever is free. Default 4400", 4400),
  folder: Flag.String("folder").pipe(
    Flag.withDescription("Where the data is kept. Default .hawser"),
    Flag.withDefault(".hawser")
  )
}

const chosen = (given: string): Effect.Effect<ReadonlyArray<CatalogueId>, Problem> => {
  const ids = [...new Set(given.split(",").map((id) => id.trim()))].filter((id) => id !== "")
  const unknown = ids.find((id) => !isCatalogueId(id))
  if (unknown === undefined && ids.length > 0) return Effect.succeed(ids.filter(isCatalogueId))
  return Effect.fail(
    unknown === undefined
      ? new Problem({
          code: "provider_unknown",
          problem: "--providers names nobody.",
          next: "npx hawser providers search finds those that the catalogue has."
        })
      : unknownProvider(unknown)
  )
}

const refuseTwice = (folder: string) =>
  Effect.flatMap(
    Effect.promise(() => runningIn(folder)),
    (origin) =>
      origin === undefined
        ? Effect.void
        : new Problem({
            code: "running_already",
            problem: `It is running already: ${origin}/`,
            next: "Open that address, or give this one a --folder of its own."
          })
  )

const startIn = (folder: string, port: number, simulated: ReadonlyArray<CatalogueId>) =>
  Effect.tryPromise({
    try: () =>
      startSample({
        store: pglite({ dataDir: join(folder, "pglite") }),
        encryptionKey: encryptionKeyIn(folder),
        port,
        script: readFileSync(new URL("./page/page.js", import.meta.url), "utf8"),
        simulated
      }),
    catch: rejection
  }).pipe(
    Effect.catchIf(
      (error) => isHawserError(error, "configuration_error"),
      // Another one may have been starting at the same time, and holds the folder.
      (error) => Effect.andThen(refuseTwice(folder), Effect.fail(error))
    )
  )

export const dev = reporting(
  "dev",
  "Start a sample host, the simulator and an inspector, at one address",
  flags,
  ({ folder: given, port, providers }) =>
    Effect.gen(function* () {
      const folder = resolve(given)
      const simulated = yield* chosen(providers)
      yield* refuseTwice(folder)
      note(`Starting PGlite in ${join(given, "pglite")} (the first time takes some seconds) …`)
      const sample = yield* Effect.acquireRelease(startIn(folder, port, simulated), (running) =>
        Effect.promise(() => running.close())
      )
      yield* Effect.acquireRelease(
        Effect.sync(() => noteRunning(folder, sample.origin)),
        () => Effect.sync(() => forgetRunning(folder))
      )
      const url = `${sample.origin}/`
      if (yield* Json) printJson({ url, folder, providers: simulated })
      else print(`Open ${url}`)
      note("Ctrl+C ends it; what you connected is still there next time.")
      // Ended by a signal, which is how it is meant to end.
      process.exitCode = 0
      whenCommandEnds(() => process.kill(process.pid, "SIGTERM"))
      return yield* Effect.never
    }).pipe(Effect.scoped)
)
