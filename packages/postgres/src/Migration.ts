import { createHash } from "node:crypto"
import { canonicalNamespace, type Namespace } from "./Namespace.ts"

/** One step of the schema. A released step never changes: later changes are new steps. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** True if the previous release works with the tables after this step, so both may run side by side. */
  readonly additive?: boolean
  readonly statements: (namespace: Namespace) => ReadonlyArray<string>
}

/** SHA-256 over a migration's SQL, the same in every namespace. */
export const checksum = (migration: Migration): string =>
  createHash("sha256").update(migration.statements(canonicalNamespace).join(";\n")).digest("hex")
