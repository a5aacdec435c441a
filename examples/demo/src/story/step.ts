import { isDeepStrictEqual } from "node:util"
import { ClientError } from "hawser/client"

let steps = 0

/** How many went well so far. */
export const stepsDone = (): number => steps

/** A step of the story says what was seen; the first that fails ends it. */
export const step = async (name: string, run: () => Promise<string>): Promise<void> => {
  try {
    const seen = await run()
    steps++
    console.log(`✓ ${name}: ${seen}`)
  } catch (error) {
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  }
}

export const expectEqual = (what: string, seen: unknown, wanted: unknown): void => {
  if (isDeepStrictEqual(seen, wanted)) return
  throw new Error(`${what} should be ${JSON.stringify(wanted)} and is ${JSON.stringify(seen)}`)
}

/** What a call is refused with. */
export const refusalOf = async (call: Promise<unknown>): Promise<ClientError> => {
  try {
    await call
  } catch (error) {
    if (error instanceof ClientError) return error
    throw error
  }
  throw new Error("It should be refused and is not.")
}
