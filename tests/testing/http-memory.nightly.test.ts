import { conformance } from "./support/conformance.ts"
import { nightly } from "./support/matrix.ts"
import { preParsed } from "./support/mounts.ts"
import { inMemory } from "./support/stores.ts"

for (const mount of nightly("memory")) conformance(mount, "memory", inMemory)
conformance(["Express 5, body parsed before", preParsed], "memory", inMemory)
