import { describe, expect, it } from "vitest"
import { checkProvider, flipsOf } from "../../../packages/testing/src/catalogue/index.ts"
import { chosenProviders, seed } from "../../../test-support/chosen-providers.ts"
import { providerIds, readProvider } from "./catalogFiles.ts"

describe(`each field of a definition counts: changed or left out, the check sees it (HAWSER_SEED=${seed})`, () => {
  it.each(chosenProviders(providerIds()))("%s", { timeout: 60_000 }, async (id) => {
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
})
