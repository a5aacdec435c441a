import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

/** A script of a page as a host's bundler makes it of the sources. */
export const bundleOf = async (
  entry: "elements" | "jsx" | "react" | "standalone"
): Promise<string> => {
  const isStandalone = entry === "standalone"
  const build = await rolldown({
    input: isStandalone
      ? "@hawser/elements/standalone"
      : fileURLToPath(new URL(`browser/${entry}.ts${entry === "jsx" ? "x" : ""}`, import.meta.url)),
    cwd: import.meta.dirname,
    platform: "browser",
    // A bundler says of "use client" that it may be lost.
    logLevel: "silent",
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    resolve: { conditionNames: ["@hawser/source", "import", "browser", "default"] }
  })
  const { output } = await build.generate({ format: "esm", minify: isStandalone })
  await build.close()
  return output[0].code
}
