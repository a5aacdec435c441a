import { afterAll, beforeAll, describe, it } from "vitest"
import { Host } from "./Host.ts"
import type { HttpMount } from "./HttpMount.ts"
import { apiKeySuite } from "./suites/apiKeySuite.ts"
import { bodySuite } from "./suites/bodySuite.ts"
import { callbackSuite } from "./suites/callbackSuite.ts"
import { callerSuite } from "./suites/callerSuite.ts"
import { catalogSuite } from "./suites/catalogSuite.ts"
import { chooseSuite } from "./suites/chooseSuite.ts"
import type { Check, Need } from "./suites/Check.ts"
import { completeSuite } from "./suites/completeSuite.ts"
import { confirmSuite } from "./suites/confirmSuite.ts"
import { connectionsSuite } from "./suites/connectionsSuite.ts"
import { connectSuite } from "./suites/connectSuite.ts"
import { credentialSuite } from "./suites/credentialSuite.ts"
import { formPostSuite } from "./suites/formPostSuite.ts"
import { integrationSuite } from "./suites/integrationSuite.ts"
import { orderSuite } from "./suites/orderSuite.ts"
import { rateLimitSuite } from "./suites/rateLimitSuite.ts"
import { reconnectSuite } from "./suites/reconnectSuite.ts"
import { routeSuite } from "./suites/routeSuite.ts"
import { tenantSuite } from "./suites/tenantSuite.ts"

const suites: Readonly<Record<string, (check: Check) => void>> = {
  routes: routeSuite,
  "the order of checks": orderSuite,
  callers: callerSuite,
  "rate limits": rateLimitSuite,
  bodies: bodySuite,
  "connect by OAuth2": connectSuite,
  callback: callbackSuite,
  "callback by form post": formPostSuite,
  complete: completeSuite,
  confirm: confirmSuite,
  "choose an account": chooseSuite,
  "connect again": reconnectSuite,
  credentials: credentialSuite,
  "connect by API key": apiKeySuite,
  integrations: integrationSuite,
  "several connections, and users' own": connectionsSuite,
  catalog: catalogSuite,
  tenants: tenantSuite
}

/**
 * Registers, with vitest, what every mount of Hawser's HTTP contract must show to a client: over plain HTTP, with tenants
 * of its own, against a host that was started with the options of `startTestProvider`. The host may be started by a
 * function, which then runs before the first test.
 *
 * @example
 * import { httpConformance, startTestProvider } from "@hawser/testing"
 *
 * declare const startMyHost: (options: object) => Promise<{ readonly origin: string }>
 * declare const mintMyToken: (claims: object) => Promise<string>
 *
 * httpConformance("my framework", async () => {
 *   const provider = await startTestProvider()
 *   const { origin } = await startMyHost(provider.options)
 *   return { baseUrl: origin, mintToken: mintMyToken, provider }
 * })
 */
export const httpConformance = (
  name: string,
  mount: HttpMount | (() => Promise<HttpMount>),
  { timeout }: { readonly timeout?: number } = {}
): void => {
  const limits = timeout === undefined ? {} : { timeout }
  describe(`HTTP conformance: ${name}`, () => {
    let host: Host
    beforeAll(async () => {
      host = new Host(typeof mount === "function" ? await mount() : mount)
    }, timeout)
    afterAll(() => host?.mount.close?.(), timeout)

    const check: Check = (title, run, need) => {
      it(title, limits, async ({ skip }) => {
        const missing = need && whatLacks[need](host)
        if (missing !== undefined) skip(missing)
        await run(host)
      })
    }
    for (const [title, suite] of Object.entries(suites)) describe(title, () => suite(check))
  })
}

/** Why a mount cannot show something; undefined if it can. */
const whatLacks: Readonly<Record<Need, (host: Host) => string | undefined>> = {
  rawBody: ({ mount }) =>
    mount.profile === "bodyPreParsed" ? "the host's own parser answers this" : undefined,
  expireFlows: ({ mount }) =>
    mount.expireFlows === undefined ? "the harness cannot let time pass" : undefined
}
