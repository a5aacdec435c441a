const { createHawser, memory } = require("hawser")

test("the start says what is missing", async () => {
  const starting = createHawser({
    publicUrl: "http://localhost:3000",
    allowedRedirectUrls: ["http://localhost:3000/integrations"],
    authenticate: async () => null,
    providers: [],
    store: memory(),
    encryptionKey: undefined
  })
  await expect(starting).rejects.toMatchObject({ code: "configuration_error" })
  await expect(starting).rejects.toThrow("encryptionKey")
})
