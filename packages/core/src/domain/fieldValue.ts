import { Schema } from "effect"
import { StorableText } from "./Ids.ts"
import { isLoopback, type Field } from "./ProviderDefinition.ts"

/** One label of a host name in lower case (RFC 1035 §2.3.1), so that nothing can be appended to the host (S-62). */
const subdomain = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** A secret is at most 16 KiB and never empty. */
const isText = Schema.is(StorableText({ maxLength: 16_384 }).check(Schema.isMinLength(1)))

/** Whether text may be stored and stand in a header: no control characters, so that nothing can be injected after it. */
export const isPlainText = (value: unknown): value is string =>
  isText(value) && !/[\u0000-\u001f\u007f]/.test(value)

/** Whether a value as a whole is what a definition's pattern describes. */
export const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^(?:${pattern})$`, "v").test(value)

/** Whether a value may stand where the definition has this field. */
export const accepts = (field: Field, value: unknown): value is string =>
  isPlainText(value) &&
  (field.choices === undefined || field.choices.includes(value)) &&
  (field.pattern === undefined || matches(field.pattern, value)) &&
  (field.format !== "subdomain" || subdomain.test(value)) &&
  (field.format !== "host" || isPublicHost(value))

/**
 * A host name as browsers write it, of at least two labels and not this machine's own: no address, no dot at its end, and a
 * port only where https is often spoken (S-63). Whether its addresses are public the egress sees (S-64).
 */
export const isPublicHost = (value: string): boolean => {
  const [name = "", port, ...others] = value.split(":")
  return (
    value.length <= 253 &&
    others.length === 0 &&
    (port === undefined || port === "443" || port === "8443") &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/.test(name) &&
    !isLoopback(name) &&
    URL.parse(`https://${name}`)?.hostname === name
  )
}
