/** How many letters must change to make one word of the other (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The known word that somebody has probably meant: two letters in the wrong order, or a third of them wrong, and their case. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const [first] = [...known]
    .map((one) => ({ one, away: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ away, one }) => away <= Math.max(one.length > 3 ? 2 : 1, Math.floor(one.length / 3)))
    .toSorted((a, b) => a.away - b.away)
  return first?.one
}
