import { isIP } from "node:net"
import { Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import { capturedValue } from "../../packages/core/src/provider/capturedValue.ts"
import { configuredDefinition } from "../../packages/core/src/provider/configuredDefinition.ts"
import { endpointsOf } from "../../packages/core/src/provider/EndpointLock.ts"
import type {
  Capture,
  Field,
  ProviderDefinition
} from "../../packages/core/src/provider/ProviderDefinition.ts"
import { renderUrl } from "../../packages/core/src/provider/renderUrl.ts"
import { checkFields } from "../../packages/core/src/provider/fields.ts"
import { isPublicAddress } from "../../packages/egress/src/addresses.ts"
import { checkedAddresses } from "../../packages/egress/src/checkedAddresses.ts"
import { addressRule, checkTarget } from "../../packages/egress/src/target.ts"
import { catalogIds, readFiles } from "../../scripts/providers/catalog.ts"
import { hostileAddresses, hostileHosts } from "../hostile-hosts.ts"

type Values = Readonly<Record<string, string>>
type Samples = Readonly<Record<string, { readonly sample: string }>>

/** What the test reads of a facts file: values that the vendor would take. */
interface Facts {
  readonly fields?: Samples
  readonly settings?: Samples
  readonly captures?: Values
}

interface Entry {
  readonly definition: ProviderDefinition
  /** Where it sends something, by member. */
  readonly urls: ReadonlyArray<readonly [member: string, template: string]>
  /** A value for each field and capture. */
  readonly samples: Values
}

const samplesOf = (facts: Samples = {}): Values =>
  Object.fromEntries(Object.entries(facts).map(([name, { sample }]) => [name, sample]))

/** Each provider of the catalogue, as the start would have it: with the host's settings in its places. */
const entryOf = (given: ProviderDefinition, facts: Facts): Entry => {
  const config = { definition: given, settings: samplesOf(facts.settings), clientOf: () => null }
  const definition = Effect.runSync(configuredDefinition(config))
  const urls = Object.entries(endpointsOf(definition)).flatMap(([member, template]) =>
    typeof template === "string" && !member.startsWith("{") ? [[member, template] as const] : []
  )
  return { definition, urls, samples: { ...samplesOf(facts.fields), ...facts.captures } }
}

const entries = catalogIds().flatMap((id) => {
  const { definition, facts } = readFiles(id)
  return definition === undefined
    ? []
    : [entryOf(definition as unknown as ProviderDefinition, facts)]
})

const has = (template: string, name: string): boolean => template.includes(`{${name}}`)
const inUrls = ({ urls }: Entry, name: string): boolean =>
  urls.some(([, template]) => has(template, name))

/** The parts of a template, told apart by characters alone: no parser of URLs is trusted with what it tests. */
const partsOf = (template: string) => {
  const [, authority = "", rest = ""] = /^https:\/\/([^/?#]*)(.*)$/.exec(template) ?? []
  const [path = "", query = ""] = rest.split("?")
  return { authority, segments: path.split("/"), query }
}

const filled = (text: string, values: Values): string =>
  text.replaceAll(/\{([a-z][a-z0-9_]*)\}/g, (_, name: string) => values[name] ?? "")

/**
 * What is wrong with a URL that a definition's template has become: another host than the one that was meant, or anything
 * beside the place where the value stands. Nothing if all is as it must be.
 */
const wrongWith = (template: string, values: Values): string | undefined => {
  const text = renderUrl(template, values)
  const url = URL.parse(text)
  if (url === null) return `${text} is not a URL`
  const { authority, query, segments } = partsOf(template)
  const host = filled(authority, values)
  if (!/^[a-z0-9.-]+(?::(?:443|8443))?$/.test(host)) return `${host} is not a host`
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "") return text
  if (url.host !== host.replace(/:443$/, "") || !text.startsWith(`https://${host}`)) return text
  if (url.hash !== "" || url.hostname.endsWith(".") || isIP(url.hostname) !== 0) return text
  const found = url.pathname.split("/")
  if (segments.length > 1 && found.length !== segments.length) return `${text}: its path`
  for (const [index, segment] of segments.entries()) {
    const expected = filled(segment, values)
    if (index > 0 && decodeURIComponent(found[index] ?? "") !== decodeURIComponent(expected))
      return `${text}: ${segment}`
    if (segment.includes("{") && /[/\\?#]|^\.\.?$/.test(expected)) return `${text}: ${segment}`
  }
  const names = [...new URLSearchParams(query).keys()]
  if ([...url.searchParams.keys()].join() !== names.join()) return `${text}: its query`
  return undefined
}

/** A value that was let through stands in a host as one label before what the vendor has fixed, or is one of its list. */
const wrongPlace = (
  field: Field,
  fields: ReadonlyArray<Field>,
  template: string,
  value: string
): string | undefined => {
  const { authority } = partsOf(template)
  if (!has(authority, field.name)) return undefined
  if (field.choices !== undefined)
    return field.choices.includes(value) ? undefined : `${value} is none of the list`
  if (field.format === "host") {
    return authority === `{${field.name}}` && value.includes(".") ? undefined : "a host not alone"
  }
  const [before = "", suffix = ""] = authority.split(`{${field.name}}`)
  const isLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value)
  // Another field may stand behind it where the vendor has a list of its domains.
  const suffixes = fields
    .filter(({ name }) => has(suffix, name))
    .reduce<ReadonlyArray<string>>(
      (all, { choices = ["{}"], name }) =>
        all.flatMap((one) => choices.map((choice) => one.replace(`{${name}}`, choice))),
      [suffix]
    )
  const isVendors = suffixes.every((one) => /^(?:\.[a-z0-9-]+){2,}$/.test(one))
  return before === "" && isVendors && isLabel ? undefined : `${value} before ${suffix}`
}

const member = ({ authType }: ProviderDefinition) =>
  authType === "oauth2" ? ("fields" as const) : ("credentials" as const)

/** The values of a form with one of them replaced; undefined if it is refused. */
const accepted = ({ definition, samples }: Entry, name: string, value: string) => {
  const fields = definition.fields ?? []
  const input = Object.fromEntries(
    fields.flatMap((one) =>
      samples[one.name] === undefined ? [] : [[one.name, samples[one.name]]]
    )
  )
  const exit = Effect.runSyncExit(
    checkFields(member(definition), fields, { ...input, [name]: value })
  )
  return Exit.isSuccess(exit) ? { ...samples, ...exit.value } : undefined
}

const withFields = entries.flatMap((entry) =>
  (entry.definition.fields ?? [])
    .filter(({ name }) => inUrls(entry, name))
    .map((field) => [`${entry.definition.id}.${field.name}`, { entry, field }] as const)
)

const withCaptures = entries.flatMap((entry) => {
  const { definition } = entry
  const captures = definition.authType === "oauth2" ? (definition.captures ?? {}) : {}
  return Object.entries(captures)
    .filter(([name, { hostBelow, sameAs }]) => hostBelow ?? sameAs ?? inUrls(entry, name))
    .map(([name, capture]) => [`${definition.id}.${name}`, { entry, name, capture }] as const)
})

it("there are 200 hosts and addresses at least, each once, and providers to try them on", () => {
  expect(hostileHosts.length).toBeGreaterThanOrEqual(200)
  expect(withFields.length).toBeGreaterThan(60)
  expect(withCaptures.length).toBeGreaterThan(1)
})

it("what the vendors themselves take is let through, so that the corpus tests something", () => {
  for (const [name, { entry, field }] of withFields) {
    const value = entry.samples[field.name] ?? field.default ?? ""
    const values = accepted(entry, field.name, value)
    expect([name, values?.[field.name]]).toEqual([name, value])
    for (const [, template] of entry.urls) expect(wrongWith(template, values ?? {})).toBeUndefined()
  }
})

describe("S-62 S-63 a field of a tenant's that stands in a URL", () => {
  it.each(withFields)("%s: refused, or the vendor's own host", (_, { entry, field }) => {
    const wrong: Array<string> = []
    for (const value of hostileHosts) {
      const values = accepted(entry, field.name, value)
      if (values === undefined) continue
      for (const [where, template] of entry.urls) {
        const problem =
          wrongPlace(field, entry.definition.fields ?? [], template, value) ??
          wrongWith(template, values)
        if (problem !== undefined) wrong.push(`${JSON.stringify(value)} in ${where}: ${problem}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

const hosts = withFields.filter(([, { field }]) => field.format === "host")

/** Whether a name is refused by the egress once it resolves to an address. */
const isBlocked = (url: URL, address: string): Promise<boolean> =>
  checkedAddresses(
    url.hostname,
    async () => [{ address, family: address.includes(":") ? 6 : 4 }],
    addressRule({ url }, false),
    new AbortController().signal
  ).then(
    () => false,
    () => true
  )

describe("S-63 a whole host of a tenant's choice", () => {
  it.each(hosts)("%s: no address, no port, no name of one label", (_, { entry, field }) => {
    const taken = hostileHosts.filter((value) => accepted(entry, field.name, value) !== undefined)
    const names = taken.map((value) => value.replace(/:(?:443|8443)$/, ""))
    expect(names.filter((name) => isIP(name) !== 0 || !name.includes("."))).toEqual([])
    expect(names.filter((name) => /[:%[\]@]|localhost$|\.$/.test(name))).toEqual([])
    // Any public name may be a customer's, unless the vendor's domain is a part of the pattern.
    expect(taken.includes("evil.example")).toBe(field.pattern === undefined)
  })

  it.each(hosts)(
    "S-64 S-65 %s: a name that resolves inside is not connected to",
    async (_, { entry, field }) => {
      const literals = hostileAddresses
        .map((address) => address.replaceAll(/[[\]]/g, ""))
        .filter((address) => isIP(address) !== 0)
      expect(literals.length).toBeGreaterThan(50)
      for (const value of hostileHosts) {
        const values = accepted(entry, field.name, value)
        if (values === undefined) continue
        for (const template of new Set(entry.urls.map(([, one]) => one))) {
          const url = new URL(renderUrl(template, values))
          expect(checkTarget({ hosts: [url.host], url }, false)).toBeUndefined()
          const open = await Promise.all(
            literals.map(async (address) => ((await isBlocked(url, address)) ? [] : [address]))
          )
          expect([value, open.flat()]).toEqual([value, []])
        }
      }
    }
  )
})

describe("S-65 the address rules of the egress", () => {
  it.each(hostileAddresses)("%j: never connected to, however it came there", async (address) => {
    expect(isPublicAddress(address)).toBe(false)
    const url = URL.parse(`https://${address}/`)
    if (url === null) return
    // Node takes the brackets of an address away.
    const literal = url.hostname.replace(/^\[|\]$/g, "")
    expect(isIP(literal)).not.toBe(0)
    expect(await isBlocked(url, literal)).toBe(true)
  })
})

describe("S-66 a host that a vendor's answer names", () => {
  const fieldsOf = ({ definition }: Entry) => definition.fields ?? []
  const belowVendor = ({ hostBelow }: Capture, host: string): boolean =>
    hostBelow === undefined ||
    hostBelow.some((suffix) => host.endsWith(suffix) && host.length > suffix.length)
  /** The corpus as an answer would have it: bare, as a URL, and below or above the vendor's own domain. */
  const answers = ({ hostBelow }: Capture): ReadonlyArray<string> =>
    hostileHosts.flatMap((text) => [
      text,
      `https://${text}`,
      `https://${text}/`,
      ...(hostBelow ?? []).flatMap((suffix) => [
        `${text}${suffix}`,
        `${text}${suffix.slice(1)}`,
        `https://${text}${suffix}/x`,
        `https://${suffix.slice(1)}.${text}`,
        `https://x${suffix}@${text}`,
        `https://x${suffix}:443@${text}/`,
        `https://x${suffix}\\@${text}`,
        `https://${text}#x${suffix}`,
        `https://${text}/x${suffix}`,
        `https://${text}?x${suffix}`
      ])
    ])

  it.each(withCaptures)("%s: refused, or below the vendor's", (_, { capture, entry, name }) => {
    const wrong: Array<string> = []
    for (const answer of answers(capture)) {
      const value = capturedValue(capture, fieldsOf(entry), entry.samples, answer)
      if (value === undefined) continue
      if (!belowVendor(capture, value)) wrong.push(`${JSON.stringify(answer)} became ${value}`)
      const values = { ...entry.samples, [name]: value }
      for (const [where, template] of entry.urls) {
        const problem = wrongWith(template, values)
        if (problem !== undefined) wrong.push(`${JSON.stringify(answer)} in ${where}: ${problem}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it("a made-up vendor's: the tenant's own, and never another customer's", () => {
    const [suffix, own] = [".desk.example", "acme"]
    const capture: Capture = {
      from: "token_response",
      path: ["host"],
      hostBelow: [suffix],
      sameAs: "subdomain"
    }
    const field: Field = {
      name: "subdomain",
      label: "Subdomain",
      secret: false,
      format: "subdomain"
    }
    const taken = answers(capture).flatMap(
      (answer) => capturedValue(capture, [field], { subdomain: own }, answer) ?? []
    )
    expect(new Set(taken)).toEqual(new Set([`${own}${suffix}`]))
  })
})
