import { createHash } from "node:crypto"
import { canonicalNamespace, type Namespace } from "./Namespace.ts"

/** One step of the schema. Once released it never changes: what comes later is a step of its own. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** The release before works with the tables as this step leaves them, and so may start beside the one that ran it. */
  readonly additive?: boolean
  readonly statements: (namespace: Namespace) => ReadonlyArray<string>
}

/** SHA-256 over a migration's SQL, the same in every namespace. */
export const checksum = (migration: Migration): string =>
  createHash("sha256").update(migration.statements(canonicalNamespace).join(";\n")).digest("hex")
