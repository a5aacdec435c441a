import { execFileSync } from "node:child_process"
import { bundle } from "./bundle/bundle.ts"
import { generateSources } from "./providers/generate.ts"
import { workspace } from "./steps.ts"

/** Compiles the packages to `dist`, and makes of `hawser` the bundle that its hosts install. */
generateSources()
execFileSync(
  process.execPath,
  [`${workspace}node_modules/typescript/bin/tsc`, "-b", "tsconfig.build.json"],
  { cwd: workspace, stdio: "inherit" }
)
await bundle()
