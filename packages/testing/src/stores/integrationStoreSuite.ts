import type { SuiteIt } from "./SuiteServices.ts"

export const integrationStoreSuite = (_it: SuiteIt, _timeout: number | undefined): void => {}
