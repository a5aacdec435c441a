/** What this site needs to know of Markdown: headings, links, and what is code and therefore neither. */

/** Fences and spans of code; what stands between them is text. */
const code = /^ *```[^\n]*\n[^]*?^ *```$|`[^`\n]+`/gm

/** Changes the text of a page and leaves its code alone. */
const mapText = (page: string, change: (text: string) => string): string => {
  let result = ""
  let at = 0
  for (const match of page.matchAll(code)) {
    result += change(page.slice(at, match.index)) + match[0]
    at = match.index + match[0].length
  }
  return result + change(page.slice(at))
}

/** Changes where the links and pictures of a page lead. */
export const mapLinks = (page: string, change: (href: string) => string): string =>
  mapText(page, (text) =>
    text.replaceAll(/\]\((?<href>[^()\s]+)\)/g, (_, href: string) => `](${change(href)})`)
  )

export const linksOf = (page: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  mapLinks(page, (href) => {
    found.push(href)
    return href
  })
  return found
}

/** The anchor of a heading, as GitHub makes it, so that one link is good there and here. */
export const slugify = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-")

const headingsOf = (page: string): ReadonlyArray<string> =>
  [
    ...page.replaceAll(/^ *```[^\n]*\n[^]*?^ *```$/gm, "").matchAll(/^#{1,6} +(?<heading>.+?) *$/gm)
  ].map(({ groups }) =>
    (groups?.["heading"] ?? "").replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "")
  )

export const titleOf = (page: string): string => headingsOf(page)[0] ?? ""

/** Of two headings with one text, the second has a number behind it. */
export const anchorsOf = (page: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const heading of headingsOf(page)) {
    const slug = slugify(heading)
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

/** A cell of a table. */
export const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")

export const fence = (language: string, text: string): string =>
  ["```" + language, text.trimEnd(), "```"].join("\n")
