import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

/** Runs each insert and update of a table into a wall, after the statement's other writes. */
export const failWrites = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SqlClient
  yield* sql.unsafe(`CREATE FUNCTION hawser.fault() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'injected fault'; END $$`)
  yield* sql.unsafe(`CREATE TRIGGER fault AFTER INSERT OR UPDATE ON hawser.${table}
    FOR EACH ROW EXECUTE FUNCTION hawser.fault()`)
  return { repair: sql.unsafe(`DROP FUNCTION hawser.fault() CASCADE`) }
})
