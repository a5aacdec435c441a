import { fileURLToPath } from "node:url"
import { pageScript } from "@hawser/cli/sample"
import { rolldown } from "rolldown"

/** The page's script and the elements as one file, as a host's bundler makes it. */
export const bundlePage = async (): Promise<string> => {
  const build = await rolldown({
    input: fileURLToPath(pageScript),
    platform: "browser",
    resolve: { conditionNames: ["@hawser/source", "import", "default"] }
  })
  const { output } = await build.generate({ format: "esm" })
  await build.close()
  return output[0].code
}
