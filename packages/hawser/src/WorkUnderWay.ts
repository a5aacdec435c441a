import { StorageUnavailable } from "@hawser/core"

/** Calls and requests that have begun: the end waits for them, so that a code once redeemed is stored. */
export class WorkUnderWay {
  readonly #running = new Set<Promise<unknown>>()
  #isClosing = false

  /** Begins work, unless the end has begun: then it rejects with `StorageUnavailable`. */
  begin<A>(work: () => Promise<A>): Promise<A> {
    if (this.#isClosing) {
      return Promise.reject(new StorageUnavailable({ cause: new Error("Hawser is closed.") }))
    }
    const running = work()
    this.#running.add(running)
    const end = () => void this.#running.delete(running)
    running.then(end, end)
    return running
  }

  /** Lets nothing more begin, and waits for what has. */
  async finish(): Promise<void> {
    this.#isClosing = true
    await Promise.allSettled(this.#running)
  }
}
