import { StorageUnavailable } from "@hawser/core"

const closed = () => new StorageUnavailable({ cause: new Error("Hawser is closed.") })

/** Calls and requests that have begun: the end waits for them, so that a code once redeemed is stored. */
export class WorkUnderWay {
  readonly #running = new Set<Promise<unknown>>()
  readonly #end = new AbortController()
  #isClosing = false

  /** Begins work, unless the end has begun: then it rejects with `StorageUnavailable`. The signal aborts at its last call. */
  begin<A>(work: (signal: AbortSignal) => Promise<A>): Promise<A> {
    if (this.#isClosing) return Promise.reject(closed())
    const running = work(this.#end.signal).catch((error: unknown) => {
      throw this.#end.signal.aborted ? closed() : error
    })
    this.#running.add(running)
    const end = () => void this.#running.delete(running)
    running.then(end, end)
    return running
  }

  /** Lets nothing more begin. */
  refuse(): void {
    this.#isClosing = true
  }

  /** Waits for what has begun. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  /** Stops what has begun, as far as it may be stopped. */
  abort(): void {
    this.#end.abort()
  }
}
