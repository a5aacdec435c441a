import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { type CrossTenantStatements, crossTenantStatements } from "./CrossTenantStatements.ts"
import type { Namespace } from "./Namespace.ts"
import { storageFailure } from "./StorageErrors.ts"
import { type TenantStatements, tenantStatements } from "./TenantStatements.ts"

/** The connection and the statements of one namespace, which the stores share. */
export interface Database {
  readonly statements: TenantStatements & CrossTenantStatements
  /** Those among them whose first parameter is the tenant. */
  readonly ofTenant: ReadonlySet<string>
  /** Runs one statement. The type of a row follows from its statement. */
  readonly run: <Row extends object>(
    statement: string,
    parameters: ReadonlyArray<unknown>
  ) => Effect.Effect<ReadonlyArray<Row>, SqlError>
}

export const makeDatabase = (run: Database["run"], { tables }: Namespace): Database => {
  const ofTenant = tenantStatements(tables)
  return {
    statements: { ...ofTenant, ...crossTenantStatements(tables) },
    ofTenant: new Set(Object.values(ofTenant)),
    run
  }
}

/**
 * Runs a statement that begins with a `fence`, again if a user was barred beside it. Answers the row that it wrote, undefined for
 * none.
 */
export const runFenced = <Row extends object>(
  { run }: Pick<Database, "run">,
  statement: string,
  parameters: ReadonlyArray<unknown>
): Effect.Effect<Row | undefined, SqlError> =>
  Effect.flatMap(
    run<Row & { readonly is_written: boolean; readonly outdated: boolean }>(statement, parameters),
    ([row]) => {
      if (row?.outdated === true) return runFenced<Row>({ run }, statement, parameters)
      return Effect.succeed(row?.is_written === true ? row : undefined)
    }
  )

/** Statements that can fail in one way: the storage is unavailable. */
export const queries = ({ run }: Pick<Database, "run">) => {
  const query = <Row extends object>(statement: string, parameters: ReadonlyArray<unknown> = []) =>
    run<Row>(statement, parameters).pipe(Effect.catch(storageFailure))
  return {
    query,
    command: (statement: string, parameters: ReadonlyArray<unknown>) =>
      Effect.asVoid(query(statement, parameters)),
    /** Whether the statement wrote a row. */
    wrote: (statement: string, parameters: ReadonlyArray<unknown>) =>
      Effect.map(query(statement, parameters), (rows) => rows.length > 0)
  }
}
