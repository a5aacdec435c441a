const bytes = (text: string): unknown =>
  text.startsWith("\\x") ? new Uint8Array(Buffer.from(text.slice(2), "hex")) : text

/** `2026-11-24 11:49:57.123456+05:30`, the form of `DateStyle` ISO; the minutes of the offset may be missing. */
const instant = (text: string): unknown => {
  const date = new Date(text.replace(" ", "T").replace(/[+-]\d\d$/, "$&:00"))
  return Number.isNaN(date.getTime()) ? text : date
}

/** `{plain,"with \"quotes\""}`. */
const texts = (text: string): unknown =>
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
 * Parses the types that Hawser's statements return, by oid (`pg_type.dat`), as `PgClient` does. node-postgres would use
 * parsers that a host may have changed for the whole process.
 *
 * A value in another form than the server's default (`bytea_output`, `DateStyle`) stays text, which the check at the start
 * refuses.
 */
export const pgTypes = {
  getTypeParser: (oid: number): ((text: string) => unknown) => parsers.get(oid) ?? ((text) => text)
}
