import { describe } from "@effect/vitest"
import { eventClaimSuite } from "./eventClaimSuite.ts"
import { eventDeliverySuite } from "./eventDeliverySuite.ts"
import { eventRetrySuite } from "./eventRetrySuite.ts"
import { eventSweepSuite } from "./eventSweepSuite.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** The promises of `EventBus`. */
export const eventBusSuite = (it: SuiteIt, timeout: number | undefined): void => {
  describe("delivery", () => eventDeliverySuite(it, timeout))
  describe("claim and lease", () => eventClaimSuite(it, timeout))
  describe("retries", () => eventRetrySuite(it, timeout))
  describe("sweep", () => eventSweepSuite(it, timeout))
}
