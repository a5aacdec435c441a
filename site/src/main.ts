import { spawn } from "node:child_process"
import { copyFileSync, mkdirSync, rmSync, watch, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { workspace } from "../../scripts/steps.ts"
import { problemsOf } from "./checkBuilt.ts"
import { folders } from "./folders.ts"
import { assets } from "./guide.ts"
import { llmsFullTxt, llmsTxt } from "./llms.ts"
import { sitePages } from "./pages.ts"

/**
 * `build` makes the site in site/dist; it fails on a warning, and if the site lacks what it should have. `dev` serves it and
 * follows changes of docs/. Both build the packages first. `check` makes the pages alone, of packages that are built.
 */

const write = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Drawing a diagram takes a script, and its source is readable. Colours would make megabytes of the longest pages. */
const rendered = (text: string): string =>
  text.replaceAll(text.length > 100_000 ? /^```(?:mermaid|ts)$/gm : /^```mermaid$/gm, "```text")

/** Writes the pages for VitePress; beside them, in the folder that it copies as it is, each page as Markdown. */
const writePages = (): void => {
  const site = sitePages()
  const { pages } = folders
  const publicFolder = join(pages, "public")
  for (const [path, text] of site.pages) {
    write(join(pages, path), rendered(text))
    write(join(publicFolder, path), text)
  }
  write(join(publicFolder, "llms.txt"), llmsTxt(site))
  write(join(publicFolder, "llms-full.txt"), llmsFullTxt(site))
  for (const [file, path] of assets()) {
    for (const folder of [pages, publicFolder]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      copyFileSync(join(workspace, file), join(folder, path))
    }
  }
  write(folders.goals, JSON.stringify(site.goals))
}

/** Builds the packages, and writes the pages again. */
const prepare = async (): Promise<void> => {
  await import("../../scripts/build.ts")
  rmSync(folders.pages, { recursive: true, force: true })
  rmSync(folders.built, { recursive: true, force: true })
  writePages()
}

const vitepress = (command: "build" | "dev"): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      join(folders.root, "node_modules/.bin/vitepress"),
      [command, folders.root],
      {
        shell: process.platform === "win32",
        stdio: command === "dev" ? "inherit" : ["ignore", "pipe", "pipe"]
      }
    )
    let said = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        said += chunk.toString()
        process.stdout.write(chunk)
      })
    }
    child.once("error", reject)
    child.once("close", (code) => {
      if (code !== 0) reject(new Error(`vitepress ${command} ended with ${code ?? "a signal"}.`))
      else if (/warn|\(!\)/i.test(said))
        reject(new Error("The build of the site warns; see above."))
      else resolve()
    })
  })

const [command] = process.argv.slice(2)
if (command === "build") {
  await prepare()
  await vitepress("build")
  const problems = problemsOf(sitePages())
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
} else if (command === "dev") {
  await prepare()
  watch(join(workspace, "docs"), { recursive: true }, () => {
    try {
      writePages()
    } catch (error) {
      console.error(error)
    }
  })
  await vitepress("dev")
} else if (command === "check") {
  console.log(`${sitePages().pages.size} pages, each link good`)
} else {
  throw new Error("Say build, dev or check.")
}
