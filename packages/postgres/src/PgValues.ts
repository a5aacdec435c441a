const bytes = (text: string): Uint8Array => {
  if (!text.startsWith("\\x")) throw new Error("bytea arrives in another form than hex")
  return new Uint8Array(Buffer.from(text.slice(2), "hex"))
}

/** `2026-11-24 11:49:57.123456+05:30`, the form of `DateStyle` ISO; the minutes of the offset may be missing. */
const instant = (text: string): Date => {
  const date = new Date(text.replace(" ", "T").replace(/[+-]\d\d$/, "$&:00"))
  if (Number.isNaN(date.getTime())) throw new Error("timestamptz arrives in another form than ISO")
  return date
}

/** `{plain,"with \"quotes\""}`. */
const texts = (text: string): ReadonlyArray<string> =>
  Array.from(
    text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|[^,]+/g),
    ([plain, quoted]) => quoted?.replaceAll(/\\(.)/g, "$1") ?? plain
  )

const parsers = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"],
  [17, bytes],
  [23, Number],
  [1009, texts],
  [1184, instant],
  [3802, JSON.parse]
])

/**
 * Reads the types that our statements return, by the oid of each (`pg_type.dat`), as `PgClient` does. node-postgres
 * would use parsers that a host may set for its whole process.
 */
export const pgTypes = {
  getTypeParser: (oid: number): ((text: string) => unknown) => parsers.get(oid) ?? ((text) => text)
}
