import { globSync, readFileSync } from "node:fs"
import { dirname, join, posix } from "node:path"
import { workspace } from "../../scripts/steps.ts"
import { errorCodes } from "./errors.ts"
import { folders } from "./folders.ts"
import { linksOf } from "./markdown.ts"
import { optionTakers } from "./options.ts"
import type { Site } from "./pages.ts"

/** What a reader without scripts sees of a page. */
const visible = (html: string): string =>
  html
    .replaceAll(/<(script|style|head)\b[^]*?<\/\1>/g, "")
    .replaceAll(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll(/&#(?:39|x27);/g, "'")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ")

/** The first words of a page's text below its title, as far as they are letters. */
const firstWords = (page: string): string =>
  /^(?!#|\||>|`|-|!|\[)(?<words>[\p{L} ,]{12,})/mu
    .exec(page.replaceAll(/^ *```[^\n]*\n[^]*?^ *```$/gm, ""))
    ?.groups?.["words"]?.trim() ?? ""

/** Says what is wrong with the site as it was built. */
export const problemsOf = ({ pages }: Site): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const files = globSync("**/*", { cwd: folders.built, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folders.built.length + 1)
        .replaceAll("\\", "/")
    )
  const known = new Set(files)
  const read = (file: string): string =>
    known.has(file) ? readFileSync(join(folders.built, file), "utf8") : ""
  const expect = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem)
  }

  for (const [path, text] of pages) {
    const file = path.replace(/\.md$/, ".html")
    const html = read(file)
    expect(read(path) === text, `${path} is not beside its page.`)
    expect(visible(html).includes(firstWords(text)), `${file} does not say "${firstWords(text)}".`)
    expect(
      linksOf(text).every((href) => href.startsWith("#")) ||
        /<main(?:(?!<\/main>)[^])*<a [^>]*href="[^"#]/.test(html),
      `${file} has no link in its text.`
    )
    for (const [, href = ""] of html.matchAll(/<a\b[^>]*? href="(?!#|[a-z]+:)(?<href>[^"#]*)/g)) {
      const target = href.startsWith("/")
        ? href.slice(1)
        : posix.join(dirname(file), href).replace(/^\.\/?$/, "")
      const page = target === "" || target.endsWith("/") ? `${target}index.html` : target
      expect(
        known.has(page) || known.has(`${page}.html`),
        `${file} links to ${href}, which is not there.`
      )
    }
  }
  const errors = visible(read("reference/errors.html"))
  for (const { cause, code, fix } of errorCodes()) {
    const plain = [code, cause, fix].map((text) => text.replaceAll("`", ""))
    expect(
      plain.every((text) => errors.includes(text)),
      `reference/errors.html does not explain ${code}.`
    )
  }
  const options = visible(read("reference/options.html"))
  for (const { options: taken, title } of optionTakers()) {
    for (const { name } of taken)
      expect(
        options.includes(`${title}: ${name} `),
        `reference/options.html has no ${title}: ${name}.`
      )
  }
  const listed = linksOf(read("llms.txt"))
  for (const path of pages.keys()) {
    const isListed = listed.includes(path) || path === "index.md" || path === "guide.md"
    expect(isListed, `llms.txt does not list ${path}.`)
  }
  for (const path of listed) expect(known.has(path), `llms.txt names ${path}, which is not there.`)
  expect(read("llms-full.txt").length > 100_000, "llms-full.txt has no pages.")
  expect(known.has("openapi.json"), "openapi.json is not there.")
  // VitePress puts absolute paths nowhere; what an example says of /work or file: is text.
  for (const file of files.filter((one) => /\.(?:html|js|json|md|txt)$/.test(one)))
    expect(
      !read(file).includes(workspace.replace(/\/$/, "")),
      `${file} has a path of this machine.`
    )
  return problems
}
