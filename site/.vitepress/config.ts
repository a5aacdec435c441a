import { readFileSync } from "node:fs"
import { defineConfig } from "vitepress"
import { folders } from "../src/folders.ts"
import type { Goal } from "../src/guide.ts"
import { slugify } from "../src/markdown.ts"

/** The pages are written by site/src; what is here is how they look and how they are found. */

const goals = JSON.parse(readFileSync(folders.goals, "utf8")) as ReadonlyArray<Goal>
const link = (path: string): string => `/${path.replace(/\.md$/, "").replace(/index$/, "")}`

export default defineConfig({
  title: "Hawser",
  description:
    "A TypeScript library through which the tenants of an application connect third-party providers.",
  srcDir: folders.pages,
  srcExclude: ["public/**"],
  outDir: folders.built,
  cacheDir: folders.cache,
  appearance: true,
  // A page's text is a chunk, and so is the index of the search, which is loaded when somebody searches.
  vite: {
    build: { target: "es2022", chunkSizeWarningLimit: 5000 },
    optimizeDeps: { esbuildOptions: { target: "es2022" } }
  },
  markdown: {
    // A page is text: what looks like HTML is shown as it was written.
    html: false,
    linkify: false,
    anchor: { slugify },
    config: ({ renderer, utils }) => {
      // Nor is it a template.
      renderer.rules.text = (tokens, index) =>
        utils.escapeHtml(tokens[index]?.content ?? "").replaceAll("{{", "&#123;&#123;")
    }
  },
  transformHead: ({ page }) => [
    ["link", { rel: "alternate", type: "text/markdown", href: `/${page}` }]
  ],
  themeConfig: {
    nav: [
      { text: "Guide", link: "/guide" },
      { text: "Options", link: "/reference/options" },
      { text: "Errors", link: "/reference/errors" },
      { text: "HTTP API", link: "/reference/http-api" }
    ],
    sidebar: goals.map(({ pages, title }, index) => ({
      text: title,
      collapsed: index > 1,
      items: pages.map((page) => ({ text: page.title, link: link(page.path) }))
    })),
    outline: [2, 3],
    search: {
      provider: "local",
      options: {
        miniSearch: {
          searchOptions: {
            // Who looks for a word wants the page about it before the declarations that have it.
            boostDocument: (id: string) =>
              /\/reference\/(?!errors|options|http-api)/.test(id) ? 0.3 : 1
          }
        }
      }
    },
    externalLinkIcon: true
  }
})
