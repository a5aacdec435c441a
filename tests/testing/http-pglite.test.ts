import { conformance } from "./support/conformance.ts"
import { mounts } from "./support/mounts.ts"
import { onPGlite } from "./support/stores.ts"

for (const mount of Object.entries(mounts)) conformance(mount, "PGlite", onPGlite)
