import { type NodePath, types } from "@babel/core"
import { hole, sqlMutants } from "./sqlMutants.ts"

interface Mutator {
  readonly name: string
  readonly mutate: (path: NodePath, context: object) => Iterable<types.Node>
}

/** A call, an effect or an assignment that stands alone is left out. */
const statementMutator: Mutator = {
  name: "DroppedStatement",
  *mutate(path) {
    if (path.isExpressionStatement()) yield types.emptyStatement()
  }
}

const isSql = (text: string): boolean =>
  /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|RETURNING)\b|\$\d|\bi\.\w|\(SELECT/.test(text)

/** One place of a statement is changed; Stryker itself only empties the whole of it. */
const sqlMutator: Mutator = {
  name: "Sql",
  *mutate(path) {
    if (path.isStringLiteral() && isSql(path.node.value)) {
      for (const mutant of sqlMutants(path.node.value)) yield types.stringLiteral(mutant)
    }
    if (path.isTemplateLiteral()) {
      const { expressions, quasis } = path.node
      const sql = quasis.map(({ value }) => value.raw).join(hole)
      if (!isSql(sql)) return
      for (const mutant of sqlMutants(sql)) {
        const texts = mutant.split(hole)
        // A change that took an expression with it cannot be put together again.
        if (texts.length !== quasis.length) continue
        yield types.templateLiteral(
          texts.map((raw, index) => types.templateElement({ raw }, index === texts.length - 1)),
          expressions.map((expression) => types.cloneNode(expression))
        )
      }
    }
  }
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/**
 * Makes Stryker know the mutators above, and take only a share of all mutants, the same in every run. It has no door for
 * either: its own list of mutators is changed.
 */
export const prepareMutators = async (share: number): Promise<void> => {
  const { allMutators } = (await import(
    new URL("mutators/mutate.js", import.meta.resolve("@stryker-mutator/instrumenter")).href
  )) as { readonly allMutators: Array<Mutator> }
  allMutators.push(statementMutator, sqlMutator)
  if (share >= 1) return
  const random = seeded(1)
  for (const [index, mutator] of allMutators.entries()) {
    allMutators[index] = {
      ...mutator,
      *mutate(path, context) {
        for (const mutant of mutator.mutate(path, context)) if (random() < share) yield mutant
      }
    }
  }
}
