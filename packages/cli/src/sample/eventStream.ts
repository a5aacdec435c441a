import type { ServerResponse } from "node:http"

/** Server-sent events for the pages that are open, with the last few for one that opens now. */
export const makeEventStream = () => {
  const pages = new Set<ServerResponse>()
  const recent: Array<string> = []
  return {
    send: (event: object): void => {
      const line = `data: ${JSON.stringify(event)}\n\n`
      recent.push(line)
      if (recent.length > 20) recent.shift()
      for (const page of pages) page.write(line)
    },
    open: (response: ServerResponse): void => {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" })
      response.write(`retry: 1000\n\n${recent.join("")}`)
      pages.add(response)
      response.once("close", () => pages.delete(response))
    },
    close: (): void => {
      for (const page of pages) page.end()
    }
  }
}
