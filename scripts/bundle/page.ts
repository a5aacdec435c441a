import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { workspace } from "../steps.ts"

/** What a page loads of an entry, minified. What it has anyway is left out. */
export const minifiedPage = async (
  input: string,
  external: ReadonlyArray<string | RegExp> = []
): Promise<string> => {
  const build = await rolldown({
    input,
    external: [...external],
    platform: "browser",
    // A bundler says of "use client" that it may be lost.
    logLevel: "silent",
    resolve: { conditionNames: ["import", "default"] }
  })
  const { output } = await build.generate({ minify: true, comments: false })
  await build.close()
  return output.map((file) => ("code" in file ? file.code : "")).join("")
}

/** Makes one file of an entry, for a page that loads it as it is. */
export const bundlePage = async (input: string, file: string): Promise<void> => {
  const build = await rolldown({
    input,
    platform: "browser",
    resolve: { conditionNames: ["@hawser/source", "import", "default"] }
  })
  const { output } = await build.generate({ file, minify: true, comments: false })
  await build.close()
  // A build that changes nothing writes nothing: a test may be reading the file.
  const [{ code }] = output
  if (!existsSync(file) || readFileSync(file, "utf8") !== code) writeFileSync(file, code)
}

const elements = join(workspace, "packages/elements")

/** Makes of the elements the one file that pages without a bundler load. */
export const bundleElements = (): Promise<void> =>
  bundlePage(join(elements, "src/standalone.ts"), join(elements, "dist/standalone.js"))
