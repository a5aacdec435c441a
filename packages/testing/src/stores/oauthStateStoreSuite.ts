import { describe } from "@effect/vitest"
import { flowBurnSuite } from "./flowBurnSuite.ts"
import { flowChoiceSuite } from "./flowChoiceSuite.ts"
import { flowParkSuite } from "./flowParkSuite.ts"
import { flowStartSuite } from "./flowStartSuite.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** The promises of `OAuthStateStore`. */
export const oauthStateStoreSuite = (it: SuiteIt, timeout: number | undefined): void => {
  describe("start", () => flowStartSuite(it, timeout))
  describe("burn and sweep", () => flowBurnSuite(it, timeout))
  describe("park", () => flowParkSuite(it, timeout))
  describe("choices", () => flowChoiceSuite(it, timeout))
}
