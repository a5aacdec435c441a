const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (found) => escapes[found] ?? "")

/** Markup of our own. Only `html` makes it, so text that is not escaped cannot pass for it. */
class Markup {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}
export type { Markup }

type Value = string | number | Markup | ReadonlyArray<Markup> | undefined

const written = (value: Value): string => {
  if (value === undefined) return ""
  if (value instanceof Markup) return value.toString()
  return typeof value === "object" ? value.join("") : escapeHtml(String(value))
}

/** Markup with values in it; what is not markup itself is escaped. */
export const html = (parts: TemplateStringsArray, ...values: ReadonlyArray<Value>): Markup =>
  new Markup(parts.map((part, at) => part + written(values[at])).join(""))
