import { conformance } from "./support/conformance.ts"
import { nightly } from "./support/matrix.ts"
import { inMemory } from "./support/stores.ts"

for (const mount of nightly("memory")) conformance(mount, "memory", inMemory)
