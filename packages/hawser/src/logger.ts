import { tellingLogger } from "@hawser/core"
import { Cause, Layer, Logger, References } from "effect"
import type { HawserLogger } from "./HawserOptions.ts"

/** The default of a host that gives no logger. */
const consoleLogger: HawserLogger = console

const textOf = (message: unknown): { readonly text: string; readonly details: object } => {
  const parts: ReadonlyArray<unknown> = Array.isArray(message) ? message : [message]
  const isDetails = (part: unknown) => typeof part === "object" && part !== null
  return {
    text: parts
      .filter((part) => !isDetails(part))
      .map(String)
      .join(" "),
    details: Object.fromEntries(parts.filter(isDetails).flatMap(Object.entries))
  }
}

/** Effect's log lines as the host's own: message, then details. Secrets are `Redacted` and print as that. */
export const hawserLogger = (logger: HawserLogger | undefined): Layer.Layer<never> => {
  const target = logger ?? consoleLogger
  const tell = tellingLogger()
  const effectLogger = Logger.make(({ cause, logLevel, message }) =>
    tell(() => {
      const { details, text } = textOf(message)
      const all = cause.reasons.length === 0 ? details : { ...details, cause: Cause.pretty(cause) }
      if (logLevel === "Error" || logLevel === "Fatal") return target.error(text, all)
      if (logLevel === "Warn") return target.warn(text, all)
      return target.info(text, all)
    })
  )
  return Layer.mergeAll(
    Logger.layer([effectLogger]),
    // The console is for what needs attention; a logger of the host's has levels of its own.
    Layer.succeed(References.MinimumLogLevel, logger === undefined ? "Warn" : "Info")
  )
}
