import { describe } from "@effect/vitest"
import { grantBrakeSuite } from "./grantBrakeSuite.ts"
import { grantDeferSuite } from "./grantDeferSuite.ts"
import { grantDueSuite } from "./grantDueSuite.ts"
import { grantEndSuite } from "./grantEndSuite.ts"
import { grantExpirySuite } from "./grantExpirySuite.ts"
import { grantLeaseSuite } from "./grantLeaseSuite.ts"
import { grantRenewSuite } from "./grantRenewSuite.ts"
import { grantRevokedSuite } from "./grantRevokedSuite.ts"
import { grantTenantSuite } from "./grantTenantSuite.ts"
import { grantWithdrawalSuite } from "./grantWithdrawalSuite.ts"
import { quarantineSuite } from "./quarantineSuite.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** What `ConnectionStore` and `Maintenance` promise of the life of grants. */
export const grantStoreSuite = (it: SuiteIt, timeout: number | undefined): void => {
  describe("leases", () => grantLeaseSuite(it, timeout))
  describe("renewing", () => grantRenewSuite(it, timeout))
  describe("deferring", () => grantDeferSuite(it, timeout))
  describe("ending", () => grantEndSuite(it, timeout))
  describe("the brake", () => grantBrakeSuite(it, timeout))
  describe("quarantine", () => quarantineSuite(it, timeout))
  describe("what is due", () => grantDueSuite(it, timeout))
  describe("tokens that cannot be refreshed", () => grantExpirySuite(it, timeout))
  describe("access withdrawn at the provider", () => grantRevokedSuite(it, timeout))
  describe("tokens that seem to be withdrawn", () => grantWithdrawalSuite(it, timeout))
  describe("tenants", () => grantTenantSuite(it, timeout))
}
