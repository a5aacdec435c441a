import { readFileSync } from "node:fs"
import type { ServerResponse } from "node:http"

const read = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url))

/** Serves the files of the sample host's page, whose script a bundler has made. False if the path is none of them. */
export const makePage = (script: string) => {
  const index = { type: "text/html", body: read("index.html") }
  const files = new Map<string, { readonly type: string; readonly body: string | Buffer }>([
    // Both redirect URLs of the host: here the flows end.
    ["/", index],
    ["/portal", index],
    ["/page.css", { type: "text/css", body: read("page.css") }],
    ["/page.js", { type: "text/javascript", body: script }]
  ])
  return ({ pathname }: URL, response: ServerResponse): boolean => {
    const file = files.get(pathname)
    if (file === undefined) return false
    response.writeHead(200, {
      "content-type": `${file.type}; charset=utf-8`,
      "cache-control": "no-store",
      "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    })
    response.end(file.body)
    return true
  }
}
