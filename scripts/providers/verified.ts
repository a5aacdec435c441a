import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  fingerprint,
  stepNames,
  type VerificationRecord
} from "../../packages/cli/src/verify/record.ts"
import { workspace } from "../steps.ts"
import type { CatalogFiles } from "./catalog.ts"

/** Contributed records of `npx hawser verify`, one for a provider. The folder comes with the first of them. */
const verifiedFolder = join(workspace, "packages/providers/verified")

export interface Verified {
  readonly date: string
  /** Whether the definition is still the one that was verified. */
  readonly isCurrent: boolean
}

const wrong = (
  { date, outcome, provider, simulated, steps }: Partial<VerificationRecord>,
  of: CatalogFiles | undefined
): string | undefined => {
  if (of?.definition === undefined || provider !== of.id) return "it is of no provider of its name"
  if (simulated === true) return "its vendor was the simulator"
  if (!/^\d{4}-\d\d-\d\d$/.test(date ?? "")) return "it has no date"
  if (outcome !== "passed") return "it has not passed"
  if (steps?.map(({ step }) => step).join() !== stepNames.join()) return "it has not all steps"
  return undefined
}

/** The records of a folder by their providers. Throws on one that says nothing of a vendor. */
export const readVerified = (
  files: ReadonlyArray<CatalogFiles>,
  folder = verifiedFolder
): ReadonlyMap<string, Verified> => {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return new Map(
    names.toSorted().map((name) => {
      const of = files.find(({ id }) => name === `${id}.json`)
      const record = JSON.parse(readFileSync(join(folder, name), "utf8")) as VerificationRecord
      const problem = wrong(record, of)
      if (problem !== undefined) throw new Error(`The record ${name} cannot be taken: ${problem}.`)
      const isCurrent = record.definition === fingerprint(of?.definition ?? {})
      return [record.provider, { date: record.date, isCurrent }]
    })
  )
}
