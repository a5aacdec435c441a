import type { Phrase } from "./findPhrases.ts"

/** Phrases that a reader must translate before one can disagree with them. A new one is added with its better words. */
export const phrases: ReadonlyArray<Phrase> = [
  {
    pattern: /\b[Bb]e had\b/,
    advice: 'what failed: "Could not load the key set", "is not available"'
  },
  { pattern: /\b[Ff]or ever\b/, advice: '"always", "without limit", or until when' },
  { pattern: /\b[Aa]nswers how many\b/, advice: '"Returns the number of …"' },
  { pattern: /(?<![Tt]here )\b(?:is|are|was) no \w+ of\b/, advice: '"is not a … of"' },
  {
    pattern: /\b(?:is|are) no account\b/,
    advice: '"never identifies an account": say what it does not do'
  },
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
