/** A base URL as a path can follow it. */
export const withoutSlashes = (url: string): string => url.replace(/\/+$/, "")
