import { readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const at = (name: string): URL => new URL(`../page/${name}`, import.meta.url)

/** The page's modules and `hawser/client` as one file, as a host's bundler makes it. */
const bundle = async (): Promise<string> => {
  const build = await rolldown({
    input: fileURLToPath(at("page.js")),
    resolve: { conditionNames: ["@hawser/source", "import", "default"] }
  })
  const { output } = await build.generate({ format: "esm" })
  await build.close()
  return output[0].code
}

/** Serves the files of the page. The answer is false if the path is none of them. */
export const makePage = async () => {
  const index = { type: "text/html", body: readFileSync(at("index.html")) }
  const files = new Map<string, { readonly type: string; readonly body: string | Buffer }>([
    // Where flows end: both of the host's redirect URLs.
    ["/", index],
    ["/portal", index],
    ["/page.css", { type: "text/css", body: readFileSync(at("page.css")) }],
    ["/page.js", { type: "text/javascript", body: await bundle() }]
  ])

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const file = files.get((request.url ?? "").split("?")[0] ?? "")
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
