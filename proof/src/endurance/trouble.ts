/** What a function of the host's may do instead of what it should. */
const ends = [
  () => {
    throw new Error("the host's own failure")
  },
  () => Promise.reject(new Error("the host's own failure")),
  () => new Promise<never>(() => {})
] as const

/** Lets a share of the calls of a function go wrong, each in one of the ways in turn, and counts them. */
export const makeTrouble = (share: number) => {
  let failures = 0
  let isOver = false
  return {
    failures: () => failures,
    /** From now on all goes well. */
    end: () => {
      isOver = true
    },
    with:
      <Given extends ReadonlyArray<unknown>, Answer>(
        well: (...given: Given) => Answer,
        ways: ReadonlyArray<(typeof ends)[number]> = ends
      ) =>
      (...given: Given): Answer => {
        if (isOver || Math.random() >= share) return well(...given)
        const end = ways[failures % ways.length]
        failures += 1
        return (end === undefined ? well(...given) : end()) as Answer
      }
  }
}

/** For a handler of events, whose hanging has a test of its own: here its events must arrive. */
export const failing = ends.slice(0, 2)
