import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

/** A script of a page as a host's bundler makes it of the sources. */
export const bundleOf = async (entry: "elements" | "react"): Promise<string> => {
  const build = await rolldown({
    input: fileURLToPath(new URL(`browser/${entry}.ts`, import.meta.url)),
    platform: "browser",
    // A bundler says of "use client" that it may be lost.
    logLevel: "silent",
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    resolve: { conditionNames: ["@hawser/source", "import", "browser", "default"] }
  })
  const { output } = await build.generate({ format: "esm" })
  await build.close()
  return output[0].code
}
