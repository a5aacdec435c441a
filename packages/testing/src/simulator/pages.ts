/** The pages that a person may see. All are plain HTML without scripts, but for what only a script can do. */

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center }
  main { max-width: 26rem; padding: 2rem; margin: 1rem; border: 1px solid #8885; border-radius: 12px }
  h1 { font-size: 1.25rem; margin-top: 0 }
  li { overflow-wrap: anywhere }
  button { font: inherit; padding: .5rem 1.25rem; margin-right: .5rem; border: 1px solid #8888; border-radius: 8px; cursor: pointer }
  button[value=allow] { background: #1a6b3c; border-color: #1a6b3c; color: #fff }
  small { opacity: .75 }`

/** How a page is known to who reads it without eyes. */
export const pageHeader = "x-simulated-page"
type PageKind = "consent" | "error" | "form_post" | "fragment"

const page = (kind: PageKind, status: number, title: string, content: string): Response =>
  new Response(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        [pageHeader]: kind
      }
    }
  )

const list = (title: string, items: ReadonlyArray<string>): string =>
  items.length === 0
    ? ""
    : `<p>${title}</p>\n<ul>${items.map((item) => `<li><code>${escaped(item)}</code></li>`).join("")}</ul>`

const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`

/** What the person is going to press, told with the authorization request by who asks without eyes. */
export const decisionHeader = "x-simulated-decision"

/** Where the buttons of a consent page lead, at every host. */
export const decisionPath = "/.simulator/decision"

/** Asks the person, as the vendor would. */
export const consentPage = (about: {
  readonly displayName: string
  readonly scopes: ReadonlyArray<string>
  readonly request: string
}): Response =>
  page(
    "consent",
    200,
    `${about.displayName} (simulated)`,
    `<h1>Allow access to your ${escaped(about.displayName)} account?</h1>
${list("The application asks for:", about.scopes)}
<form method="post" action="${decisionPath}">
${hidden("request", about.request)}
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny">Deny</button>
</form>
<p><small>This is a simulation of ${escaped(about.displayName)}. Nothing leaves this machine.</small></p>`
  )

/** What the vendor's error page would keep to itself: everything that was wrong. */
export const errorPage = (displayName: string, problems: ReadonlyArray<string>): Response =>
  page(
    "error",
    400,
    `${displayName} (simulated): request refused`,
    `<h1>${escaped(displayName)} would refuse this request</h1>
${list("What is wrong with it:", problems)}`
  )

/** OAuth 2.0 Form Post Response Mode §2: the browser brings the response by itself. */
export const formPostPage = (action: string, form: URLSearchParams): Response =>
  page(
    "form_post",
    200,
    "Going back to the application",
    `<form method="post" action="${escaped(action)}">
${[...form].map(([name, value]) => hidden(name, value)).join("\n")}
<button type="submit">Continue</button>
</form>
<script>document.forms[0].submit()</script>`
  )

/** The parameter in which the page below hands on what no browser sends. */
export const fragmentParameter = "simulated_fragment"

/** Browsers keep fragments to themselves: this page reads it and comes again. */
export const fragmentPage = (): Response =>
  page(
    "fragment",
    200,
    "One moment",
    `<p>Reading the request from the fragment of the address. This needs scripts.</p>
<script>
if (location.hash.length > 1)
  location.replace(location.pathname + "?${fragmentParameter}=" + encodeURIComponent(location.hash.slice(1)))
</script>`
  )

const unescaped = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&")

/** The form of one of these pages: where it leads, and what it holds. */
export const formIn = (
  html: string
): { readonly action: string; readonly fields: URLSearchParams } => ({
  action: unescaped(/<form method="post" action="([^"]*)">/.exec(html)?.[1] ?? ""),
  fields: new URLSearchParams(
    [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
      ([, name = "", value = ""]) => [unescaped(name), unescaped(value)]
    )
  )
})

/** The list of the error page, or the beginning of whatever else was answered. */
export const problemsIn = (html: string): ReadonlyArray<string> => {
  const items = [...html.matchAll(/<li><code>(.*?)<\/code><\/li>/g)]
  return items.length > 0 ? items.map(([, item = ""]) => unescaped(item)) : [html.slice(0, 200)]
}
