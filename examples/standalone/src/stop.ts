import type { Hawser } from "hawser"
import type { Listening } from "./mounts/Mount.ts"

/** Milliseconds that a client has to take its last answer and let go of its connection. */
const grace = 1000

/** Takes no more connections, finishes the calls that have begun, and ends. */
export const stop = async ({ close, server }: Listening, hawser: Hawser): Promise<void> => {
  // A client in the middle of a call would use its connection again and again, and the server would never end.
  server.prependListener("request", (_request, response) => {
    response.setHeader("connection", "close")
  })
  const closed = close()
  await hawser.close()
  // Clients keep connections for their next request, and browsers open some on which they never send one.
  setTimeout(() => server.closeAllConnections(), grace).unref()
  await closed
}
