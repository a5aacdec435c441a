import { expect, it } from "vitest"
import { checkProvider, flipsOf } from "../../../packages/testing/src/catalogue/index.ts"
import { readProvider } from "./catalogFiles.ts"

/** Each field of these definitions is changed once, and left out once: each time the check must see it. */
export const everyFieldCounts = (ids: ReadonlyArray<string>): void => {
  it.each(ids)("%s: each field of its definition counts", { timeout: 60_000 }, async (id) => {
    const provider = readProvider(id)
    const flips = flipsOf(provider.definition)
    expect(flips.length).toBeGreaterThan(20)
    const unseen: Array<string> = []
    for (const { definition, name } of flips) {
      const problems = await checkProvider({ ...provider, definition })
      if (problems.length === 0) unseen.push(name)
    }
    expect(unseen).toEqual([])
  })
}
