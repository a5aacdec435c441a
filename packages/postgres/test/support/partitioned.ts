import { statementsFrom } from "../../src/Migrations.ts"
import { canonicalNamespace } from "../../src/Namespace.ts"
import { tenantTables } from "../../src/RowLevelSecurity.ts"

const partitions = 16

const { tables } = canonicalNamespace

/** `"hawser"."integration"` without quotes and schema. */
const bareName = (table: string): string => table.slice(table.lastIndexOf(".") + 2, -1)

/**
 * The tables whose rows belong to a tenant, but for flows: a callback knows the hash of a state and not the tenant, and a flow lives
 * for minutes, so that there are never many.
 */
const partitioned = new Set(tenantTables(tables).filter((table) => table !== tables.flow))

/** The number of the partition that this table is; none for any other table. */
export const partitionOf = (relation: string): ReadonlyArray<string> =>
  /_p(\d+)$/.exec(relation)?.slice(1) ?? []

/** A tenant's table and its partitions. */
const partitionedTable = (table: string, statement: string): ReadonlyArray<string> => [
  `${statement} PARTITION BY HASH (tenant_id)`,
  ...Array.from(
    { length: partitions },
    (_, remainder) =>
      `CREATE TABLE "hawser"."${bareName(table)}_p${remainder}" PARTITION OF ${table}
  FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`
  )
]

/**
 * What no two tenants hold together is kept beside the partitions, in a table that is not partitioned: a unique index reaches no
 * further than its partition. The constraint has the name that the index had, by which Hawser knows it.
 */
const heldBeside: ReadonlyArray<string> = [
  `CREATE TABLE "hawser"."held_account" (held_hash bytea CONSTRAINT oauth_grant_held PRIMARY KEY)`,
  `CREATE FUNCTION "hawser".hold_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.held_hash IS NOT NULL THEN
    DELETE FROM "hawser"."held_account" WHERE held_hash = OLD.held_hash;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.held_hash IS NOT NULL THEN
    INSERT INTO "hawser"."held_account" VALUES (NEW.held_hash);
  END IF;
  RETURN NULL;
END $$`,
  `CREATE TRIGGER hold_account AFTER INSERT OR DELETE OR UPDATE OF held_hash ON ${tables.oauthGrant}
  FOR EACH ROW EXECUTE FUNCTION "hawser".hold_account()`
]

/** Each partition's index ends with the name of the whole table's, by which Hawser knows which one a row violates. */
const namedIndexes = `DO $$
DECLARE child record;
BEGIN
  FOR child IN
    SELECT c.oid::regclass AS index, 'p' || substring(t.relname FROM '[0-9]+$') || '_' || p.relname AS name
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'i'
    JOIN pg_class p ON p.oid = i.inhparent
    JOIN pg_index x ON x.indexrelid = c.oid
    JOIN pg_class t ON t.oid = x.indrelid
    WHERE c.relnamespace = '"hawser"'::regnamespace
  LOOP
    EXECUTE format('ALTER INDEX %s RENAME TO %I', child.index, child.name);
  END LOOP;
END $$`

/** The statements of the migrations, with every table of tenants hash-partitioned by the tenant. */
export const partitionedStatements: ReadonlyArray<string> = [
  ...statementsFrom(canonicalNamespace, 0).flatMap((statement) => {
    const [, table = ""] = /^CREATE TABLE (\S+)/.exec(statement) ?? []
    if (partitioned.has(table)) return partitionedTable(table, statement)
    return statement.startsWith("CREATE UNIQUE INDEX oauth_grant_held ") ? heldBeside : [statement]
  }),
  namedIndexes
]
