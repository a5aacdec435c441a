import type { Route } from "./RouteTable.ts"
import type { ErrorAnswer } from "./errorAnswer.ts"
import { errorPage, prefersHtml } from "./errorPage.ts"
import type { Reply } from "./operations.ts"
import type { ReferenceDocument } from "./referenceDocuments.ts"

type HeaderRecord = Readonly<Record<string, string>>

const noSniff = { "x-content-type-options": "nosniff" }
const json = { "content-type": "application/json", ...noSniff }
const noStore = { "cache-control": "no-store" }

/** A browser is sent here by a provider with a code in its address bar: nothing may keep, frame or pass on the URL (S-09). */
const browserHeaders = {
  ...noStore,
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff"
}

const headersOf = (route: Route): HeaderRecord => {
  if (route.forBrowsers) return browserHeaders
  return route.role === "public" ? {} : noStore
}

/** A successful answer. */
export const replyResponse = (
  route: Route,
  reply: Reply<unknown>,
  more: HeaderRecord
): Response => {
  const hasBody = reply.body !== undefined
  return new Response(hasBody ? JSON.stringify(reply.body) : null, {
    status: route.status,
    headers: { ...(hasBody && json), ...headersOf(route), ...more, ...reply.headers }
  })
}

/** The contract itself, as a document or a page. */
export const documentResponse = ({ body, headers }: ReferenceDocument): Response =>
  new Response(body, { headers: { ...noSniff, ...headers } })

/** An error as JSON, or, where a browser came by itself and asks for it, as a small page. */
export const errorResponse = (
  answer: ErrorAnswer,
  options: {
    readonly route: Route | undefined
    readonly accept: string | null
    readonly appUrl: string | undefined
    readonly headers: HeaderRecord
  }
): Response => {
  const { accept, appUrl, headers, route } = options
  const forBrowsers = route?.forBrowsers === true
  const asPage = forBrowsers && prefersHtml(accept)
  return new Response(asPage ? errorPage(answer, appUrl) : JSON.stringify(answer.body), {
    status: answer.status,
    headers: {
      ...json,
      ...noStore,
      ...(forBrowsers && browserHeaders),
      ...(asPage && { "content-type": "text/html; charset=utf-8" }),
      ...headers,
      ...answer.headers
    }
  })
}
