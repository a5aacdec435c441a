import { readFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import type { ImportTimes } from "./imports.ts"
import type { KeeperTimes } from "./keeper.ts"
import type { Pages } from "./pages.ts"
import type { PerRequest } from "./perRequest.ts"
import { median, type Round } from "./scenarios.ts"
import type { Usage } from "./serve.ts"
import type { ContenderName, Mount } from "./settings.ts"
import { fixed, none, table, withSpread } from "./table.ts"
import { keeperSection, tokensSection } from "./tokenReport.ts"
import type { ColdStart } from "./start.ts"
import type { TokenReads } from "./tokens.ts"

export interface Results {
  readonly postgres: string
  /** Processes that wanted a core in the minute before the run, on average. */
  readonly loadBefore: number
  readonly concurrency: number
  readonly mounts: ReadonlyArray<Mount>
  readonly pages: Pages | undefined
  readonly imports: ImportTimes | undefined
  readonly starts: ReadonlyArray<ColdStart> | undefined
  readonly tokens: TokenReads | undefined
  readonly keeper: KeeperTimes | undefined
  /** None if only other parts were run. */
  readonly scenarios: ReadonlyArray<string>
  readonly rounds: (
    scenario: string,
    contender: ContenderName,
    mount: Mount
  ) => ReadonlyArray<Round> | undefined
  readonly memory: (contender: ContenderName, mount: Mount) => Usage | undefined
  readonly perRequest: (
    scenario: string,
    contender: ContenderName,
    mount: Mount
  ) => PerRequest | undefined
}

const contenders = ["hawser", "by-hand", "better-auth"] as const

/** Round by round, so that what slows the machine for a while slows both sides of a ratio. */
const ratio = (
  of: ReadonlyArray<Round> | undefined,
  to: ReadonlyArray<Round> | undefined,
  member: keyof Round
): string => {
  if (of === undefined || to === undefined) return none
  const ratios = of.flatMap((round, at) => {
    const other = to[at]
    return other === undefined ? [] : [round[member] / other[member]]
  })
  return withSpread(ratios)
}

const middle = (rounds: ReadonlyArray<Round> | undefined, member: keyof Round) =>
  rounds === undefined ? undefined : median(rounds.map((round) => round[member]))

const versionOf = (name: string): string => {
  const text = readFileSync(
    new URL(`../node_modules/${name}/package.json`, import.meta.url),
    "utf8"
  )
  return (JSON.parse(text) as { readonly version: string }).version
}

/** All results, as Markdown. */
export const report = (results: Results): string => {
  const cells = results.scenarios.flatMap((scenario) =>
    results.mounts.map((mount) => ({
      scenario,
      mount,
      of: (contender: ContenderName) => results.rounds(scenario, contender, mount)
    }))
  )
  const times = table(
    ["operation", "on", "Hawser, requests/s", "of by hand", "of better-auth"],
    cells.map(({ mount, of, scenario }) => [
      scenario,
      mount,
      fixed(middle(of("hawser"), "rate"), 0),
      ratio(of("hawser"), of("by-hand"), "rate"),
      ratio(of("hawser"), of("better-auth"), "rate")
    ])
  )
  const cpu = table(
    ["operation", "on", "Hawser, ms CPU", "by hand", "better-auth", "Hawser : by hand"],
    cells.map(({ mount, of, scenario }) => [
      scenario,
      mount,
      ...contenders.map((contender) => fixed(middle(of(contender), "cpu"), 2)),
      ratio(of("hawser"), of("by-hand"), "cpu")
    ])
  )
  const counts = table(
    ["operation", "by", "statements", "transactions", "round trips", "KiB allocated"],
    results.scenarios.flatMap((scenario) =>
      contenders.flatMap((contender) => {
        const counted = results.perRequest(scenario, contender, "node")
        if (counted === undefined) return []
        const { allocated, roundTrips, statements, transactions } = counted
        const kib = allocated === undefined ? undefined : allocated / 1_024
        return [
          [
            scenario,
            contender,
            fixed(statements, 2),
            fixed(transactions, 2),
            fixed(roundTrips, 2),
            fixed(kib, 0)
          ]
        ]
      })
    )
  )
  const memory = table(
    ["process", "on", "MiB resident", "MiB of heap in use"],
    contenders.flatMap((contender) =>
      results.mounts.map((mount) => {
        const usage = results.memory(contender, mount)
        const mib = (bytes: number | undefined) =>
          fixed(bytes === undefined ? undefined : bytes / 2 ** 20, 0)
        return [contender, mount, mib(usage?.rss), mib(usage?.heapUsed)]
      })
    )
  )
  const roundCount = results.rounds(results.scenarios[0] ?? "", "hawser", "node")?.length ?? 0
  const ofRequests = [
    `\n### Requests a second\n\n${times}`,
    `\n### CPU a request\n\n${cpu}`,
    `\n### Statements and allocations a request, on node\n\n${counts}`,
    `\n### Memory after the run\n\n${memory}`
  ]
  return [
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}),`,
    `Node.js ${process.versions.node}, PostgreSQL ${results.postgres} with fsync and synchronous_commit on,`,
    `Express ${versionOf("express")}, pg ${versionOf("pg")}, jose ${versionOf("jose")}, better-auth ${versionOf("better-auth")}.`,
    ...(roundCount === 0 ? [] : [`${roundCount} rounds, ${results.concurrency} connections.`]),
    `Load average before the run ${fixed(results.loadBefore, 1)}.`,
    ...(roundCount === 0 ? [] : ofRequests),
    ...tokensSection(results.tokens),
    ...keeperSection(results.keeper),
    ...pagesSection(results.pages),
    ...importsSection(results.imports),
    ...startsSection(results.starts)
  ].join("\n")
}

const pagesSection = (pages: Pages | undefined): ReadonlyArray<string> => {
  if (pages === undefined) return []
  const { bytes, counts, many, seconds } = pages
  const head = [
    "operation",
    "with 1,000",
    `with ${many.toLocaleString("en")}`,
    "ratio",
    "aim",
    "KiB logged"
  ]
  const rows = counts.map(({ aim, few, many, operation, wal }) => [
    operation,
    fixed(few, 1),
    fixed(many, 1),
    fixed(many / few, 2),
    many / few <= aim ? `≤ ${aim}` : `≤ ${aim}, missed`,
    fixed(wal / 1_024, 1)
  ])
  return [
    `\n### Pages touched, by stored integrations\n\n${table(head, rows)}`,
    `\nTables and indexes of ${many.toLocaleString("en")} take ${fixed(bytes / 2 ** 30, 1)} GiB and were filled in ${fixed(seconds / 60, 0)} minutes.`
  ]
}

const importsSection = (imports: ImportTimes | undefined): ReadonlyArray<string> =>
  imports === undefined
    ? []
    : [
        "\n### Importing\n",
        table(
          ["", "best", "median", "CPU, best", "CPU, median"],
          (["effect", "hawser"] as const).map((name) => [
            `\`${name}\``,
            ...[imports[name].map(({ wall }) => wall), imports[name].map(({ cpu }) => cpu)].flatMap(
              (values) => bestAndMedian(values)
            )
          ])
        ),
        `\nPair by pair \`hawser\` takes ${withSpread(ratios(imports, "wall"))} of the time of \`effect\`, and ${withSpread(ratios(imports, "cpu"))} of its CPU.`
      ]

const bestAndMedian = (values: ReadonlyArray<number>, unit = "ms"): ReadonlyArray<string> =>
  [Math.min(...values), median(values)].map((value) => `${fixed(value, 0)} ${unit}`)

const ratios = ({ effect, hawser }: ImportTimes, member: "cpu" | "wall"): ReadonlyArray<number> =>
  hawser.map((time, at) => time[member] / (effect[at]?.[member] ?? Number.NaN))

const startsSection = (starts: ReadonlyArray<ColdStart> | undefined): ReadonlyArray<string> =>
  starts === undefined
    ? []
    : [
        "\n### Starting\n",
        "A process with Express and a PostgreSQL whose tables are there, until it has answered a first list of connections:\n",
        table(
          ["", "best", "median"],
          [
            ["time", ...bestAndMedian(starts.map(({ answeredAfter }) => answeredAfter))],
            ["CPU", ...bestAndMedian(starts.map(({ cpu }) => cpu))],
            [
              "resident",
              ...bestAndMedian(
                starts.map(({ rss }) => rss / 1e6),
                "MB"
              )
            ]
          ]
        )
      ]
