import { readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"

const types = { html: "text/html", css: "text/css", js: "text/javascript" } as const

const read = (name: string, type: keyof typeof types) => ({
  type: `${types[type]}; charset=utf-8`,
  body: readFileSync(new URL(`./page/${name}.${type}`, import.meta.url))
})

const files: ReadonlyMap<string, ReturnType<typeof read>> = new Map([
  ["/", read("index", "html")],
  ["/page.css", read("page", "css")],
  ["/page.js", read("page", "js")]
])

/** Serves the page of the sample host. False if the path is none of its files. */
export const servePage = (request: IncomingMessage, response: ServerResponse): boolean => {
  const file = files.get((request.url ?? "").split("?")[0] ?? "")
  if (file === undefined) return false
  response.writeHead(200, {
    "content-type": file.type,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
  })
  response.end(file.body)
  return true
}
