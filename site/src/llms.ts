import type { Site } from "./pages.ts"

/** For programs that read: the list of pages by goal, and the pages that are written by hand in one file. */
export const llmsTxt = ({ goals }: Site): string =>
  [
    "# Hawser",
    "> A TypeScript library through which the tenants of an application connect third-party providers, by OAuth2 or by API key.",
    "Each page is Markdown. [One file](llms-full.txt) has all of them but the reference and the decisions.",
    ...goals.map(({ pages, title }) =>
      [
        `## ${title}`,
        "",
        ...pages.map(
          (page) => `- [${page.title}](${page.path})${page.about === "" ? "" : `: ${page.about}`}`
        )
      ].join("\n")
    ),
    ""
  ].join("\n\n")

export const llmsFullTxt = ({ goals, pages }: Site): string =>
  ["index.md", ...goals.flatMap((goal) => goal.pages.map(({ path }) => path))]
    .filter((path) => !/^(?:reference|decisions)\//.test(path))
    .map((path) => `<!-- ${path} -->\n\n${pages.get(path) ?? ""}`)
    .join("\n")
