import { readdirSync, readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { extname } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const folder = new URL("../page/", import.meta.url)
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript"
}

/** `hawser/client` as one file for browsers: what a host's bundler does with its page. */
const bundleClient = async (): Promise<string> => {
  const build = await rolldown({
    input: "hawser/client",
    cwd: fileURLToPath(folder),
    resolve: { conditionNames: ["@hawser/source", "import", "default"] }
  })
  const { output } = await build.generate({ format: "esm" })
  await build.close()
  return output[0].code
}

/** Serves the files of the page. The answer is false if the path is none of them. */
export const makePage = async () => {
  const files = new Map<string, { readonly type: string; readonly body: string | Buffer }>([
    ["/hawser-client.js", { type: "text/javascript", body: await bundleClient() }]
  ])
  for (const name of readdirSync(folder))
    files.set(`/${name}`, {
      type: types[extname(name)] ?? "",
      body: readFileSync(new URL(name, folder))
    })
  // The page where flows end, at both of the host's redirect URLs.
  const index = files.get("/index.html")
  if (index !== undefined) files.set("/", index).set("/portal", index)

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
