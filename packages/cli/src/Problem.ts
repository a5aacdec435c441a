import { type HawserError, isHawserError, TaggedError } from "@hawser/core"
import { Cause } from "effect"
import { oneLine } from "./terminal.ts"

/** What stops a command: a stable code, what is wrong, and what to do about it. */
export class Problem extends TaggedError("Problem")<{
  readonly code: string
  readonly problem: string
  readonly next: string
}> {
  override get message(): string {
    return this.problem
  }
}

const defect = "This is a defect of the command line. Please report it, with this text."

/** What a promise of the library rejects with: one of its errors, or something that nobody expected. */
export const rejection = (error: unknown): HawserError | Problem =>
  isHawserError(error)
    ? error
    : new Problem({
        code: "defect",
        problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
        next: defect
      })

/** How a problem is told, whoever made it. */
export interface ProblemReport {
  readonly code: string
  readonly message: string
  readonly next: string
}

const nextOf: Readonly<Record<string, string>> = {
  configuration_error: "Change that option in your own module, and run the command again.",
  storage_unavailable:
    "Check that the database is up and that this machine reaches it: npx hawser doctor tells more."
}

/** The last error of a chain that says something: the database's own words, below Hawser's. */
export const deepest = (error: unknown): string | undefined => {
  if (!(error instanceof Error)) return undefined
  return deepest(error.cause) ?? (error.message === "" ? undefined : error.message)
}

/** Tells any failure of a command. Whoever prints it hides the secrets that may stand in it. */
export const tell = (cause: Cause.Cause<unknown>): ProblemReport => {
  const error = Cause.squash(cause)
  if (error instanceof Problem)
    return { code: error.code, message: error.problem, next: error.next }
  if (isHawserError(error)) {
    const said = "cause" in error ? deepest(error.cause) : undefined
    return {
      code: error.code,
      // A database, or who stands in its place, may have written a part of it.
      message: oneLine(said === undefined ? error.message : `${error.message} (${said})`),
      next: nextOf[error.code] ?? "npx hawser doctor looks at the whole configuration."
    }
  }
  return {
    code: "defect",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    next: defect
  }
}
