/**
 * What a view is made of, and how a shadow root is brought up to it. By hand: a library for it would take half of the bytes that
 * a page may load, and markup in strings needs what a strict policy forbids.
 */

export interface Props {
  /** Tells children with the same tag apart, so that a field keeps what was typed into it. */
  readonly key?: string | undefined
  /** An attribute, a handler (`onclick`), or a custom property of CSS (`--brand`). */
  readonly [name: string]: string | boolean | ((event: never) => unknown) | undefined
}

interface View {
  readonly tag: string
  readonly props: Props
  readonly children: ReadonlyArray<Child>
}

export type Child = View | string | false | undefined | ReadonlyArray<Child>

/** An element: its tag, followed by the names of its parts. */
export const h = (name: string, props?: Props | false, ...children: ReadonlyArray<Child>): View => {
  const [tag = "", ...part] = name.split(" ")
  return { tag, props: { ...(part[0] && { part: part.join(" ") }), ...props }, children }
}

/** What each element was last given. */
const given = new WeakMap<Node, Props>()

/** Makes the parent's children what the views say, and keeps the elements that are there, with their focus and their values. */
export const patch = (parent: ParentNode & Node, views: ReadonlyArray<Child>): void => {
  const left = [...parent.childNodes]
  const nodes = flat(views).map((view) => {
    // Text has neither a tag nor a key.
    const { props, tag } = (typeof view === "string" ? {} : view) as Partial<View>
    const at = left.findIndex(
      (node) => (node as Element).localName === tag && given.get(node)?.key === props?.key
    )
    const [found] = at < 0 ? [] : left.splice(at, 1)
    if (typeof view === "string") {
      const text = (found ?? new Text()) as Text
      if (text.data !== view) text.data = view
      return text
    }
    const element = (found ?? document.createElement(view.tag)) as HTMLElement
    assign(element, view.props)
    patch(element, view.children)
    return element
  })
  for (const node of left) node.remove()
  for (const [at, node] of nodes.entries()) {
    const there = parent.childNodes[at]
    if (there !== node) parent.insertBefore(node, there ?? null)
  }
}

const flat = (views: ReadonlyArray<Child>): ReadonlyArray<View | string> =>
  (views as Array<Child>).flat(9).filter(Boolean) as Array<View | string>

const assign = (element: HTMLElement, props: Props): void => {
  const handlers = element as unknown as Record<string, unknown>
  const before = given.get(element)
  given.set(element, props)
  for (const name in { ...before, ...props }) {
    const value = props[name]
    if (name.startsWith("on")) handlers[name] = value
    else if (value === before?.[name]) continue
    else if (name.startsWith("--")) element.style.setProperty(name, (value as string) ?? "")
    else if (value === undefined || value === false) element.removeAttribute(name)
    else if (name !== "key") element.setAttribute(name, value as string)
  }
}
