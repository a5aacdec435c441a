import type { Notice } from "@hawser/headless"
import { openPage, type PageElement, type PageView } from "./page.ts"

/** How the last thing ended that the person did. */
export type NoticeEvent = CustomEvent<Notice>

/** Makes a tag show a view. On a server, where there is no page, it does nothing. */
export const defineElement = (
  tag: string,
  view: PageView,
  texts: Readonly<Record<string, string>>,
  hasOwner = true
): void => {
  if (!globalThis.customElements) return
  class Element extends HTMLElement {
    static readonly observedAttributes = ["base-url", "credentials", "lang", "readonly"]
    declare token: PageElement["token"]
    declare client: PageElement["client"]
    declare texts: PageElement["texts"]
    declare logos: PageElement["logos"]
    declare users: PageElement["users"]
    page: ReturnType<typeof openPage> | undefined

    constructor() {
      super()
      // A page may have set them before this class was there.
      for (const name of ["token", "client", "texts", "logos", "users"] as const) {
        let value: unknown = this[name]
        Object.defineProperty(this, name, {
          get: () => value,
          set: (next: unknown) => {
            value = next
            this.page?.update()
          }
        })
      }
    }

    connectedCallback(): void {
      const owner = this.getAttribute("owner") === "user" ? "user" : "tenant"
      this.page = openPage(this, view, texts, hasOwner ? owner : undefined)
    }

    disconnectedCallback(): void {
      this.page?.close()
    }

    attributeChangedCallback(): void {
      this.page?.update()
    }

    refresh(): void {
      this.page?.refresh()
    }
  }
  customElements.define(tag, Element)
}
