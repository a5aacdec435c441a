import { execFileSync } from "node:child_process"
import { bundle } from "./bundle/bundle.ts"
import { bundleElements } from "./bundle/page.ts"
import { generateSources } from "./providers/generate.ts"
import { workspace } from "./steps.ts"

const compile = (project: string): void => {
  execFileSync(process.execPath, [`${workspace}node_modules/typescript/bin/tsc`, "-b", project], {
    cwd: workspace,
    stdio: "inherit"
  })
}

/** Compiles the packages to `dist`, and makes of `hawser` the bundle that its hosts install. */
generateSources()
compile("tsconfig.build.json")
await bundle()
// What runs in pages sees `hawser` as its hosts do.
compile("tsconfig.page.json")
await bundleElements()
