import { generateSources } from "./providers/generate.ts"

/** Runs after each install: what is made of the catalogue is not in git. */
generateSources()
