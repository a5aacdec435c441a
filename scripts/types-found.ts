import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { readFileSync } from "node:fs"

/**
 * `node scripts/types-found.ts TARBALL…`: whether the types of packed packages say what a host gets. One process for all, since most
 * of its work is to load TypeScript. The packages are ES modules, for hosts that resolve `exports`.
 */
const ignored = new Set(["node10", "node16-cjs"])

for (const tarball of process.argv.slice(2)) {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)))
  if (!result.types) throw new Error(`${result.packageName} has no types.`)
  const problems = result.problems.filter(
    (problem) => !("resolutionKind" in problem && ignored.has(problem.resolutionKind))
  )
  for (const problem of problems) console.error(`${result.packageName}: ${JSON.stringify(problem)}`)
  if (problems.length > 0) process.exitCode = 1
}
