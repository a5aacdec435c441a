import { assert, describe, it } from "@effect/vitest"
import { catalogIds, readFiles } from "../../../scripts/providers/catalog.ts"

/** What this test looks at, in the facts of every provider: of those too that cannot be connected. */
interface Facts {
  readonly provider: string
  readonly presentation: { readonly docsUrl: string }
  readonly sources: ReadonlyArray<string>
  readonly unverified: ReadonlyArray<string>
  readonly authorize?: { readonly pkce: string }
  readonly token?: { readonly answer: object; readonly refreshTokenLifetime?: number }
  readonly authKind?: string
}

const catalogue = catalogIds().map((id) => readFiles(id).facts as unknown as Facts)

/** Whether a dotted path leads to something. A member that is null is something: the vendor has no such thing. */
const leadsSomewhere = (value: unknown, path: ReadonlyArray<string>): boolean => {
  const [member, ...rest] = path
  if (member === undefined) return true
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, member)) return false
  return leadsSomewhere((value as Readonly<Record<string, unknown>>)[member], rest)
}

const isUnverified = ({ unverified }: Facts, path: string): boolean =>
  unverified.some((one) => path === one || path.startsWith(`${one}.`))

/** Below these each customer has a domain of its own (publicsuffix.org). */
const sharedSuffixes = ["github.io", "readme.io"]

/** The domain that its owner registered. None of the vendors is at a country's second level, such as co.uk. */
const registrableDomain = (url: string): string => {
  const labels = new URL(url).hostname.split(".")
  return labels.slice(sharedSuffixes.includes(labels.slice(-2).join(".")) ? -3 : -2).join(".")
}

const each = (looksAt: (facts: Facts) => ReadonlyArray<string>): ReadonlyArray<string> =>
  catalogue.flatMap((facts) => looksAt(facts).map((problem) => `${facts.provider}: ${problem}`))

describe("the facts", () => {
  it("name only facts of their own file as unverified, each once", () => {
    const astray = each(({ unverified, ...facts }) =>
      unverified.filter(
        (path, index) =>
          // The list itself may not be what is meant.
          !leadsSomewhere(facts, path.split(".")) || unverified.indexOf(path) !== index
      )
    )
    assert.deepStrictEqual(astray, [])
  })

  it("leave out of that list what is below a fact that is in it", () => {
    const twice = each(({ unverified }) =>
      unverified.filter((path) => unverified.some((one) => path.startsWith(`${one}.`)))
    )
    assert.deepStrictEqual(twice, [])
  })

  it("name pages as sources, by https, each once", () => {
    const wrong = each(({ sources }) =>
      sources.filter(
        (source, index) =>
          URL.parse(source)?.protocol !== "https:" || sources.indexOf(source) !== index
      )
    )
    assert.deepStrictEqual(wrong, [])
  })

  it("never take it for confirmed that a vendor lets parameters of PKCE pass unread", () => {
    const confirmed = each((facts) =>
      facts.authorize?.pkce === "ignored" && !isUnverified(facts, "authorize.pkce")
        ? [facts.authorize.pkce]
        : []
    )
    assert.deepStrictEqual(confirmed, [])
  })

  it("say how long a refresh token lives wherever the answer to a code tells it", () => {
    const untold = each(({ authKind, token }) =>
      authKind === undefined &&
      token?.refreshTokenLifetime === undefined &&
      Object.keys(token?.answer ?? {}).some((name) => /refresh.*expires/.test(name))
        ? Object.keys(token?.answer ?? {})
        : []
    )
    assert.deepStrictEqual(untold, [])
  })

  it("lead people to the same vendor whose pages were read", () => {
    const elsewhere = each(({ presentation: { docsUrl }, sources }) =>
      sources.map(registrableDomain).includes(registrableDomain(docsUrl)) ? [] : [docsUrl]
    )
    assert.deepStrictEqual(elsewhere, [])
  })
})
