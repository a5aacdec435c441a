import { rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { copyWorkspace } from "./copyWorkspace.ts"
import { type Group, groups } from "./groups.ts"
import { missingFiles } from "./missing.ts"
import { prepareMutators } from "./mutators.ts"
import { report } from "./report.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    // One file, or some lines of it as `file:from-to`, in place of all of a group.
    file: { type: "string" },
    sample: { type: "string", default: "1" },
    workers: { type: "string", default: "2" }
  }
})
const share = Number(values.sample)
if (!(share > 0 && share <= 1)) throw new Error("--sample: above 0, at most 1")
const wanted = groups.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (wanted.length === 0) {
  throw new Error(`The groups are ${groups.map(({ name }) => name).join(", ")}.`)
}

const workspace = fileURLToPath(new URL("../../", import.meta.url))
const missing = groups.flatMap((group) => missingFiles(group, workspace))
if (missing.length > 0) {
  throw new Error(`Nothing stands any more at what groups.ts names: ${missing.join(", ")}.`)
}

/** Changes each place of a group's sources in turn and runs the tests that reach it. */
const measure = async ({ name, sources, tests }: Group, copy: string): Promise<boolean> => {
  process.env["HAWSER_MUTATION_TESTS"] = JSON.stringify(tests)
  console.log(`${name}: ${sources.join(" ")}`)
  const started = performance.now()
  // The runner's own settings, which Stryker's type does not know.
  const configFile = `${copy}/mutation/vitest.config.ts`
  const runner = { vitest: { configFile, related: false, pool: "forks" } }
  const mutants = await new Stryker({
    mutate: values.file === undefined ? [...sources] : [values.file],
    inPlace: true,
    plugins: [
      import.meta.resolve("@stryker-mutator/vitest-runner"),
      import.meta.resolve("./sentences.ts")
    ],
    ignorers: ["sentences"],
    testRunner: "vitest",
    ...runner,
    coverageAnalysis: "perTest",
    concurrency: Number(values.workers),
    disableTypeChecks: false,
    timeoutMS: 20_000,
    // All tests of a group, counted, on a machine that others use as well.
    dryRunTimeoutMinutes: 30,
    reporters: ["progress-append-only"]
  }).runMutationTest()
  return report(name, mutants, performance.now() - started)
}

console.log(
  share < 1
    ? `Of all mutants, ${100 * share}% are tried: always the same ones.`
    : "All mutants are tried."
)
console.log(
  "Left out: types, and words for people, which are sentences (text that ends in a full stop) and names of spans and services.\n"
)
await prepareMutators(share)
const copy = copyWorkspace(workspace)
process.on("exit", () => rmSync(copy, { recursive: true, force: true, maxRetries: 3 }))
// Each worker starts a PostgreSQL of its own: events wait for transactions that are open anywhere on a server.
delete process.env["DATABASE_URL"]
process.chdir(copy)
let isEnough = true
for (const group of wanted) isEnough = (await measure(group, copy)) && isEnough
console.log(isEnough ? "At least 85% killed in each group." : "Less than 85% killed in a group.")
process.exit(isEnough ? 0 : 1)
