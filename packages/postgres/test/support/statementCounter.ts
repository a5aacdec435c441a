const sslRequest = 80877103
const simpleQuery = "Q".charCodeAt(0)
const execute = "E".charCodeAt(0)

/** Reads what a client sends on one connection; of each piece, tells how many statements the server is to run. */
export const statementCounter = (): ((sent: Buffer) => number) => {
  let pending: Buffer = Buffer.alloc(0)
  let started = false
  return (sent) => {
    pending = Buffer.concat([pending, sent])
    let statements = 0
    for (;;) {
      // The messages of a connection's first moments have no type byte.
      const start = started ? 1 : 0
      if (pending.length < (started ? 5 : 8)) return statements
      const end = start + pending.readInt32BE(start)
      if (pending.length < end) return statements
      if (!started) started = pending.readInt32BE(4) !== sslRequest
      else if (pending[0] === simpleQuery || pending[0] === execute) statements++
      pending = pending.subarray(end)
    }
  }
}
