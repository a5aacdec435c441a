import type { SuiteIt } from "./SuiteServices.ts"

export const credentialStoreSuite = (_it: SuiteIt, _timeout: number | undefined): void => {}
