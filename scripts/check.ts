import { checkDocExamples } from "./doc-examples.ts"
import { main, step, verify } from "./steps.ts"

/** Everything that is known without running the program. */
export const check = async (): Promise<void> => {
  await step("build", "tsc", ["-b", "tsconfig.build.json"])
  await step("types", "tsc", ["-p", "tsconfig.json"])
  await verify("examples in the documentation compile", checkDocExamples)
  await step("openapi", "node", ["--conditions=@hawser/source", "scripts/openapi.ts", "--check"])
  await step("catalogue", "node", [
    "--conditions=@hawser/source",
    "scripts/providers.ts",
    "generate",
    "--check"
  ])
  await step("lint", "oxlint", [])
  await step("effects", "effect-tsgo", [
    "diagnostics",
    "--project",
    "tsconfig.json",
    "--format",
    "text",
    "--severity",
    "error,warning",
    "--strict"
  ])
  await step("format", "oxfmt", ["--check"])
  await step("unused", "knip", ["--no-progress", "--no-config-hints"])
  await step("imports", "depcruise", [
    "--no-progress",
    "--config",
    ".dependency-cruiser.mjs",
    "packages",
    "examples",
    "tests",
    "scripts",
    "test-support"
  ])
}

if (import.meta.main) await main(check)
