import { providerIds } from "./catalogFiles.ts"
import { everyFieldCounts } from "./everyFieldCounts.ts"

// In two files, for two cores.
everyFieldCounts(providerIds().filter((_, index) => index % 2 === 1))
