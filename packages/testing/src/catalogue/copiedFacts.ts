import type { ProviderFacts } from "../facts/index.ts"
import { refreshAnswers, textsIn } from "./namedErrors.ts"

/**
 * Providers whose refusals are word for word those of another vendor, each with that other one: nobody has read two pages
 * that say the same, so one of both was copied, or was made up.
 */
export const copiedFacts = (
  catalogue: ReadonlyArray<ProviderFacts>
): ReadonlyMap<string, string> => {
  const copied = new Map<string, string>()
  const seen = new Map<string, { readonly provider: string; readonly vendor: string }>()
  for (const facts of catalogue) {
    const sentences = sentencesOf(facts)
    if (facts.authType !== "oauth2" || sentences.length === 0) continue
    const key = JSON.stringify(sentences)
    const one = { provider: facts.provider, vendor: vendorOf(facts.token.url) }
    const other = seen.get(key)
    if (other === undefined) seen.set(key, one)
    else if (other.vendor !== one.vendor) {
      copied.set(one.provider, other.provider)
      copied.set(other.provider, one.provider)
    }
  }
  return copied
}

/**
 * What a vendor says in words when it refuses a code or a refresh token. A code alone is the standard's, and two words are
 * HTTP's: Bad Request.
 */
const sentencesOf = (facts: ProviderFacts): ReadonlyArray<string> => {
  if (facts.authType !== "oauth2") return []
  const { busy, dead } = refreshAnswers(facts)
  const texts = [facts.token.refused, ...dead, ...busy].flatMap(({ body }) => textsIn(body))
  return [...new Set(texts.filter((text) => text.split(" ").length > 2))].toSorted()
}

/** The domain that somebody has registered, as far as this comparison needs it. */
const vendorOf = (url: string): string =>
  new URL(url.replaceAll(/[{}]/g, "")).hostname.split(".").slice(-2).join(".")
