import { Context } from "effect"
import type { EndpointLock } from "../domain/EndpointLock.ts"

/** The lock that the host's definitions were compared with at the start; undefined where it keeps none. */
export const CurrentEndpointLock = Context.Reference<EndpointLock | undefined>(
  "@hawser/core/CurrentEndpointLock",
  { defaultValue: () => undefined }
)
