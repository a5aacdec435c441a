import { useData, withBase } from "vitepress"
import Theme from "vitepress/theme-without-fonts"
import { h } from "vue"

/** VitePress's own theme, and below each page a link to its Markdown. */
const MarkdownLink = () => {
  const { page } = useData()
  return h("p", { class: "vp-doc" }, [
    h(
      "a",
      { href: withBase(`/${page.value.relativePath}`), target: "_self" },
      "This page as Markdown"
    )
  ])
}

export default {
  extends: Theme,
  Layout: () => h(Theme.Layout, null, { "doc-footer-before": () => h(MarkdownLink) })
}
