import { globSync, statSync } from "node:fs"
import { main, record, workspace } from "./steps.ts"

/**
 * What a host gets with `hawser`, in bytes as built; `pack:check` measures the whole install. The limits stand a tenth above what
 * it was when they were set: to raise one is a decision.
 */
const limits = {
  "packages/hawser/dist/*.js": 2_200_000,
  "packages/hawser/dist/*.d.ts": 400_000,
  "packages/hawser/dist/client.js": 7_700
}

const sizes = async (): Promise<void> => {
  const tooLarge = Object.entries(limits).filter(([files, limit]) => {
    const found = globSync(files, { cwd: workspace })
    const bytes = found.reduce((sum, file) => sum + statSync(`${workspace}${file}`).size, 0)
    console.log(`${files}: ${bytes} bytes, at most ${limit}`)
    return found.length === 0 || bytes > limit
  })
  record("sizes", tooLarge.length === 0 ? "passed" : "failed")
}

await main(sizes)
