import { describe, expect, it } from "vitest"
import { findPhrases } from "../../scripts/prose/findPhrases.ts"
import { phrases } from "../../scripts/prose/phrases.ts"

const linesOf = (text: string): ReadonlyArray<number> =>
  findPhrases(text, phrases).map(({ line }) => line)

describe("A banned phrase is found", () => {
  it.each([
    "What an error calls itself by is no account.",
    "A tenth of a provider's refreshes refused within ten minutes is no coincidence of users.",
    "What opens was sealed by us, so it decodes.",
    "The tenant's client at X cannot be had.",
    "Destroys those that are older than this; answers how many went.",
    "A handler that throws is called again, later and later.",
    "Kept for ever.",
    "An ID token is no access token.",
    "Undefined for what is no object.",
    "Undefined where there is none.",
    "False where the lease was lost.",
    "Fails with `ProviderNotFound` where it is closed.",
    "Each value is sealed anew.",
    "Whoever writes to the tables sees what was sealed.",
    "Whoever sits on the way puts keys of their own into it.",
    "A request that throws what nobody foresaw is a 500.",
    "The client that they were issued to is there no more.",
    "Fails with a word of the callback's.",
    "What is wrong, in words of Hawser's own."
  ])("in: %s", (sentence) => {
    expect(linesOf(`\n${sentence}`)).toContain(2)
  })

  it("across the lines of a comment, at the line where it begins", () => {
    expect(linesOf("/**\n * The keys cannot be\n * had.\n */\n// for\n// ever\n")).toEqual([2, 5])
  })

  it("with the words that are better", () => {
    expect(findPhrases("It cannot be had.", phrases)[0]?.advice).toContain("not available")
  })
})

it.each([
  "An error body never identifies an account.",
  "The start refuses what is undefined, so that a variable may be written here.",
  "There is no lock on it.",
  "It is no longer there, and no other process has it.",
  "The page says where the flow ends.",
  "Whoever asks is counted.",
  "It is forever young."
])("A plain sentence is not found: %s", (sentence) => {
  expect(linesOf(sentence)).toEqual([])
})
