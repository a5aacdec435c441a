import { conformance } from "./support/conformance.ts"
import { everyRun } from "./support/matrix.ts"
import { inMemory } from "./support/stores.ts"

for (const mount of everyRun("memory")) conformance(mount, "memory", inMemory)
