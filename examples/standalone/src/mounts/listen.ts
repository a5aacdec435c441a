import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { Listening } from "./Mount.ts"

/** Serves a listener of `node:http`. */
export const listen = async (listener: RequestListener, port: number): Promise<Listening> => {
  const server = createServer(listener)
  await once(server.listen(port), "listening")
  return { server, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
