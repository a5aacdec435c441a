import { assert, describe, it } from "@effect/vitest"
import { ApiKeyDefinition, decodeProviderDefinition, OAuth2Definition } from "@hawser/core"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import { hasMember, membersOf } from "./support/definitionMembers.ts"

const page = readFileSync(new URL("../../docs/define-a-provider.md", import.meta.url), "utf8")

const isDefinition = (block: string): boolean => /^export const \w+ = defineProvider\(/m.test(block)

const blocks = [...page.matchAll(/^```ts\n(?<code>.*?)^```$/gms)].map(
  ({ groups }) => groups?.["code"] ?? ""
)

/** The definitions of the page's examples. That the examples compile is the type check's to see. */
const examples = blocks.filter(isDefinition).map((block) => {
  const code = block.replaceAll(/^import .*$/gm, "").replace(/^export const \w+ = /m, "")
  return runInNewContext(code, {
    defineProvider: (definition: unknown) => JSON.parse(JSON.stringify(definition)) as unknown,
    process: { env: {} }
  }) as { readonly id: string }
})

/** Places whose members have one form: an example of one shows the others. */
const sameForm: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(?:refreshResponse|clientCredentials\.tokenResponse)\./, "tokenResponse."],
  [/^tokenRequest\./, "refreshRequest."],
  [/^clientCredentials\.tokenHeader\./, "tokenHeader."],
  [/^discovery\./, "account."],
  [/^(?:account\.label|captures\.\*\.path)\./, "account.id."],
  [
    /^(?:check\.rejectedBody|tokenResponse\.success|api\.expired\.\*\.body)\./,
    "check.acceptedBody."
  ]
]

const formOf = (member: string): string =>
  sameForm.reduce((path, [place, form]) => path.replace(place, form), member)

describe("docs/define-a-provider.md", () => {
  it("has an example of every member", () => {
    const members = [
      ...new Set([...membersOf(OAuth2Definition.ast), ...membersOf(ApiKeyDefinition.ast)])
    ]
    const shown = new Set(
      members
        .filter((member) => examples.some((definition) => hasMember(definition, member)))
        .map(formOf)
    )
    assert.deepStrictEqual(
      members.filter((member) => !shown.has(formOf(member))),
      []
    )
  })

  for (const example of examples) {
    it.effect(`the start takes its example ${example.id}`, () =>
      Effect.map(decodeProviderDefinition(example, example.id), ({ id }) =>
        assert.strictEqual(id, example.id)
      )
    )
  }
})
