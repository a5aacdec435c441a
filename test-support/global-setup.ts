import type { TestProject } from "vitest/node"
import { adoptPostgres } from "./postgres-adopted.ts"
import { startPostgres } from "./postgres-server.ts"
import { generateSources } from "../scripts/providers/generate.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** A database under which `createDatabase` makes the others. */
    postgresUrl: string
  }
}

interface Shared {
  readonly server: Promise<{ readonly url: string; readonly stop: () => Promise<void> }>
  users: number
}

// Each project loads its own copy of this module; the server is one for all of them.
const slot = globalThis as typeof globalThis & { hawserTestPostgres?: Shared | undefined }

/**
 * Writes what is made of the catalogue, and gives the projects that ask for it one PostgreSQL: that of `DATABASE_URL`, else one
 * of their own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  generateSources()
  const given = process.env["DATABASE_URL"]
  const shared = (slot.hawserTestPostgres ??= {
    server: given === undefined || given === "" ? startPostgres() : adoptPostgres(given),
    users: 0
  })
  shared.users++
  const { url, stop } = await shared.server
  project.provide("postgresUrl", url)
  return async () => {
    shared.users--
    if (shared.users > 0) return
    slot.hawserTestPostgres = undefined
    await stop()
  }
}
