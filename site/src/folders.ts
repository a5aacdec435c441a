import { fileURLToPath } from "node:url"

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What a build of the site writes. Git knows none of it. */
export const folders = {
  root: at(""),
  /** The pages as Markdown, which VitePress reads. */
  pages: at(".cache/pages"),
  goals: at(".cache/goals.json"),
  cache: at(".cache/vitepress"),
  built: at("dist")
}
