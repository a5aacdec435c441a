import { createIntegrations } from "@hawser/headless"
import type * as client from "hawser/client"
import { expect, it } from "vitest"

/** What a page makes of a call that was refused, by the client of this module. */
const problemBy = async (module: string) => {
  const { createClient } = (await import(module)) as typeof client
  const made = createClient({
    baseUrl: "https://app.example.com",
    fetch: async () =>
      Response.json({ error: "forbidden", message: "Only an admin may do this." }, { status: 403 })
  })
  const integrations = createIntegrations({ client: made })
  await integrations.refresh()
  return integrations.getState().problem
}

it("an error of the client is read by its code, whichever copy of the client made it", async () => {
  const source = new URL("../../packages/http/src/createClient.ts", import.meta.url).href
  const [own, copy] = await Promise.all([problemBy(source), problemBy(`${source}?copy`)])
  expect(own).toMatchObject({ error: "forbidden", message: "Only an admin may do this." })
  expect(copy).toEqual(own)
})
