import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { promisify } from "node:util"

const run = promisify(execFile)

const fences = /^```sh\n(?<code>.*?)^```$/gms

/** The commands of a page that begin with `curl`, each as it is written, with the lines that it goes on over. */
export const curlLinesOf = (markdown: string): ReadonlyArray<string> =>
  [...markdown.matchAll(fences)].flatMap(({ groups }) =>
    (groups?.["code"] ?? "").split(/(?<!\\)\n/).filter((command) => command.startsWith("curl "))
  )

interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Runs a command in bash, with these variables and no others of this process. */
export const runCurl = async (
  command: string,
  variables: Readonly<Record<string, string>>
): Promise<Answer> => {
  // What the test wants of curl stands beside the command, so that the command stays as it is.
  const home = mkdtempSync(`${tmpdir()}/hawser-curl-`)
  writeFileSync(
    `${home}/.curlrc`,
    'silent\nshow-error\nmax-time = 20\nwrite-out = "\\n%{http_code} %{content_type}"\n'
  )
  try {
    const { stdout } = await run("bash", ["--norc", "-c", command], {
      env: { PATH: process.env["PATH"], CURL_HOME: home, ...variables }
    })
    const end = stdout.lastIndexOf("\n")
    const [status, contentType = ""] = stdout.slice(end + 1).split(" ")
    return { status: Number(status), contentType, body: stdout.slice(0, end) }
  } finally {
    rmSync(home, { recursive: true })
  }
}
