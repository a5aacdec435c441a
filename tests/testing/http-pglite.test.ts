import { conformance } from "./support/conformance.ts"
import { everyRun } from "./support/matrix.ts"
import { onPGlite } from "./support/stores.ts"

for (const mount of everyRun("PGlite")) conformance(mount, "PGlite", onPGlite)
