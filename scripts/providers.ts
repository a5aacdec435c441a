import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { decodeProviderFacts, decodeUnsupportedFacts } from "../packages/testing/src/facts/index.ts"
import { copiedFacts } from "../packages/testing/src/catalogue/copiedFacts.ts"
import { checkProvider } from "../packages/testing/src/catalogue/checkProvider.ts"
import { catalogFolder, catalogIds, readFiles } from "./providers/catalog.ts"
import { generate, stale } from "./providers/generate.ts"
import { type AuthType, scaffold } from "./providers/scaffold.ts"

/** What is done to the catalogue: `providers check`, `providers generate` and `providers add`. */

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    auth: { type: "string", default: "oauth2" },
    check: { type: "boolean", default: false },
    folder: { type: "string", default: catalogFolder }
  }
})
const [command, ...ids] = positionals
const folder = resolve(values.folder)

interface Outcome {
  /** `listed`: it is in the catalogue with the reason why it cannot be connected. */
  readonly word: "passed" | "listed" | "FAILED"
  readonly problems: ReadonlyArray<string>
}

/** Of the whole folder, so that a copy is seen whichever of both is checked. Facts that do not decode have a line of their own. */
const copies = (): ReadonlyMap<string, string> =>
  copiedFacts(
    catalogIds(folder).flatMap((id) =>
      Effect.runSync(
        decodeProviderFacts(readFiles(id, folder).facts, id).pipe(
          Effect.map((facts) => [facts]),
          Effect.orElseSucceed(() => [])
        )
      )
    )
  )

const outcomeOf = async (id: string, copied: string | undefined): Promise<Outcome> => {
  const { definition, facts } = readFiles(id, folder)
  if (definition !== undefined) {
    const problems = [
      ...(await checkProvider({ definition, facts, source: `${id}.json` })),
      ...(copied === undefined
        ? []
        : [
            `${id}.facts.json: its refusals are word for word those of ${copied}. Read the vendor's own pages; where they have no words for it, leave the words out.`
          ])
    ]
    return { word: problems.length === 0 ? "passed" : "FAILED", problems }
  }
  return Effect.runPromise(
    decodeUnsupportedFacts(facts, `${id}.facts.json`).pipe(
      Effect.map(({ reason }): Outcome => ({ word: "listed", problems: [reason] })),
      Effect.catch(({ message }) =>
        Effect.succeed<Outcome>({ word: "FAILED", problems: [message] })
      )
    )
  )
}

/** A line for each provider: whether it goes through its whole life as its facts say. */
const check = async (chosen: ReadonlyArray<string>): Promise<void> => {
  const count = { passed: 0, listed: 0, FAILED: 0 }
  const copied = copies()
  for (const id of chosen) {
    const { problems, word } = await outcomeOf(id, copied.get(id))
    count[word]++
    console.log(`${word}  ${id}`)
    for (const problem of problems) console.log(`        ${problem}`)
  }
  const played = count.passed + count.FAILED
  console.log(`${count.passed} of ${played} providers do what is known of their vendors.`)
  if (count.FAILED > 0) process.exitCode = 1
}

const add = async (id: string): Promise<void> => {
  if (values.auth !== "oauth2" && values.auth !== "api_key")
    throw new Error("--auth is oauth2 or api_key.")
  for (const file of scaffold(id, values.auth satisfies AuthType, folder)) console.log(file)
  await check([id])
  if (folder === catalogFolder) generate()
  console.log(
    `Now read ${id}'s own pages and make both files say what they say; then: pnpm providers:check ${id}
Write each answer of a dead refresh token into refresh.refused and refresh.refusedToo of the facts, and each that only asks to wait into refresh.busy. Where the check finds one misread, name it in the definition: terminalErrors for the end of a grant, temporaryErrors for what passes, with { error, description } where one code means both.`
  )
}

switch (command) {
  case "check":
    await check(ids.length > 0 ? ids : catalogIds(folder))
    break
  case "generate":
    if (values.check) {
      const paths = stale()
      for (const path of paths) console.log(`${path} is stale: run \`pnpm providers:generate\`.`)
      process.exitCode = paths.length === 0 ? 0 : 1
    } else generate()
    break
  case "add":
    if (ids.length !== 1 || ids[0] === undefined) throw new Error("providers:add takes one id.")
    await add(ids[0])
    break
  case undefined:
  default:
    throw new Error("usage: providers check [id …] | generate [--check] | add id [--auth=api_key]")
}
