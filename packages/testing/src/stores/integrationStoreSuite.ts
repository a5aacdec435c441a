import { describe } from "@effect/vitest"
import { integrationAccountSuite } from "./integrationAccountSuite.ts"
import { integrationConnectSuite } from "./integrationConnectSuite.ts"
import { integrationDisconnectSuite } from "./integrationDisconnectSuite.ts"
import { integrationHeldSuite } from "./integrationHeldSuite.ts"
import { integrationOwnerSuite } from "./integrationOwnerSuite.ts"
import { integrationReadSuite } from "./integrationReadSuite.ts"
import { integrationSwapSuite } from "./integrationSwapSuite.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** What `ConnectionStore` promises of connections. */
export const integrationStoreSuite = (it: SuiteIt, timeout: number | undefined): void => {
  describe("connect", () => integrationConnectSuite(it, timeout))
  describe("accounts and reauthorization", () => integrationAccountSuite(it, timeout))
  describe("owners and names", () => integrationOwnerSuite(it, timeout))
  describe("accounts that one tenant may have", () => integrationHeldSuite(it, timeout))
  describe("swapping a credential", () => integrationSwapSuite(it, timeout))
  describe("disconnect", () => integrationDisconnectSuite(it, timeout))
  describe("find, list, grant", () => integrationReadSuite(it, timeout))
}
