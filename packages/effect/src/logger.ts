import { tellingLogger } from "@hawser/core"
import { Cause, Formatter, Layer, Logger, References } from "effect"
import type { DetailsFirstLogger, HawserLogger, MessageFirstLogger } from "./HawserOptions.ts"

/** pino's public symbol of a logger and its children, Fastify's `app.log` among them. */
const isPino = (logger: object): boolean => Symbol.for("pino.serializers") in logger

/** A logger that takes the text second never has all of these. */
const isWinston = (logger: object): boolean =>
  "transports" in logger &&
  Array.isArray(logger.transports) &&
  ["levels", "configure", "log"].every((member) => member in logger)

/** The global one, and any other that Node's `Console` made. */
const isConsole = (logger: object): boolean =>
  Object.prototype.toString.call(logger) === "[object console]"

/** One line of the host's log. */
type Write = (level: keyof MessageFirstLogger, text: string, details: object) => unknown

const messageFirst =
  (logger: MessageFirstLogger): Write =>
  (level, text, details) =>
    logger[level](text, details)

const detailsFirst =
  (logger: DetailsFirstLogger): Write =>
  (level, text, details) =>
    logger[level](details, text)

/** An unknown logger would drop the details if it expects them first. */
const detailsInText =
  (logger: MessageFirstLogger): Write =>
  (level, text, details) =>
    logger[level](
      Object.keys(details).length === 0 ? text : `${text} ${Formatter.formatJson(details)}`,
      details
    )

const writeTo = (logger: HawserLogger): Write => {
  if ("messageFirst" in logger) return messageFirst(logger.messageFirst)
  if ("detailsFirst" in logger) return detailsFirst(logger.detailsFirst)
  if (isPino(logger)) return detailsFirst(logger as unknown as DetailsFirstLogger)
  return isConsole(logger) || isWinston(logger) ? messageFirst(logger) : detailsInText(logger)
}

/** Frames of Effect, which tell a host nothing: in its package, and in the file that the bundle has it in. */
const ofEffect =
  /^ +at .*[\\/](?:node_modules[\\/](?:effect|@effect[\\/][\w-]+)|hawser[\\/]dist[\\/]runtime\.js)[\\/:]/

const prettyCause = (cause: Cause.Cause<unknown>): string =>
  Cause.pretty(cause)
    .split("\n")
    .filter((line) => !ofEffect.test(line))
    .join("\n")

/** Joins texts, merges the members of other values, and takes an error as the cause. */
const composeLine = (message: unknown): { readonly text: string; readonly details: object } => {
  const parts: ReadonlyArray<unknown> = Array.isArray(message) ? message : [message]
  const texts: Array<string> = []
  const details: Record<string, unknown> = {}
  for (const part of parts) {
    if (part instanceof Error) details["cause"] = prettyCause(Cause.fail(part))
    else if (typeof part === "object" && part !== null) Object.assign(details, part)
    else texts.push(String(part))
  }
  return { text: texts.join(" "), details }
}

/** Forwards Effect's log lines to the host's logger, with the worker that wrote them. Secrets are `Redacted` and print as that. */
export const hawserLogger = (logger: HawserLogger | undefined): Layer.Layer<never> => {
  const write = writeTo(logger ?? console)
  const tell = tellingLogger()
  const effectLogger = Logger.make(({ cause, fiber, logLevel, message }) =>
    tell(() => {
      const { details, text } = composeLine(message)
      const level =
        logLevel === "Error" || logLevel === "Fatal"
          ? "error"
          : logLevel === "Warn"
            ? "warn"
            : "info"
      return write(level, text, {
        ...fiber.getRef(References.CurrentLogAnnotations),
        ...details,
        ...(cause.reasons.length > 0 && { cause: prettyCause(cause) })
      })
    })
  )
  return Layer.mergeAll(
    Logger.layer([effectLogger]),
    // The console gets only what needs attention; the host's logger filters by its own level.
    Layer.succeed(References.MinimumLogLevel, logger === undefined ? "Warn" : "Info")
  )
}
