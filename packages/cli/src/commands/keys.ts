import { rotateKeys } from "@hawser/core"
import { Effect } from "effect"
import { loadHost } from "../host/loadHost.ts"
import { vault } from "../host/openHost.ts"
import { type Key, readKeys } from "../host/readKeys.ts"
import { reporting } from "../report.ts"
import { note, table } from "../terminal.ts"

const advice = ({ configured, values }: Key): string => {
  switch (configured) {
    case "primary":
      return "seals new values"
    case "other":
      return values === 0
        ? "opens nothing: you can remove it"
        : "opens old values: run npx hawser rotate before you remove it"
    case "no":
      return "is not configured: these values cannot be opened"
    case "unknown":
      return "is kept by your key management service: keep it until it has no values"
  }
}

export const keys = reporting(
  "keys",
  "List the keys that stored values need, and those that are configured",
  {},
  () =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const found = yield* readKeys(options)
      const rows = found.map((key) => [
        key.keyId === "" ? "(not sealed by a key)" : key.keyId,
        String(key.values),
        key.configured,
        advice(key)
      ])
      return {
        json: { keys: found },
        text: table(["KEY", "VALUES", "CONFIGURED", "IT"], rows),
        isFailure: found.some(({ configured, values }) => configured === "no" && values > 0)
      }
    })
)

export const rotate = reporting(
  "rotate",
  "Seal all stored values again under the primary key",
  {},
  () =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const progress = yield* rotateKeys(({ done, failed, remaining }) =>
        Effect.sync(() => note(`${done} sealed again, ${failed} failed, ${remaining} remain`))
      ).pipe(Effect.provide(vault(options)))
      const { done, failed, remaining } = progress
      return {
        json: progress,
        text:
          remaining === 0
            ? `${done} values were sealed again. All are under the primary key: you can remove the other keys.`
            : `${done} values were sealed again. ${remaining} remain under other keys, ${failed} of which do not open.\nNext: npx hawser keys names the keys that they need. Configure those too, and run this again.`,
        isFailure: remaining > 0
      }
    })
)
