import { CryptoLive } from "@hawser/core"
import { describe, layer } from "@effect/vitest"
import { Layer } from "effect"
import { StoreClock } from "./StoreClock.ts"
import type { StoreHarness } from "./StoreHarness.ts"
import { connectionTransferSuite } from "./stores/connectionTransferSuite.ts"
import { credentialStoreSuite } from "./stores/credentialStoreSuite.ts"
import { dueWorkSuite } from "./stores/dueWorkSuite.ts"
import { eventBusSuite } from "./stores/eventBusSuite.ts"
import { grantStoreSuite } from "./stores/grantStoreSuite.ts"
import { hashKeySuite } from "./stores/hashKeySuite.ts"
import { integrationStoreSuite } from "./stores/integrationStoreSuite.ts"
import { revocationQueueSuite } from "./stores/revocationQueueSuite.ts"
import { oauthStateStoreSuite } from "./stores/oauthStateStoreSuite.ts"
import { sealedValuesSuite } from "./stores/sealedValuesSuite.ts"
import { tenantStoreSuite } from "./stores/tenantStoreSuite.ts"
import { userStoreSuite } from "./stores/userStoreSuite.ts"
import { storySuite } from "./story/storySuite.ts"
import type { SuiteServices } from "./stores/SuiteServices.ts"

/**
 * Registers, with vitest, the tests that every store behind Hawser's ports must pass.
 *
 * Each test makes tenants of its own, so a database may hold other rows, but nothing else may write events to it
 * meanwhile.
 *
 * @example
 * import { MemoryStores } from "@hawser/memory"
 * import { storeConformance } from "@hawser/testing"
 * import { Layer } from "effect"
 * import { TestClock } from "effect/testing"
 *
 * storeConformance("memory", {
 *   layer: Layer.provideMerge(MemoryStores.layer, TestClock.layer()),
 *   advance: TestClock.adjust
 * })
 */
export const storeConformance = <R = never, E = never>(
  name: string,
  harness: StoreHarness<R, E>
): void => {
  const services: Layer.Layer<SuiteServices, E> = StoreClock.layer(harness).pipe(
    Layer.provideMerge(harness.layer),
    Layer.merge(CryptoLive)
  )
  const { timeout } = harness
  layer(services, { excludeTestServices: true, ...(timeout === undefined ? {} : { timeout }) })(
    `Store conformance: ${name}`,
    (it) => {
      // First, since it walks through all that the suites have stored, value by value.
      describe("Maintenance: sealed values", () => sealedValuesSuite(it, timeout))
      describe("CredentialStore", () => credentialStoreSuite(it, timeout))
      describe("ConnectionStore: connections", () => integrationStoreSuite(it, timeout))
      describe("ConnectionStore and Maintenance: grants", () => grantStoreSuite(it, timeout))
      describe("Maintenance: revocations", () => revocationQueueSuite(it, timeout))
      describe("OAuthStateStore", () => oauthStateStoreSuite(it, timeout))
      describe("Maintenance: import and export", () => connectionTransferSuite(it, timeout))
      describe("Maintenance: tenants and users", () => tenantStoreSuite(it, timeout))
      describe("Users who leave", () => userStoreSuite(it, timeout))
      describe("EventBus", () => eventBusSuite(it, timeout))
      describe("Maintenance: due work", () => dueWorkSuite(it, timeout))
      describe("Maintenance: the key of keyed hashes", () => hashKeySuite(it, timeout))
      describe("Stories", () => storySuite(it, timeout))
    }
  )
}
