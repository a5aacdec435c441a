import { Effect } from "effect"
import { Argument } from "effect/cli"
import { checkedDefinition } from "../definition/checkedDefinition.ts"
import { reporting } from "../report.ts"

export const checkProviders = reporting(
  "check",
  "Play the life of providers of your own, as the facts beside their files say",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("The modules that define them, each with its .facts.json beside it"),
      Argument.atLeast(1)
    )
  },
  ({ files }) =>
    Effect.gen(function* () {
      const checked = yield* Effect.forEach(files, checkedDefinition)
      const failed = checked.filter(({ problems }) => problems.length > 0)
      return {
        json: { providers: checked },
        text: [
          ...checked.flatMap(({ file, id, problems }) => [
            `${problems.length === 0 ? "passed" : "FAILED"}  ${id} (${file})`,
            ...problems.map((problem) => `        ${problem}`)
          ]),
          ...(failed.length === 0
            ? []
            : ["Next: make the definition, or the facts, say what the vendor's pages say."])
        ].join("\n"),
        isFailure: failed.length > 0
      }
    })
)
