import { conformance } from "./support/conformance.ts"
import { nightly } from "./support/matrix.ts"
import { onPGlite } from "./support/stores.ts"

for (const mount of nightly("PGlite")) conformance(mount, "PGlite", onPGlite)
