import { jsonAnswer } from "./answers.ts"
import type { Simulator } from "./makeSimulator.ts"
import { parseJson } from "./Received.ts"

/** Where a simulator is told what to do by another process. */
export const controlPath = "/.simulator/control"

/** What another process may ask for, by name. */
const controls = [
  "advance",
  "authType",
  "count",
  "end",
  "failNext",
  "fields",
  "issue",
  "liveTokens",
  "now",
  "playGithub",
  "register",
  "requests",
  "settings",
  "violations"
] as const

export type Controls = Pick<Simulator, (typeof controls)[number]>

/** A call, as it stands in the body. */
export interface Call {
  readonly call: keyof Controls
  readonly args: ReadonlyArray<unknown>
}

/** What a test leaves out and what it says is undefined are two things, which JSON does not tell apart. */
const undefinedText = "\u0000undefined"

export const encodeCall = (call: Call): string =>
  JSON.stringify(call, (_, value: unknown) => (value === undefined ? undefinedText : value))

const withUndefined = (value: unknown): unknown => {
  if (value === undefinedText) return undefined
  if (Array.isArray(value)) return value.map(withUndefined)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withUndefined(one)]))
    : value
}

const callIn = (body: string): Call | undefined => {
  const read = parseJson(body)
  if (typeof read !== "object" || read === null || !("call" in read)) return undefined
  const call = controls.find((name) => name === read.call)
  const args = "args" in read ? withUndefined(read.args) : []
  return call !== undefined && Array.isArray(args) ? { call, args } : undefined
}

/**
 * Does what a program on this machine asks for. A page in a browser cannot ask: it would have to send JSON to another origin,
 * which browsers ask permission for first (CORS), and none is given.
 */
export const control = async (simulator: Controls, request: Request): Promise<Response> => {
  if (request.method !== "POST" || request.headers.get("content-type") !== "application/json")
    return jsonAnswer(415, { error: "Send a POST with a body of the type application/json." })
  const found = callIn(await request.text())
  if (found === undefined)
    return jsonAnswer(400, {
      error: `The body is {"call": …, "args": […]}, and the call one of ${controls.join(", ")}.`
    })
  try {
    const asked = simulator[found.call]
    const value =
      typeof asked === "function"
        ? (asked as (...args: ReadonlyArray<unknown>) => unknown)(...found.args)
        : asked
    return jsonAnswer(200, { value })
  } catch (error) {
    return jsonAnswer(400, { error: error instanceof Error ? error.message : String(error) })
  }
}
