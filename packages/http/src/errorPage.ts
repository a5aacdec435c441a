import type { ErrorAnswer } from "./errorAnswer.ts"
import { html } from "./html.ts"

const pageText = ({ begun, body, status }: ErrorAnswer): string => {
  if (begun !== undefined) return textOfInstallation(begun)
  // The flow is untouched: it goes on once the page is opened again.
  if (status === 429 || body.error === "prefetch_refused") return body.message
  return status >= 500
    ? `This did not work. Try to connect again; if it happens again, tell your support ${body.requestId ?? ""}.`
    : "This connection attempt is not known, was used already or has expired. Start connecting again."
}

const textOfInstallation = ({ action, displayName }: NonNullable<ErrorAnswer["begun"]>): string => {
  switch (action) {
    case "requested":
      return `This installation waits until an owner approves it at ${displayName}. Connect from the application once it is approved.`
    case "updated":
      return `This installation was changed at ${displayName}. What is connected with it stays connected.`
    case undefined:
      return `This installation was begun at ${displayName}. It needs to be finished from the application.`
  }
}

/**
 * What a person sees where there is no flow to send the browser back to: our own words and one link to the host's
 * application, nothing of the request but what the definition of a field has let through, and nothing to load.
 */
export const errorPage = (answer: ErrorAnswer, appUrl: string | undefined): string => {
  const leadsTo = answer.body.startUrl ?? appUrl
  const link = leadsTo === undefined ? undefined : html`<p><a href="${leadsTo}">Continue</a></p>`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Not connected</title>
      </head>
      <body>
        <h1>Not connected</h1>
        <p>${pageText(answer)}</p>
        ${link}
      </body>
    </html> `.toString()
}

/** Whether an `Accept` header names HTML before JSON, as every browser's does. */
export const prefersHtml = (accept: string | null): boolean =>
  quality(accept, "text/html") > quality(accept, "application/json")

const quality = (accept: string | null, type: string): number => {
  for (const range of accept?.split(",") ?? []) {
    const [name, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase())
    if (name !== type) continue
    const q = parameters.find((parameter) => parameter.startsWith("q="))
    return q === undefined ? 1 : Number(q.slice(2)) || 0
  }
  return 0
}
