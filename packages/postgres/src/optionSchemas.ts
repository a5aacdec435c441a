import { Schema } from "effect"

/** Of the names in the database, wherever a host gives them. */
export const ofNames = { schema: Schema.String, tablePrefix: Schema.String }

/** Of both stores. */
export const ofStores = {
  ...ofNames,
  migrate: Schema.Literals(["auto", "check"]),
  rowLevelSecurity: Schema.Boolean
}
