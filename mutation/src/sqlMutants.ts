/** One statement, or a part of one, with what stands in `${…}` as one character each. */
export const hole = "\u0000"

/** Words that end a condition which is not in parentheses. */
const after =
  /^(?:AND|OR|ORDER|LIMIT|RETURNING|FOR|GROUP|ON|DO|SET|THEN|ELSE|END|UNION|WHERE|WHEN|LEFT|JOIN|CROSS|FROM)\b/

const comparisons: ReadonlyArray<readonly [RegExp, string]> = [
  [/(?<=\s)=(?=\s)/g, "<>"],
  [/(?<=\s)<>(?=\s)/g, "="],
  [/(?<=\s)<(?=\s)/g, "<="],
  [/(?<=\s)<=(?=\s)/g, "<"],
  [/(?<=\s)>(?=\s)/g, ">="],
  [/(?<=\s)>=(?=\s)/g, ">"]
]

const elsewhere: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bIS NOT NULL\b/g, "IS NULL"],
  [/\bIS NULL\b/g, "IS NOT NULL"],
  [/\bIS NOT (?:TRUE|FALSE)\b/g, "IS NOT NULL"],
  [/\bOR\b/g, "AND"],
  [/\bNOT (?!NULL|TRUE|FALSE|MATERIALIZED)/g, ""],
  [/(?<!NOT )\bEXISTS\b/g, "NOT EXISTS"],
  [/\bDO UPDATE SET[\s\S]*?(?=\n\s*RETURNING|\n\)|$)/g, "DO NOTHING"],
  [/\bON CONFLICT \(\w+\) DO NOTHING\b/g, ""],
  [/\bFOR UPDATE\b/g, ""],
  [/\bORDER BY [\w., ]+/g, ""],
  [/\bLIMIT .+/g, ""],
  [/\bUNION ALL\b/g, "EXCEPT ALL"],
  [/\b(?:greatest)(?=\()/g, "least"],
  [/\bmax(?=\()/g, "min"],
  [/\bmin(?=\()/g, "max"],
  [/ \+ (?=1\b|statement|interval|\$)/g, " - "],
  [/ - (?=1\b|statement|interval|\$)/g, " + "]
]

/** Where the condition that begins at `start` ends: its parentheses are closed, and another word takes over. */
const endOfCondition = (sql: string, start: number): number => {
  let depth = 0
  for (let at = start; at < sql.length; at++) {
    const character = sql[at]
    if (character === "(") depth++
    if (character === ")" && --depth < 0) return at
    if (depth === 0 && (character === "," || /^\s\w/.test(sql.slice(at, at + 2)))) {
      if (character === "," || after.test(sql.slice(at + 1))) return at
    }
  }
  return sql.length
}

/** The conditions of `WHERE`, `AND`, `OR` and `ON`, each with where it stands. */
const conditions = (sql: string) =>
  [...sql.matchAll(/\b(?<word>WHERE|AND|OR|ON|WHEN)\s+(?!CONFLICT|MATERIALIZED)/g)].map((match) => {
    const start = match.index + match[0].length
    return { word: match.groups?.["word"], start, end: endOfCondition(sql, start) }
  })

const replaced = (sql: string, start: number, end: number, by: string): string =>
  sql.slice(0, start) + by + sql.slice(end)

/**
 * Every change of one place in a statement. A condition that is dropped stays written, so that the types of its parameters
 * are still known and PostgreSQL does not simply refuse the statement.
 */
export const sqlMutants = (sql: string): ReadonlyArray<string> => {
  const found = conditions(sql)
  const inCondition = (at: number): boolean =>
    found.some(({ end, start }) => at >= start && at < end) || !/\b(?:SET|SELECT)\b/.test(sql)
  const dropped = found.map(({ end, start, word }) => {
    const neutral = word === "OR" || word === "WHEN" ? "AND FALSE" : "OR TRUE"
    return replaced(sql, start, end, `((${sql.slice(start, end).trimEnd()}) ${neutral}) `)
  })
  const compared = comparisons.flatMap(([pattern, by]) =>
    [...sql.matchAll(pattern)]
      .filter(({ index }) => inCondition(index))
      .map(({ 0: text, index }) => replaced(sql, index, index + text.length, by))
  )
  const changed = elsewhere.flatMap(([pattern, by]) =>
    [...sql.matchAll(pattern)].map(({ 0: text, index }) =>
      replaced(sql, index, index + text.length, by)
    )
  )
  return [...new Set([...dropped, ...compared, ...changed, ...withoutAssignments(sql)])].filter(
    (mutant) => mutant !== sql
  )
}

/** `SET a = 1, b = 2` with one of the two left out. */
const withoutAssignments = (sql: string): ReadonlyArray<string> =>
  [...sql.matchAll(/\bSET\s+/g)].flatMap((match) => {
    const parts: Array<{ readonly start: number; readonly end: number }> = []
    for (let start = match.index + match[0].length; ;) {
      const end = endOfCondition(sql, start)
      parts.push({ start, end })
      if (sql[end] !== ",") break
      start = end + 1
    }
    if (parts.length < 2) return []
    return parts.map(({ end, start }, index) =>
      index === parts.length - 1
        ? replaced(sql, start - 1, end, " ")
        : replaced(sql, start, end + 1, " ")
    )
  })
