import { Duplex } from "node:stream"

// PostgreSQL's documentation, 55.7: the messages of a connection's first moments have no type byte but a code.
const sslRequest = 80877103
const cancelRequest = 80877102
const terminate = "X".charCodeAt(0)

/** The used part of PGlite. Not PGlite's type, because a host without PGlite, or without Emscripten's types, could not compile it. */
export interface PgliteDatabase {
  readonly closed: boolean
  readonly close: () => Promise<void>
  readonly exec: (query: string) => Promise<unknown>
  readonly execProtocolRawStream: (
    message: Uint8Array,
    options: { readonly onRawData: (data: Uint8Array) => void }
  ) => Promise<unknown>
  readonly runExclusive: <A>(run: () => Promise<A>) => Promise<A>
}

/** One connection to a PGlite instance in PostgreSQL's own wire protocol: no port, no socket. */
export const pgliteDuplex = (db: PgliteDatabase): Duplex => {
  let pending: Buffer = Buffer.alloc(0)
  let started = false
  let work: Promise<unknown> = Promise.resolve()

  const takeStartup = (): ReadonlyArray<Buffer> => {
    while (!started && pending.length >= 8) {
      const length = pending.readInt32BE(0)
      if (pending.length < length) break
      const code = pending.readInt32BE(4)
      const message = pending.subarray(0, length)
      pending = pending.subarray(length)
      if (code === sslRequest) duplex.push(Buffer.from("N"))
      else if (code !== cancelRequest) {
        started = true
        return [message]
      }
    }
    return []
  }

  /** Forwards whole messages. Terminate is not forwarded: it would end the only backend, which all connections share. */
  const takeMessages = (): ReadonlyArray<Buffer> => {
    const messages = [...takeStartup()]
    if (!started) return messages
    let offset = 0
    while (pending.length - offset >= 5) {
      const length = 1 + pending.readInt32BE(offset + 1)
      if (pending.length - offset < length) break
      if (pending[offset] !== terminate) messages.push(pending.subarray(offset, offset + length))
      offset += length
    }
    pending = pending.subarray(offset)
    return messages
  }

  const send = (messages: ReadonlyArray<Buffer>): void => {
    const forward = () =>
      db.runExclusive(() =>
        db.execProtocolRawStream(Buffer.concat(messages), {
          onRawData: (data) => {
            if (!duplex.destroyed) duplex.push(Buffer.from(data))
          }
        })
      )
    work = work.then(forward).catch((error: unknown) => {
      duplex.destroy(error instanceof Error ? error : new Error("PGlite failed", { cause: error }))
    })
  }

  /** As a server does when a connection is lost: rolls back its transaction and drops its prepared statements. */
  const forget = async (): Promise<void> => {
    await work
    if (!started || db.closed) return
    await db.exec("ROLLBACK")
    await db.exec("DEALLOCATE ALL")
  }

  const duplex = new Duplex({
    read() {
      // PGlite pushes as it answers.
    },
    write(chunk: Buffer, _encoding, done) {
      pending = Buffer.concat([pending, chunk])
      const messages = takeMessages()
      done()
      if (messages.length > 0) send(messages)
    },
    final(done) {
      const end = (): void => {
        duplex.push(null)
        done()
      }
      work.then(end, end)
    },
    destroy(reason, done) {
      const end = (): void => done(reason)
      forget().then(end, end)
    }
  })
  return duplex
}
