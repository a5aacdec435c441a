import type { SuiteIt } from "./SuiteServices.ts"

export const oauthStateStoreSuite = (_it: SuiteIt, _timeout: number | undefined): void => {}
