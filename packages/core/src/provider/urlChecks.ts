import { templatesOf } from "./definitionTemplates.ts"
import { matches } from "./fields.ts"
import {
  type Capture,
  capturesOf,
  type Field,
  type ProviderDefinition
} from "./ProviderDefinition.ts"
import { publicSuffix } from "./publicSuffix.ts"
import {
  afterFirstLabel,
  hostPart,
  isFirstLabel,
  isWholeHost,
  placeholders,
  withChoices
} from "./template.ts"

/** Values of a tenant or a vendor that could change the structure of a URL. */
export const checkUrls = (definition: ProviderDefinition): string | undefined => {
  const fields = new Map((definition.fields ?? []).map((field) => [field.name, field]))
  const captures = capturesOf(definition)
  for (const { isUrl, member, template } of templatesOf(definition)) {
    if (!isUrl) continue
    for (const name of placeholders(template)) {
      const field = fields.get(name)
      const capture = captures[name]
      const wrong =
        field !== undefined
          ? checkFieldInUrl(field, template, fields)
          : capture !== undefined
            ? checkCaptureInUrl(name, capture, template)
            : // A client id comes from the host, but must not become a host name.
              name === "client_id" && inHost(template, name)
              ? "may not stand in a host"
              : undefined
      if (wrong !== undefined) return `${member}: {${name}} ${wrong}`
    }
  }
  return undefined
}

const inHost = (template: string, name: string): boolean =>
  placeholders(hostPart(template)).includes(name)

/** A secret in a URL ends up in logs, and free text in a host can lead anywhere. */
const checkFieldInUrl = (
  field: Field,
  template: string,
  fields: ReadonlyMap<string, Field>
): string | undefined => {
  const { choices, format, name, pattern } = field
  if (field.secret !== false) return "stands in a URL and is a secret"
  // An empty value would change the host.
  if (field.required === false && field.default === undefined)
    return "stands in a URL and may be left out"
  if (choices !== undefined) return undefined
  if (!inHost(template, name)) {
    if (format !== undefined) return undefined
    if (pattern === undefined)
      return "stands in a URL and has no list of choices, and no pattern either"
    return isSegment(pattern)
      ? undefined
      : "stands in a URL and its pattern takes what ends a path or leads out of it"
  }
  switch (format) {
    case undefined:
      return "stands in a URL and has no list of choices"
    case "subdomain":
      return withChoices(template, [...fields.values()])
        .map((one) =>
          isFirstLabel(one, name)
            ? belowPublicSuffix(one)
            : "may stand only where a host begins, before a fixed name"
        )
        .find((problem) => problem !== undefined)
    case "host":
      return isWholeHost(template, name) ? undefined : "may stand only as the whole host"
  }
}

const belowPublicSuffix = (template: string): string | undefined => {
  const suffix = publicSuffix(afterFirstLabel(template))
  return suffix === undefined ? undefined : `stands below ${suffix}, where anybody can have a host`
}

/** A value that a vendor returns is trusted only as far as it was checked. */
const checkCaptureInUrl = (
  name: string,
  capture: Capture,
  template: string
): string | undefined => {
  if (capture.required === false) return "stands in a URL and may be left out"
  if (inHost(template, name)) {
    if (capture.hostBelow === undefined) return "stands in a host and has no hostBelow"
    return isWholeHost(template, name) ? undefined : "may stand only as the whole host"
  }
  return capture.hostBelow !== undefined ||
    (capture.pattern !== undefined && isSegment(capture.pattern))
    ? undefined
    : "stands in a URL and has no pattern that keeps it within its segment"
}

const leadingOut = [
  "",
  ".",
  "..",
  "/",
  "a/b",
  "../a",
  "%2f",
  "%2e%2e",
  "\\",
  "a\\b",
  "?",
  "a?b",
  "#",
  "a#b",
  "..;",
  "\u2025",
  "\uff0e\uff0e",
  "a\uff0f..",
  "%252e%252e"
]

/** Whether every match of a pattern stays one segment of a path, for every URL parser. */
const isSegment = (pattern: string): boolean => !leadingOut.some((text) => matches(pattern, text))

/** The members whose whole host a tenant chooses, and the field that does. */
export const tenantHost = (
  definition: ProviderDefinition
): { readonly member: string; readonly field: string } | undefined => {
  const hosts = new Set(
    (definition.fields ?? [])
      .filter(({ choices, format }) => format === "host" && choices === undefined)
      .map(({ name }) => name)
  )
  for (const { isUrl, member, template } of templatesOf(definition)) {
    const field = isUrl
      ? placeholders(hostPart(template)).find((name) => hosts.has(name))
      : undefined
    if (field !== undefined) return { member, field }
  }
  return undefined
}
