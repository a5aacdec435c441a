import { conformance } from "./support/conformance.ts"
import { mounts, preParsed } from "./support/mounts.ts"
import { inMemory } from "./support/stores.ts"

for (const mount of Object.entries(mounts)) conformance(mount, "memory", inMemory)
conformance(["Express 5, body parsed before", preParsed], "memory", inMemory)
