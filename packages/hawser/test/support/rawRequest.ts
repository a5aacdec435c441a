import { request as httpRequest } from "node:http"

/** A request as it goes over the wire: no client in between makes it better. */
export interface RawRequest {
  readonly method: string
  /** With its query, as it is sent. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: string
}

/** Longer than this is a hang. Milliseconds. */
const patience = 10_000

export const sendRaw = (origin: string, { body, headers, method, path }: RawRequest) =>
  new Promise<RawAnswer>((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const request = httpRequest({
      hostname,
      port,
      method,
      path: asciiOnly(path),
      headers: {
        ...Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\t -~]/g, "")])
        ),
        ...(body !== undefined && { "content-length": String(body.length) })
      },
      signal: AbortSignal.timeout(patience)
    })
    request.once("response", (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => void chunks.push(chunk))
      response.once("error", reject)
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8")
        })
      )
    })
    request.once("error", reject)
    request.end(body)
  })

/** Node sends no other characters in a request line. */
const asciiOnly = (path: string): string =>
  path.replaceAll(/[^!-~]+/g, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
  )
