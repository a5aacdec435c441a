const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Text as it may stand in HTML, between tags or in a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

export const acmePage = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Acme Projects</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f3f0ff; color: #1e1b2e;
    font: 16px/1.5 system-ui, sans-serif }
  main { width: min(24rem, calc(100vw - 4rem)); padding: 2rem; border-radius: 1rem; background: #fff;
    box-shadow: 0 1px 2px #0001, 0 12px 32px #4c1d9518 }
  .brand { display: flex; gap: .6rem; align-items: center; font-weight: 650; color: #5b21b6 }
  .brand span { width: 1.6rem; height: 1.6rem; border-radius: .4rem; background: #6d28d9 }
  h1 { font-size: 1.3rem; line-height: 1.3; margin: 1.4rem 0 .4rem }
  p { margin: .3rem 0 1rem; color: #57526b }
  label { display: block; font-weight: 550; margin-bottom: .3rem }
  input[type=checkbox] { float: left; margin: .35rem .7rem 1rem 0 }
  input:not([type=checkbox]) { width: 100%; box-sizing: border-box; padding: .6rem .7rem; border: 1px solid #c9c4dc; border-radius: .5rem;
    font: inherit }
  ul { padding: 0; margin: 1rem 0; list-style: none; border: 1px solid #e6e2f3; border-radius: .6rem }
  li { padding: .6rem .8rem } li + li { border-top: 1px solid #e6e2f3 }
  code { font-size: .85rem; color: #57526b }
  .actions { display: flex; gap: .6rem; margin-top: 1.2rem }
  button { flex: 1; padding: .65rem; border: 1px solid #c9c4dc; border-radius: .5rem; background: #fff; font: inherit;
    font-weight: 600; cursor: pointer }
  button.primary { background: #6d28d9; border-color: #6d28d9; color: #fff }
  :focus-visible { outline: 3px solid #c4b5fd; outline-offset: 1px }
</style>
</head>
<body><main><div class="brand"><span aria-hidden="true"></span>Acme Projects</div>${body}</main></body>
</html>`

export const loginPage = acmePage(
  "Sign in",
  `<h1>Sign in to Acme Projects</h1>
<p>Any name will do. Another name is another account.</p>
<form method="post">
  <label for="name">User name</label>
  <input id="name" name="name" value="grace@acme.test" autocomplete="off" required maxlength="60" autofocus>
  <div class="actions"><button class="primary">Sign in</button></div>
</form>`
)

interface Scope {
  /** What the consent page says about it. */
  readonly text: string
  /** Whether a person may take it off the list. */
  readonly isOptional: boolean
}

export const scopes: ReadonlyMap<string, Scope> = new Map([
  ["openid", { text: "See which account this is", isOptional: false }],
  ["projects.read", { text: "See your projects and their tasks", isOptional: true }],
  ["projects.write", { text: "Create and change tasks", isOptional: true }],
  ["offline_access", { text: "Stay connected when you are away", isOptional: false }]
])

const scopeLine = (scope: string): string => {
  const { isOptional, text } = scopes.get(scope) ?? { isOptional: false, text: scope }
  const box = `<input type="checkbox" name="${escapeHtml(scope)}" checked${isOptional ? "" : " disabled"}>`
  return `<li><label>${box} ${escapeHtml(text)}<br><code>${escapeHtml(scope)}</code></label></li>`
}

export const consentPage = (
  app: string,
  account: string,
  requested: ReadonlyArray<string>
): string =>
  acmePage(
    "Allow access",
    `<h1>${escapeHtml(app)} asks for access</h1>
<p>You are signed in as ${escapeHtml(account)}. You may allow less.</p>
<form method="post">
  <ul>${requested.map(scopeLine).join("")}</ul>
  <div class="actions">
    <button name="answer" value="deny">Deny</button>
    <button class="primary" name="answer" value="allow">Allow</button>
  </div>
</form>`
  )
