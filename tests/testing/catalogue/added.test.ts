import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, expect, it } from "vitest"
import { checkProvider } from "../../../packages/testing/src/catalogue/index.ts"
import { readFiles } from "../../../scripts/providers/catalog.ts"
import { scaffold } from "../../../scripts/providers/scaffold.ts"
import { withMembers } from "./members.ts"

const folder = mkdtempSync(join(tmpdir(), "hawser-added-"))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const workspace = fileURLToPath(new URL("../../..", import.meta.url))

it(
  "providers:add says where refusals are written down, and which members name them",
  { timeout: 60_000 },
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--conditions=@hawser/source",
        "scripts/providers.ts",
        "add",
        "made-up-desk",
        `--folder=${folder}`
      ],
      { cwd: workspace }
    )
    for (const member of [
      "refresh.refused",
      "refresh.refusedToo",
      "refresh.busy",
      "terminalErrors",
      "temporaryErrors",
      "{ error, description }"
    ])
      expect(stdout).toContain(member)
  }
)

/** What the check says of a definition as it was added, once the facts have this answer to a refresh. */
const saidOf = async (id: string, path: string, answer: object) => {
  scaffold(id, "oauth2", folder)
  const { definition, facts } = readFiles(id, folder)
  const known = {
    definition,
    facts: withMembers(facts, { [path]: [answer] }),
    source: `${id}.json`
  }
  return {
    problems: await checkProvider(known),
    with: (members: Readonly<Record<string, unknown>>) =>
      checkProvider({ ...known, definition: withMembers(definition, members) })
  }
}

it.each([
  {
    id: "made-up-dead",
    path: "refresh.refusedToo",
    body: { error: "unauthorized_client", error_description: "the refresh_token is invalid" },
    member: "terminalErrors",
    named: { error: "unauthorized_client", description: "refresh_token is invalid" }
  },
  {
    id: "made-up-busy",
    path: "refresh.busy",
    body: { error: "invalid_grant", error_description: "it is being worked on already" },
    member: "temporaryErrors",
    named: { error: "invalid_grant", description: "being worked on" }
  }
])("a refusal of $id that is misread names $member, with which it is read", async (given) => {
  const { body, id, member, named, path } = given
  const said = await saidOf(id, path, { status: 400, body })
  expect(said.problems).toEqual([expect.stringContaining(`name the error in ${member}`)])
  expect(await said.with({ [member]: [named] })).toEqual([])
})

it("a refusal that is not at error names the member that says where it is", async () => {
  const body = { fault: { code: "TOKEN_GONE" } }
  const said = await saidOf("made-up-elsewhere", "refresh.refusedToo", { status: 400, body })
  expect(said.problems).toEqual([expect.stringContaining("say so in tokenResponse.error")])
  const named = {
    "tokenResponse.error": [["fault", "code"], ["error"]],
    terminalErrors: ["TOKEN_GONE"]
  }
  expect(await said.with(named)).toEqual([])
})
