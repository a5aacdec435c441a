import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, posix } from "node:path"
import { workspace } from "../../scripts/steps.ts"
import { mapLinks, titleOf } from "./markdown.ts"

/** What is written by hand: the pages of docs/ and a few beside it, by where they stand in the workspace. */

const repository = "https://github.com/hawser-dev/hawser"

/** A page's text by its path in the site. */
export type Pages = ReadonlyMap<string, string>

interface Listed {
  readonly path: string
  readonly title: string
  readonly about: string
}

export interface Goal {
  readonly title: string
  readonly pages: ReadonlyArray<Listed>
}

/** Without the comments that tell programs of this workspace where to write. */
const readSource = (file: string): string =>
  readFileSync(`${workspace}${file}`, "utf8").replaceAll(
    /^ *```[^\n]*\n[^]*?^ *```$|<!--[^]*?-->\n?/gm,
    (found) => (found.startsWith("<!--") ? "" : found)
  )

/** Source files by their paths in the site. The report of the API is for those who change it. */
const sources = (): ReadonlyMap<string, string> =>
  new Map([
    ["README.md", "index.md"],
    ["docs/README.md", "guide.md"],
    ["SECURITY.md", "security.md"],
    ["CONTRIBUTING.md", "contributing.md"],
    ["examples/standalone/README.md", "standalone.md"],
    ...globSync("docs/**/*.md", { cwd: workspace })
      .map((file) => file.replaceAll("\\", "/"))
      .filter((file) => !["docs/README.md", "docs/api-report.md"].includes(file))
      .toSorted()
      .map((file) => [file, file.slice("docs/".length).replace(/README\.md$/, "index.md")] as const)
  ])

/** Files of docs/ that pages show or name, by their paths in the site. */
export const assets = (): ReadonlyMap<string, string> =>
  new Map(
    globSync(["docs/images/*", "docs/openapi.json"], { cwd: workspace })
      .map((file) => file.replaceAll("\\", "/"))
      .toSorted()
      .map((file) => [file, file.slice("docs/".length)])
  )

/** A link as the site has it: to a page or picture of the site, or to the repository. */
const placed = (
  href: string,
  from: string,
  to: string,
  inSite: ReadonlyMap<string, string>
): string => {
  if (/^[a-z]+:/i.test(href) || href.startsWith("#")) return href
  const [path = "", anchor] = href.split("#")
  const file = posix.join(dirname(from), path).replace(/\/$/, "")
  const hash = anchor === undefined ? "" : `#${anchor}`
  const target = inSite.get(file)
  if (target !== undefined) return `${posix.relative(dirname(to), target)}${hash}`
  if (!existsSync(`${workspace}${file}`)) throw new Error(`${from}: ${href} leads to nothing.`)
  return `${repository}/blob/main/${file}${hash}`
}

/** Every page that is written by hand, with its links as the site has them. */
export const guidePages = (): Pages => {
  const pages = sources()
  const inSite = new Map([...pages, ...assets()])
  return new Map(
    [...pages].map(([from, to]) => {
      return [to, mapLinks(readSource(from), (href) => placed(href, from, to, inSite))]
    })
  )
}

const rows = (text: string): ReadonlyArray<Listed> =>
  [...text.matchAll(/^\| \[(?<title>[^\]]+)\]\((?<path>[^)]+)\) \| (?<about>.*?) \|$/gm)].map(
    ({ groups }) => ({
      path: groups?.["path"] ?? "",
      title: groups?.["title"] ?? "",
      about: groups?.["about"] ?? ""
    })
  )

/** The pages by what somebody wants to do, as the sections of docs/README.md have them; the decisions as their own list has them. */
export const goals = (pages: Pages): ReadonlyArray<Goal> => {
  const sections = (pages.get("guide.md") ?? "").split(/^## /m).slice(1)
  const listed = sections.map((section) => ({
    title: titleOf(`# ${section}`),
    pages: rows(section)
  }))
  const decisions = [...pages]
    .filter(([path]) => /^decisions\/\d/.test(path))
    .map(([path, text]) => ({ path, title: titleOf(text), about: "" }))
  const places = [...listed.flatMap((goal) => goal.pages), ...decisions].map(({ path }) => path)
  for (const path of pages.keys()) {
    const count = places.filter((place) => place === path).length
    if (path !== "index.md" && path !== "guide.md" && count !== 1)
      throw new Error(`docs/README.md names ${path} ${count} times, and must name each page once.`)
  }
  return [...listed, { title: "Decisions", pages: decisions }]
}
