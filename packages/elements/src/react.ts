import type { DetailedHTMLProps, HTMLAttributes } from "react"
import type { HawserHealthElement } from "./health.ts"
import type { HawserIntegrationsElement } from "./index.ts"

export * from "./index.ts"

/**
 * The elements' attributes, beside those of every element of HTML. Their properties and their event are not here: a `ref` sets
 * them, because React sets none on what a server has rendered (https://github.com/facebook/react/issues/35446).
 */
interface PageAttributes {
  readonly "base-url"?: string | undefined
  readonly credentials?: "same-origin" | "include" | undefined
  readonly mode?: "popup" | "redirect" | undefined
  readonly readonly?: boolean | undefined
  readonly "redirect-url"?: string | undefined
}

/**
 * The attributes of `<hawser-health>` in JSX. Import `@hawser/elements/health` as well: it makes the element.
 *
 * @see {@link https://react.dev/reference/react-dom/components#custom-html-elements}
 */
export interface HealthProps
  extends
    PageAttributes,
    DetailedHTMLProps<HTMLAttributes<HawserHealthElement>, HawserHealthElement> {}

/**
 * The attributes of `<hawser-integrations>` in JSX. Import `@hawser/elements/react` in place of `@hawser/elements`: it makes the same
 * element, and React's types know it.
 *
 * @see {@link https://react.dev/reference/react-dom/components#custom-html-elements}
 *
 * @example
 * import type { IntegrationsProps } from "@hawser/elements/react"
 *
 * declare const getAccessToken: () => Promise<string>
 *
 * // <hawser-integrations {...props} />
 * const props: IntegrationsProps = {
 *   "base-url": "/api",
 *   ref: (page) => {
 *     if (page !== null) page.token = getAccessToken
 *   }
 * }
 */
export interface IntegrationsProps
  extends
    PageAttributes,
    DetailedHTMLProps<HTMLAttributes<HawserIntegrationsElement>, HawserIntegrationsElement> {
  readonly owner?: "tenant" | "user" | undefined
}

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "hawser-health": HealthProps
      "hawser-integrations": IntegrationsProps
    }
  }
}
