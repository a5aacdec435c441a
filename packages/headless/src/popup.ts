/**
 * A flow in another window, and how its end gets back to the page that opened it.
 *
 * The page cannot rely on the window that it has opened: where a vendor's page answers with
 * `Cross-Origin-Opener-Policy: same-origin`, as Microsoft's does, the browser cuts the two apart. The opener then reads
 * `closed` as true although the window is open, the window has lost `opener` and its name, and perhaps its session storage. So
 * the page that waits holds a lock, which the page that a flow ends at looks for, and listens on a channel of that name. Both
 * are of this origin and this browser alone. A lock ends with its page, and a page that holds one is not frozen.
 */

/** Milliseconds between two looks at whether the window is still there. */
const interval = 500

const prefix = (provider: string | null) => `hawser ${provider} `

/** Opens a window at once, while the browser still takes it for what the person wants. Nothing if it is blocked. */
export const openPopup = (): Window | null =>
  // Without locks, which pages of plain HTTP do not have, the flow's end would not be found.
  isSecureContext ? open("", "", "popup,width=600,height=760") : null

/** Waits for the address that a flow in the window ends at. The function that it returns stops that, and closes the window. */
export const waitForReturn = (
  popup: Window,
  provider: string,
  /** The window seems to be closed. It may be open nevertheless, and its flow may still end. */
  onClosed: () => void,
  onReturned: (href: string) => void
): (() => void) => {
  const name = prefix(provider) + Math.random()
  const channel = new BroadcastChannel(name)
  let release: () => void
  void navigator.locks.request(name, () => new Promise<void>((resolve) => (release = resolve)))
  const timer = setInterval(() => {
    if (!popup.closed) return
    clearInterval(timer)
    onClosed()
  }, interval)
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- nobody else has the channel
  channel.onmessage = ({ data }: MessageEvent<string>) => {
    onReturned(data)
  }
  return () => {
    // Does nothing where the two were cut apart: then the window closes itself.
    popup.close()
    clearInterval(timer)
    channel.close()
    release()
  }
}

/**
 * For a page that a flow in a window of its own ends at: hands the end to the page that opened the window, and closes it.
 * Answers false if no page waits for it; then the flow is the page's own to finish.
 *
 * `createIntegrations` does this by itself. Call it before anything else on a page that signs a person in first, or that exists
 * for this purpose alone.
 */
export const handOver = async (): Promise<boolean> => {
  const search = new URLSearchParams(location.search)
  // A link to the page may name a provider too; only the end of a flow has a status.
  if (!isSecureContext || !search.has("status")) return false
  const { held = [] } = await navigator.locks.query()
  const [name, another] = held.flatMap(({ name = "" }) =>
    name.startsWith(prefix(search.get("provider"))) ? [name] : []
  )
  // Two pages that wait for the same provider may be of two tenants, and only one of them may finish this flow.
  if (!name || another) return false
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel never leaves its origin
  new BroadcastChannel(name).postMessage(location.href)
  // The flow id is in the address.
  history.replaceState(null, "", location.pathname)
  close()
  return true
}
