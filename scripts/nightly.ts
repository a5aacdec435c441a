import { parseArgs } from "node:util"
import { main, record, run } from "./steps.ts"
import { recordVitest, runVitest } from "./vitest.ts"

const sources = "--conditions=@hawser/source"
const limit = { timeoutMs: 60 * 60_000 }

const program = (name: string, args: ReadonlyArray<string>) => async (): Promise<void> => {
  const ok = await run(name, "node", args, limit)
  record(name, ok ? "passed" : "failed")
}

const tests =
  (name: string, args: ReadonlyArray<string>, env: Record<string, string>) =>
  async (): Promise<void> => {
    recordVitest(await runVitest(name, args, { ...limit, env }))
  }

/** What takes too long for `test`. Each part ends within an hour. */
const parts: Readonly<Record<string, () => Promise<void>>> = {
  fuzz: program("fuzz", ["scripts/fuzz.ts", "--minutes=40"]),
  mutation: program("mutation", ["mutation/src/main.ts"]),
  storm: program("storm", [sources, "proof/src/storm/main.ts"]),
  crash: program("crash", [sources, "proof/src/crash/main.ts"]),
  proof: program("proof", [sources, "proof/src/main.ts"]),
  endurance: program("endurance", [sources, "proof/src/endurance/main.ts"]),
  bench: program("bench", ["scripts/bench.ts", "--integrations=10000000", "--floors"]),
  // Each provider's life and the flips of its definition, in the simulator and at the front door of a host.
  providers: tests("providers", ["tests/testing/catalogue", "packages/hawser/test/catalogue"], {
    HAWSER_PROVIDERS: "all"
  }),
  // 10,000 stories on each kind of store; the title of each test has the seed that tells them again.
  stories: tests(
    "stories",
    [
      "tests/memory/conformance.test.ts",
      "packages/postgres/test/conformance.test.ts",
      "packages/postgres/test/conformance-pglite",
      "--testNamePattern=Stories"
    ],
    { HAWSER_NIGHTLY: "1", HAWSER_STORIES: "10000" }
  ),
  // Every store on every mount and every PostgreSQL: the cells that `test` leaves out.
  matrix: tests("matrix", [".nightly.test"], { HAWSER_NIGHTLY: "1" }),
  // Each framework's page, followed from the framework's own empty application.
  strangers: program("strangers", [sources, "strangers/src/main.ts"]),
  // The documentation as a site: no warning, each page, code and option in it, and no link that leads nowhere.
  site: program("site", ["site/src/main.ts", "build"]),
  repeat: program("repeat", ["scripts/repeat.ts", "6", "--busy", "3", "--fresh"])
}

const { values } = parseArgs({ options: { only: { type: "string" } } })
const chosen = values.only?.split(",") ?? Object.keys(parts)
const unknown = chosen.find((name) => parts[name] === undefined)
if (unknown !== undefined)
  throw new Error(`--only= takes some of ${Object.keys(parts).join(",")}, and no "${unknown}".`)

await main(...chosen.flatMap((name) => parts[name] ?? []))
