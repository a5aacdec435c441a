const sslRequest = 80877103
const simpleQuery = "Q".charCodeAt(0)
const parse = "P".charCodeAt(0)
const bind = "B".charCodeAt(0)
const execute = "E".charCodeAt(0)

/** The first two texts of a message, each of which ends with a zero. */
const texts = (message: Buffer): ReadonlyArray<string> =>
  message.toString("latin1", 5).split("\0", 2)

/**
 * Reads what a client sends on one connection; of each piece, tells how many statements the server is to run. An
 * announcement to other processes does not count: nobody waits for it.
 */
export const statementCounter = (): ((sent: Buffer) => number) => {
  let pending: Buffer = Buffer.alloc(0)
  let started = false
  /** Names of prepared statements; the unnamed one is whatever was parsed last. */
  const announcements = new Set<string>()
  let isAnnouncement = false
  return (sent) => {
    pending = Buffer.concat([pending, sent])
    let statements = 0
    for (;;) {
      // The messages of a connection's first moments have no type byte.
      const start = started ? 1 : 0
      if (pending.length < (started ? 5 : 8)) return statements
      const end = start + pending.readInt32BE(start)
      if (pending.length < end) return statements
      const message = pending.subarray(0, end)
      if (!started) started = message.readInt32BE(4) !== sslRequest
      else if (message[0] === parse) {
        const [name = "", query = ""] = texts(message)
        if (query.includes("pg_notify")) announcements.add(name)
        else announcements.delete(name)
      } else if (message[0] === bind) isAnnouncement = announcements.has(texts(message)[1] ?? "")
      else if (message[0] === simpleQuery || (message[0] === execute && !isAnnouncement))
        statements++
      pending = pending.subarray(end)
    }
  }
}
