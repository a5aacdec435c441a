import { execFileSync } from "node:child_process"
import { bundle } from "./bundle/bundle.ts"
import { workspace } from "./steps.ts"

/** Compiles the packages to `dist`, and makes of `hawser` the bundle that its hosts install. */
execFileSync(
  process.execPath,
  [`${workspace}node_modules/typescript/bin/tsc`, "-b", "tsconfig.build.json"],
  { cwd: workspace, stdio: "inherit" }
)
await bundle()
