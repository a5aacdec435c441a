const { createServer } = require("node:http")
const { createHawser, memory, nodeHandler } = require("hawser")
const { datadog } = require("hawser/providers")

const start = async () => {
  const publicUrl = process.env.PUBLIC_URL
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [`${publicUrl}/integrations`],
    authenticate: async () => null,
    providers: [datadog()],
    store: memory(),
    encryptionKey: process.env.HAWSER_ENCRYPTION_KEY
  })
  const server = createServer(nodeHandler(hawser.handler))
  server.listen(process.env.PORT, "localhost", () => console.log(`Port ${server.address().port}`))
}

start().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
