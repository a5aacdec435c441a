import { Effect } from "effect"
import { keyCredential } from "../protocol/index.ts"
import type { KeyKind } from "./AuthKind.ts"
import { checkByRequest } from "./liveCheck.ts"

const use: KeyKind["use"] = ({ definition }, { fields }) =>
  Effect.succeed(keyCredential(definition, fields))

/** The stored fields, in the places that the definition names. */
export const apiKey: KeyKind = { use, renew: undefined, check: checkByRequest(use) }
