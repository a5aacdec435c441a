import { h } from "./dom.ts"
import { defineElement, type NoticeEvent } from "./element.ts"
import type { PageElement } from "./page.ts"

import { english } from "./texts.ts"

export type { NoticeEvent } from "./element.ts"
export { english, type Texts } from "./texts.ts"

/**
 * `<hawser-integrations>`: the catalogue with a search, and each provider's connections.
 *
 * Attributes: `base-url`, `credentials`, `mode`, `owner`, `readonly`, `redirect-url`. Its event `hawser-notice` says how the
 * last thing ended that the person did.
 *
 * @example
 * import "@hawser/elements"
 *
 * declare const getAccessToken: () => Promise<string>
 *
 * const page = document.querySelector("hawser-integrations")
 * if (page !== null) page.token = getAccessToken
 */
export interface HawserIntegrationsElement extends PageElement {}

defineElement(
  "hawser-integrations",
  ({ providers }, page) => {
    const { button, buttons, connect, connection, isReadonly, logo, panel, text } = page
    const found = providers.filter(({ category, description, displayName }) =>
      `${displayName} ${description} ${category}`.toLowerCase().includes(page.query.toLowerCase())
    )
    return [
      h("input search", {
        type: "search",
        "aria-label": text("search"),
        placeholder: text("search"),
        oninput: ({ target }: InputEvent) => {
          page.query = (target as HTMLInputElement).value
          page.update()
        }
      }),
      h("div", { role: "status" }, !found[0] && text("noneFound")),
      h(
        "ul",
        {},
        found.map((provider) => {
          const { connections, description, displayName, mayConnect } = provider
          const id = provider.provider
          const isNew = !connections[0]
          const isOpen = panel(id)
          return h(
            "li card",
            { key: id, id },
            h("div head", {}, logo(provider, id), h("bdi name", {}, displayName)),
            h("p muted", {}, description),
            connections.map((one) => connection(one, provider)),
            mayConnect &&
              !isReadonly() &&
              !isOpen &&
              buttons(
                button("connect", displayName, () => connect(provider), isNew ? "primary" : "")
              ),
            isOpen
          )
        })
      )
    ]
  },
  english
)

declare global {
  interface HTMLElementTagNameMap {
    "hawser-integrations": HawserIntegrationsElement
  }
  interface HTMLElementEventMap {
    "hawser-notice": NoticeEvent
  }
}
