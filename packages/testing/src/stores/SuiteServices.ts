import type { Vitest } from "@effect/vitest"
import type { CryptoLive, Stores } from "@hawser/core"
import type { Layer } from "effect"
import type { StoreClock } from "../StoreClock.ts"

/** What a test of the suite may use. */
export type SuiteServices = Stores | StoreClock | Layer.Success<typeof CryptoLive>

/** vitest's `it` with the stores provided. */
export type SuiteIt = Vitest.MethodsNonLive<SuiteServices>
