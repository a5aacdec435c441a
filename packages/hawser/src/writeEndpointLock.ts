import { writeEndpointLock as write } from "@hawser/effect"
import { fromCaller } from "./callersStack.ts"

/**
 * Approves the current endpoints of these providers: writes them into the lock file, and leaves other providers as they
 * are. Returns the changes, to be reviewed.
 *
 * Rejects with `ConfigurationError` if a definition is invalid, or the file is not readable or writable.
 *
 * @example
 * import { github, writeEndpointLock } from "hawser"
 *
 * const changes = await writeEndpointLock("hawser.lock.json", [
 *   github({ clientId: process.env["GITHUB_ID"], clientSecret: process.env["GITHUB_SECRET"] })
 * ])
 */
export const writeEndpointLock: typeof write = fromCaller(write)
