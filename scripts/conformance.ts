import { main, record } from "./steps.ts"
import { runVitest } from "./vitest.ts"

/** Tests of one mount on one store. */
interface Cell {
  passed: number
  failed: number
  skipped: number
}

const columnWidth = 23

/** The suite over HTTP on every mount and every store, and the matrix of what it said. */
const conformance = async (): Promise<void> => {
  const { ok, report } = await runVitest("conformance", ["tests/testing/http-"], {
    env: { HAWSER_NIGHTLY: "1" }
  })
  if (report === undefined) return record("vitest left no report", "failed")

  const cells = new Map<string, Map<string, Cell>>()
  for (const { ancestorTitles, status } of report.testResults.flatMap(
    (file) => file.assertionResults
  )) {
    const [mount, store] =
      /^HTTP conformance: (.+) on (.+)$/.exec(ancestorTitles[0] ?? "")?.slice(1) ?? []
    if (mount === undefined || store === undefined) continue
    const row = cells.get(mount) ?? new Map<string, Cell>()
    const cell = row.get(store) ?? { passed: 0, failed: 0, skipped: 0 }
    cell[status === "passed" || status === "failed" ? status : "skipped"]++
    cells.set(mount, row.set(store, cell))
  }

  const stores = [...new Set([...cells.values()].flatMap((row) => [...row.keys()]))].toSorted(
    (a, b) => a.localeCompare(b)
  )
  console.log()
  printRow("", stores)
  for (const [mount, row] of cells) {
    printRow(
      mount,
      stores.map((store) => written(row.get(store)))
    )
    for (const [store, { failed, passed }] of row) {
      record(`${mount} on ${store}`, "passed", passed)
      record(`${mount} on ${store}`, "failed", failed === 0 && passed === 0 ? 1 : failed)
    }
  }
  // A file that does not load, or a host that does not start, has no test to show for it.
  if (!ok) record("vitest", "failed")
}

/** What is left out is what the mount's profile cannot show. */
const written = (cell: Cell | undefined): string => {
  if (cell === undefined) return "-"
  const { failed, passed, skipped } = cell
  if (failed > 0) return `${failed} FAILED`
  if (passed === 0) return "DID NOT START"
  return skipped === 0 ? `${passed} passed` : `${passed} passed, ${skipped} left out`
}

const printRow = (name: string, columns: ReadonlyArray<string>): void =>
  console.log([name.padEnd(30), ...columns.map((text) => text.padEnd(columnWidth))].join("  "))

await main(conformance)
