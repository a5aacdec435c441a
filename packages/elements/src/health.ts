import { h } from "./dom.ts"
import { defineElement } from "./element.ts"
import type { PageElement } from "./page.ts"

import { english, englishOfHealth } from "./texts.ts"

export type { NoticeEvent } from "./element.ts"
export type { Texts } from "./texts.ts"

/** The English texts, to translate from. */
export const texts = { ...english, ...englishOfHealth }

/**
 * `<hawser-health>`: every connection that the caller may see, those that need somebody first, with the reason and what to
 * press. An admin sees that other users' own are there.
 *
 * Attributes and properties are those of `<hawser-integrations>`, without `owner`.
 *
 * @example
 * import "@hawser/elements/health"
 *
 * declare const getAccessToken: () => Promise<string>
 *
 * const page = document.querySelector("hawser-health")
 * if (page !== null) page.token = getAccessToken
 */
export interface HawserHealthElement extends PageElement {}

defineElement(
  "hawser-health",
  ({ connections, providers }, { button, connection, element, logo, problemOf, test, text }) => {
    const user = (id: string) => element.users?.[id] ?? id
    // Nobody needs to look at what was disconnected on purpose.
    const shown = connections.filter((one) => one.status !== "disconnected" || "error" in one)
    const date = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
      dateStyle: "medium"
    })
    const bad = shown.filter(problemOf)
    const good = shown.filter((one) => !problemOf(one))
    return [
      h(
        "p summary",
        {},
        shown[0]
          ? `${text("healthy", String(good.length))}, ${text("unhealthy", String(bad.length))}`
          : text("none")
      ),
      h(
        "ul",
        {},
        [...bad, ...good].map((one) => {
          const mine = "name" in one && one
          const provider = providers.find((known) => known.provider === one.provider)
          return h(
            "li card",
            { key: one.integrationId },
            h(
              "div head",
              {},
              logo(provider, one.provider),
              h("bdi name", {}, provider?.displayName ?? one.provider)
            ),
            connection(one, provider, {
              facts: [
                h(
                  "p muted",
                  {},
                  text("since", date.format(new Date(one.connectedAt))),
                  mine && ` ${text("by", user(mine.connectedBy))}`,
                  one.userId && `, ${text("ofUser", user(one.userId))}`
                ),
                // Words of the vendor's: no text of ours would say them better.
                mine && h("p muted", {}, mine.scopes.join(", "))
              ],
              buttons:
                mine && button("test", provider?.displayName ?? one.provider, () => test(mine))
            })
          )
        })
      )
    ]
  },
  texts,
  false
)

declare global {
  interface HTMLElementTagNameMap {
    "hawser-health": HawserHealthElement
  }
}
