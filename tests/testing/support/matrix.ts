import { type Mount, mounts } from "./mounts.ts"

type StoreName = "memory" | "PGlite" | "PostgreSQL"

/**
 * Each kind of mount once: what a mount does wrong, it does on every store. PGlite runs PostgreSQL's statements, over a wire
 * that has tests of its own.
 */
const cells: Readonly<Record<string, StoreName>> = {
  "node:http": "PostgreSQL",
  "Express 5": "memory",
  "Fastify 5": "memory",
  fetch: "memory"
}

const entries: ReadonlyArray<readonly [string, Mount]> = Object.entries(mounts)

/** The mounts of a store that every run of `test` tries. */
export const everyRun = (store: StoreName) => entries.filter(([name]) => cells[name] === store)

/** All the others: no cell of the matrix is in neither. */
export const nightly = (store: StoreName) => entries.filter(([name]) => cells[name] !== store)
