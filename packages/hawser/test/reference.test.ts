import { randomBytes } from "node:crypto"
import { createHawser, type HawserOptions, memory } from "hawser"
import { expect, it, onTestFinished } from "vitest"

const documentOf = async (options: Partial<HawserOptions>, path: string) => {
  const hawser = await createHawser({
    publicUrl: "https://app.example.com/api/",
    allowedRedirectUrls: ["https://app.example.com/integrations"],
    authenticate: () => Promise.resolve(null),
    providers: [],
    store: memory(),
    encryptionKey: randomBytes(32).toString("base64"),
    ...options
  })
  onTestFinished(() => hawser.close())
  return hawser.handler(new Request(`http://127.0.0.1:3000${path}`))
}

it("the contract is shown once the host says so, with the public URL and under the path that the process sees", async () => {
  const options = { reference: true, basePath: "/inside" }
  const shown = await documentOf(options, "/inside/v1/integrations/openapi.json")
  expect(await shown.json()).toMatchObject({
    openapi: "3.1.0",
    servers: [{ url: "https://app.example.com/api" }]
  })
  const page = await documentOf(options, "/inside/v1/integrations/reference")
  expect(await page.text()).toContain("https://app.example.com/api/v1/integrations/openapi.json")
})

it.each([{}, { reference: false }])(
  "the contract is not shown without a word of the host's: %j",
  async (options) => {
    for (const path of ["openapi.json", "reference"]) {
      expect((await documentOf(options, `/api/v1/integrations/${path}`)).status).toBe(401)
    }
  }
)
