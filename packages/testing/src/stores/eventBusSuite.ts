import type { SuiteIt } from "./SuiteServices.ts"

export const eventBusSuite = (_it: SuiteIt, _timeout: number | undefined): void => {}
