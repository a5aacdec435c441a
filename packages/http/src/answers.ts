import type { ErrorAnswer } from "./errorAnswer.ts"
import { errorPage, prefersHtml } from "./errorPage.ts"
import type { HandlerResponse } from "./HandlerRequest.ts"
import type { Reply } from "./operations.ts"
import type { Route } from "./RouteTable.ts"

type HeaderRecord = Readonly<Record<string, string>>

const json = { "content-type": "application/json", "x-content-type-options": "nosniff" }
const noStore = { "cache-control": "no-store" }

/** A browser is sent here by a provider with a code in its address bar: nothing may keep, frame or pass on the URL. */
const browserHeaders = {
  ...noStore,
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff"
}

const nothingMore = {}

const cacheHeaders = (route: Route): HeaderRecord => {
  if (route.forBrowsers) return browserHeaders
  return route.role === "public" ? nothingMore : noStore
}

/** A successful answer. */
export const replyResponse = (
  route: Route,
  { body, headers, status = route.status }: Reply<unknown>,
  more: HeaderRecord
): HandlerResponse => ({
  status,
  headers: { ...(body !== undefined && json), ...cacheHeaders(route), ...more, ...headers },
  // A string is a page.
  body: body === undefined || typeof body === "string" ? body : JSON.stringify(body)
})

/** An error as JSON, or, if a browser came by itself and asks for it, as a small page. */
export const errorResponse = (
  answer: ErrorAnswer,
  options: {
    readonly route: Route | undefined
    readonly accept: string | null
    readonly appUrl: string | undefined
    readonly headers: HeaderRecord
  }
): HandlerResponse => {
  const { accept, appUrl, headers, route } = options
  const forBrowsers = route?.forBrowsers === true
  const asPage = forBrowsers && prefersHtml(accept)
  return {
    status: answer.status,
    headers: {
      ...json,
      ...noStore,
      ...(forBrowsers && browserHeaders),
      ...(asPage && { "content-type": "text/html; charset=utf-8" }),
      ...headers,
      ...answer.headers
    },
    body: asPage ? errorPage(answer, appUrl) : JSON.stringify(answer.body)
  }
}
