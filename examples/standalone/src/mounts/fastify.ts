import { fastifyHawser } from "@hawser/fastify"
import { fastify as framework } from "fastify"
import type { Mount } from "./Mount.ts"

export const fastify: Mount = async (handler, { basePath, port }) => {
  const app = framework()
  await app.register(fastifyHawser(handler), { prefix: `${basePath}/v1/integrations` })
  await app.listen({ port, host: "::" })
  return { server: app.server, close: () => app.close() }
}
