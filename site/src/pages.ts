import { dirname, posix } from "node:path"
import { entryPoints } from "../../scripts/api/declarations.ts"
import { errorsPage } from "./errors.ts"
import { assets, type Goal, goals, guidePages, type Pages } from "./guide.ts"
import { httpPage } from "./http.ts"
import { anchorsOf, linksOf } from "./markdown.ts"
import { optionsPage } from "./options.ts"
import { entryName, referencePages } from "./reference.ts"

export interface Site {
  /** By path. */
  readonly pages: Pages
  /** Those pages in the order in which somebody looks for them. */
  readonly goals: ReadonlyArray<Goal>
}

const references = (): Goal => ({
  title: "Reference",
  pages: [
    {
      path: "reference/options.md",
      title: "Options",
      about: "every option of `createHawser`, the stores, the mounts, the client and the simulator"
    },
    {
      path: "reference/errors.md",
      title: "Errors",
      about: "every code with its cause and its fix"
    },
    { path: "reference/http-api.md", title: "HTTP API", about: "every route and body" },
    ...entryPoints().map(({ title }) => ({
      path: `reference/${entryName(title)}.md`,
      title,
      about: "its public names, with what they say and their declarations"
    }))
  ]
})

/** Throws if a link leads to no page, or to no heading of one. */
export const checkLinks = (pages: Pages): void => {
  const files = new Set([...assets().values(), ...pages.keys()])
  const anchors = new Map([...pages].map(([path, text]) => [path, anchorsOf(text)]))
  const dead = [...pages].flatMap(([path, text]) =>
    linksOf(text)
      .filter((href) => !/^[a-z]+:/i.test(href))
      .filter((href) => {
        const [file = "", anchor] = href.split("#")
        const target = file === "" ? path : posix.join(dirname(path), file)
        return (
          !files.has(target) || (anchor !== undefined && anchors.get(target)?.has(anchor) !== true)
        )
      })
      .map((href) => `${path}: ${href}`)
  )
  if (dead.length > 0) throw new Error(`Links that lead nowhere:\n${dead.join("\n")}`)
}

/** What is made of the sources alone, without a build. */
export const writtenPages = (): Site => {
  const written = guidePages()
  const pages = new Map([
    ...written,
    ["reference/errors.md", errorsPage(written.get("reconnecting.md") ?? "")],
    ["reference/http-api.md", httpPage()]
  ])
  checkLinks(pages)
  return { pages, goals: goals(written) }
}

/** Every page. It reads the packages as they are built. */
export const sitePages = (): Site => {
  const written = writtenPages()
  const pages = new Map([
    ...written.pages,
    ["reference/options.md", optionsPage()],
    ...referencePages()
  ])
  checkLinks(pages)
  return { pages, goals: [...written.goals, references()] }
}
