import { type Confirmation, defaultName, type Secret, shownText } from "@hawser/core"
import { Redacted } from "effect"
import { html, type Markup } from "./html.ts"

/**
 * The headers of a page on which a person decides. Nothing frames it, and no page that opened it keeps a hold of it. Its form goes
 * to this origin; `redirectOrigin` is where the answer to the form sends the browser on, because Chromium holds that redirect
 * to `form-action` as well; it stands last, because what comes first in a policy counts. With the referrer policy of the callback, `no-referrer`, a form would say `Origin: null`; this URL
 * has no secret.
 */
export const decisionHeaders = (redirectOrigin?: string): Readonly<Record<string, string>> => ({
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'${redirectOrigin === undefined ? "" : ` ${redirectOrigin}`}`,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "same-origin"
})

const page = (title: string, content: Markup): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
      </head>
      <body>
        <h1>${title}</h1>
        ${content}
      </body>
    </html> `.toString()

/** Text of the host's, apart from the text around it whatever its direction. */
const shown = (text: string, maxLength = 100): Markup =>
  html`<bdi>${shownText(text.slice(0, 255), maxLength) ?? "unnamed"}</bdi>`

/** The page on which the person at the browser agrees to the connection, or says that it is not theirs. */
export const confirmPage = (
  { displayName, isUsersOwn, name, pageToken, scopes, tenantId, tenantName, userId }: Confirmation,
  flowTag: string
): string => {
  const provider = shown(displayName)
  const tenant =
    tenantName === undefined
      ? shown(tenantId, 255)
      : html`${shown(tenantName)} (${shown(tenantId, 255)})`
  const access =
    scopes.length === 0
      ? html`<dd>what ${provider} has shown you</dd>`
      : scopes.map((scope) => html`<dd>${shown(scope, 255)}</dd>`)
  return page(
    "Do you want to connect?",
    html`<p>Nothing is connected yet. Connect only if you know who began this and why.</p>
      <dl>
        <dt>Your account at</dt>
        <dd>${provider}</dd>
        <dt>will be used by</dt>
        <dd>${tenant}</dd>
        <dt>with access to</dt>
        ${access}
        <dt>for</dt>
        <dd>${isUsersOwn ? "the user who began this, and nobody else" : "everybody there"}</dd>
        ${
          name === defaultName
            ? undefined
            : html`<dt>under the name</dt>
                <dd>${shown(name)}</dd>`
        }
        <dt>Begun by the user</dt>
        <dd>${shown(userId, 255)}</dd>
      </dl>
      ${pageToken === undefined ? notSignedIn(flowTag) : form(pageToken, flowTag)}`
  )
}

const form = (pageToken: Secret, flowTag: string): Markup =>
  html`<form method="post">
    <input type="hidden" name="flow" value="${flowTag}" />
    <input type="hidden" name="token" value="${Redacted.value(pageToken)}" />
    <p>
      <label>
        <input type="checkbox" name="agreed" value="yes" required />
        I began this myself, and I want to connect my account.
      </label>
    </p>
    <p>
      <button name="answer" value="connect">Connect</button>
      <button name="answer" value="disown" formnovalidate>This was not me</button>
    </p>
  </form>`

const notSignedIn = (flowTag: string): Markup =>
  html`<p>
    You are not signed in. Sign in to the application as the user who began this, and then
    <a href="?flow=${flowTag}">continue</a>.
  </p>`

/** Where a flow ends that its person did not begin: our own page, with a link to the host's application. */
export const disownedPage = (appUrl: string | undefined): string =>
  page(
    "Not connected",
    html`<p>Thank you. Nothing was connected, and this link no longer works.</p>
      <p>
        You may want to end the access of the application at the provider, in the settings of your
        account there.
      </p>
      ${appUrl === undefined ? undefined : html`<p><a href="${appUrl}">Continue</a></p>`}`
  )
