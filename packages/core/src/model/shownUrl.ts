/**
 * A URL of the host's as a log or an error may say it: without user name, password, query and fragment, each of which may hold a
 * secret. Text that is not a URL loses what stands in the same places.
 */
export const shownUrl = (text: string): string => {
  const url = URL.parse(text)
  return url === null
    ? text.replace(/[?#].*/s, "").replace(/\/\/.*@/s, "//")
    : `${url.protocol}//${url.host}${url.pathname}`
}
