import type { Phrase } from "./findPhrases.ts"

/** Phrases that a reader must translate before one can disagree with them. A new one is added with its better words. */
export const phrases: ReadonlyArray<Phrase> = [
  {
    pattern: /\b[Bb]e had\b/,
    advice: 'what failed: "Could not load the key set", "is not available"'
  },
  { pattern: /\b[Ff]or ever\b/, advice: '"always", "without limit", or until when' },
  { pattern: /\b[Aa]nswers how many\b/, advice: '"Returns the number of …"' },
  {
    pattern:
      /(?<![Tt]here )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|other\b|larger\b|sooner\b|one\b)[\w`]+/,
    advice: '"is not a …", or say what it does not do: "never identifies an account"'
  },
  {
    pattern:
      /\b(?:[Uu]ndefined|[Nn]ull|[Ee]mpty|[Ff]alse|[Tt]rue) where (?:a|an|it|one|the|there|they|this)\b/,
    advice: 'a condition begins with "if" or "when": "undefined if there is none"'
  },
  {
    pattern: /\b[Ff]ails with `\w+` where\b/,
    advice: '"Fails with `X` if …"'
  },
  { pattern: /\banew\b/, advice: '"again"' },
  {
    pattern: /\b[Ww]hoever [^.;\n]*\bwhat\b/,
    advice: 'two sentences, each with a subject: "A tenant that …", "An attacker who …"'
  },
  { pattern: /\b[Ss]its on the way\b/, advice: '"an attacker on the network"' },
  {
    pattern: /\bwhat(?:ever)? nobody foresaw\b/,
    advice: '"an unexpected error"'
  },
  { pattern: /\bis there no more\b/, advice: '"no longer exists"' },
  { pattern: /\ba word of the callback's\b/, advice: 'the type: "a `FlowFailure`"' },
  { pattern: /\bin words? of (?:ours|Hawser's own)\b/, advice: '"in Hawser\'s words"' },
  { pattern: /\b(?:is|are) nobody's\b/, advice: 'whose it is, or "belongs to no connection"' },
  {
    pattern: /\bWhat (?:opens|comes|is) [^.\n]*, so (?!that\b)/,
    advice: 'the subject first: "Decoding cannot fail: only we can produce a value that decrypts."'
  },
  { pattern: /\b[Ll]ater and later\b/, advice: '"with exponential backoff", and its bounds' },
  {
    pattern: /\bno coincidence of\b/,
    advice: 'the fact: "More than 10% refused in ten minutes is our fault, not the users\'"'
  },
  {
    pattern: /\b(?:nothing was ever connected with|[Nn]othing was ever connected by)\b/,
    advice: '"unused"'
  },
  { pattern: /\bcalls itself by\b/, advice: '"identifies", "names"' }
]
