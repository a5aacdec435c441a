import { StorageUnavailable } from "@hawser/core"

const closed = () => new StorageUnavailable({ cause: new Error("Hawser is closed.") })

/** Running calls and requests. The shutdown waits for them, so that the tokens of a redeemed code are stored. */
export class InFlightWork {
  readonly #running = new Set<Promise<unknown>>()
  readonly #end = new AbortController()
  #isClosing = false

  /** Runs work, or rejects with `StorageUnavailable` once the shutdown has begun. The signal aborts at the shutdown's last call. */
  begin<A>(work: (signal: AbortSignal) => Promise<A>): Promise<A> {
    if (this.#isClosing) return Promise.reject(closed())
    const running: Promise<A> = work(this.#end.signal).then(
      (done) => {
        this.#running.delete(running)
        return done
      },
      (error: unknown) => {
        this.#running.delete(running)
        throw this.#end.signal.aborted ? closed() : error
      }
    )
    this.#running.add(running)
    return running
  }

  /** Whether new work is refused. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Refuses new work. */
  refuse(): void {
    this.#isClosing = true
  }

  /** Waits for running work. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  /** Interrupts running work, except in uninterruptible regions. */
  abort(): void {
    this.#end.abort()
  }
}
