import { join } from "node:path"
import { rolldown } from "rolldown"
import { workspace } from "../steps.ts"

const home = join(workspace, "packages/elements")

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
  const { output } = await build.generate({ minify: true })
  await build.close()
  return output.map((file) => ("code" in file ? file.code : "")).join("")
}

/** Makes of the elements the one file that pages without a bundler load. */
export const bundlePage = async (): Promise<void> => {
  const build = await rolldown({
    input: join(home, "src/standalone.ts"),
    platform: "browser",
    resolve: { conditionNames: ["@hawser/source", "import", "default"] }
  })
  await build.write({ file: join(home, "dist/standalone.js"), minify: true, comments: false })
  await build.close()
}
