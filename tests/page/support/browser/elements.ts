import "@hawser/elements"
import { german } from "@hawser/elements/de"
import "@hawser/elements/health"

/** The host's own script: it knows who is signed in. */
const { lang, user = "" } = document.documentElement.dataset
for (const name of ["hawser-integrations", "hawser-health"] as const) {
  for (const element of document.querySelectorAll(name)) {
    element.token = () => user
    if (lang === "de") element.texts = german
  }
}
