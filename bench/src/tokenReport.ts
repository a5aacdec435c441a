import type { KeeperTimes } from "./keeper.ts"
import { fixed, table, withSpread } from "./table.ts"
import type { TokenReads } from "./tokens.ts"

export const tokensSection = (reads: TokenReads | undefined): ReadonlyArray<string> => {
  if (reads === undefined) return []
  const { byHand, cached, cachedStatements, cold, coldStatements } = reads
  const ratios = cold.map((time, at) => time / (byHand[at] ?? Number.NaN))
  const rows = [
    ["Hawser, read a moment ago", withSpread(cached, 0), fixed(cachedStatements, 2)],
    ["Hawser, never read by this process", withSpread(cold, 0), fixed(coldStatements, 2)],
    ["by hand: `SELECT` and decryption", withSpread(byHand, 0), "1.00"]
  ]
  return [
    `\n### Reading a fresh access token\n\n${table(["read", "µs", "statements"], rows)}`,
    `\nA first read takes ${withSpread(ratios)} times as long as by hand.`
  ]
}

export const keeperSection = (times: KeeperTimes | undefined): ReadonlyArray<string> => {
  if (times === undefined) return []
  const { cpu, databaseCpu, doubled, grants, inProcess, inTwo, latency, ticks, wal } = times
  const ticking = ticks.reduce((sum, time) => sum + time, 0)
  const rate = (ms: number) => fixed((grants / ms) * 1_000, 0)
  const rows = [
    [
      `\`tick()\`, ${ticks.length} times one after the other`,
      fixed(ticking / 1_000, 2),
      rate(ticking)
    ],
    ["workers in the process", fixed(inProcess / 1_000, 2), rate(inProcess)],
    ["workers of two processes", fixed(inTwo / 1_000, 2), rate(inTwo)]
  ]
  const head = ["keeper", "s", "refreshes/s"]
  return [
    `\n### Refreshing ${grants} grants with a provider that takes ${latency} ms\n\n${table(head, rows)}`,
    `\nBy \`tick()\`, each takes ${fixed(cpu, 2)} ms of the host's CPU, ${fixed(databaseCpu, 2)} ms of PostgreSQL's and ${fixed(wal / 1_024, 1)} KiB of write-ahead log. The two processes refreshed ${doubled} of them more than once.`
  ]
}
