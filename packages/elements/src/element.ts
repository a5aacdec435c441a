import type { Client, Notice } from "@hawser/headless"
import type { CreateClientOptions } from "hawser/client"
import { openPage, type PageView } from "./page.ts"
import type { Texts } from "./texts.ts"

/** What the elements have in common. */
export interface PageElement extends HTMLElement {
  /** The access token, or what gets one for each call. */
  token: CreateClientOptions["token"]
  /** In place of `base-url` and `token`: a client of the host's. */
  client: Client | undefined
  /** Texts in place of the English ones. */
  texts: Partial<Texts> | undefined
  /** Where the logos are, by provider. Without one it is the initial on the provider's colour. */
  logos: Readonly<Record<string, string>> | undefined
}

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
    page: ReturnType<typeof openPage> | undefined

    constructor() {
      super()
      // A page may have set them before this class was there.
      for (const name of ["token", "client", "texts", "logos"] as const) {
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
      this.page.update()
    }

    disconnectedCallback(): void {
      this.page?.close()
    }

    attributeChangedCallback(): void {
      this.page?.update()
    }
  }
  customElements.define(tag, Element)
}
