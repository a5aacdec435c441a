import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  compiler,
  filesIn,
  hawser,
  hawserJson,
  hostFolder,
  install,
  typeCheck,
  workspace
} from "./support/cli.ts"

const manifest = { "package.json": JSON.stringify({ type: "module" }), "tsconfig.json": compiler }

const oauth2 = [
  "--docs",
  "https://docs.desk.example/oauth",
  "--authorize-url",
  "https://login.desk.example/authorize",
  "--token-url",
  "https://login.desk.example/token",
  "--revoke-url",
  "https://login.desk.example/revoke",
  "--scopes",
  "tickets.read,tickets.write",
  "--api-url",
  "https://api.desk.example",
  "--check-url",
  "https://api.desk.example/me",
  "--account-id",
  "user.id",
  "--account-label",
  "user.email"
]

const add = ["providers", "add"]
const file = "providers/acme-desk.ts"

describe("hawser providers add", () => {
  it("writes a definition that a simulated vendor accepts, with its facts, and says what is left to do", async () => {
    const folder = hostFolder(manifest)
    const { code, stdout } = await hawser(folder, [...add, "acme-desk", ...oauth2])
    expect(code).toBe(0)
    expect(stdout).toContain("written  providers/acme-desk.ts")
    expect(stdout).toContain("PUBLIC_URL/v1/integrations/acme-desk/callback")
    expect(stdout).toContain("ACME_DESK_CLIENT_ID and ACME_DESK_CLIENT_SECRET")
    expect(filesIn(folder)[file]).toContain(`export const acmeDesk = defineProvider(
  {
    id: "acme-desk",
    displayName: "Acme Desk",`)
    install(folder, ["@types/node"], workspace)
    expect(typeCheck(folder)).toBe("")
    expect(await hawserJson(folder, ["providers", "check", file])).toMatchObject({
      code: 0,
      answer: { providers: [{ id: "acme-desk", file, problems: [] }] }
    })
  })

  it("writes one by API key, in the style of the app", async () => {
    const folder = hostFolder({ "package.json": "{}" })
    const { answer, code } = await hawserJson(folder, [
      ...add,
      "pager",
      "--auth",
      "api_key",
      "--docs",
      "https://pager.example/api",
      "--header",
      "X-Api-Key: {api_key}",
      "--check-url",
      "https://api.pager.example/me"
    ])
    expect(code).toBe(0)
    expect(answer).toMatchObject({
      definition: { headers: { "x-api-key": "{api_key}" } },
      files: ["providers/pager.js", "providers/pager.facts.json"]
    })
    expect(filesIn(folder)["providers/pager.js"]).toContain("module.exports = { pager }")
    expect((await hawser(folder, ["providers", "check", "providers/pager.js"])).code).toBe(0)
  })

  it.each([
    [
      "a URL that is not https",
      ["acme-desk", "--token-url", "http://login.desk.example/token"],
      "definition_refused",
      "https"
    ],
    ["an id of the catalogue", ["github"], "wrong_id", "hawser/providers"],
    ["an id with capitals", ["Desk"], "wrong_id", "Desk is not a provider id"],
    [
      "an account without a request",
      ["acme-desk", "--check-url", ""],
      "answer_missing",
      "--account-id"
    ]
  ])("refuses %s, writes nothing and ends with 1", async (_, args, code, said) => {
    const folder = hostFolder(manifest)
    const given = oauth2.filter((_, at) => !args.includes(oauth2[at - (at % 2)] ?? ""))
    const { answer, code: exit } = await hawserJson(folder, [...add, ...args, ...given])
    expect(exit).toBe(1)
    expect(answer).toMatchObject({
      error: { code, message: expect.stringContaining(said) as string }
    })
    expect(filesIn(folder)).toEqual(manifest)
  })

  it.each(["delete", "process"])(
    "gives one with the id %s a name that a module may give",
    async (id) => {
      const folder = hostFolder({ "package.json": JSON.stringify({ type: "module" }) })
      expect((await hawser(folder, [...add, id, ...oauth2])).code).toBe(0)
      expect(await hawserJson(folder, ["providers", "check", `providers/${id}.js`])).toMatchObject({
        code: 0,
        answer: { providers: [{ id, problems: [] }] }
      })
    }
  )

  it("names what is missing where nobody can be asked", async () => {
    const { answer, code } = await hawserJson(hostFolder(manifest), [...add, "acme-desk"])
    expect(code).toBe(1)
    expect(answer).toMatchObject({
      error: { code: "answer_missing", message: expect.stringContaining("--docs") as string }
    })
  })

  it("never writes over a file", async () => {
    const files = { ...manifest, [file]: "export const theirs = 1\n" }
    const folder = hostFolder(files)
    expect(await hawserJson(folder, [...add, "acme-desk", ...oauth2])).toMatchObject({
      code: 1,
      answer: { error: { code: "file_in_the_way" } }
    })
    expect(filesIn(folder)).toEqual(files)
  })
})

describe("hawser providers check", () => {
  it("finds where a definition does otherwise than the vendor, and ends with 1", async () => {
    const folder = hostFolder(manifest)
    await hawser(folder, [...add, "acme-desk", ...oauth2])
    const right = filesIn(folder)[file] ?? ""
    writeFileSync(
      join(folder, file),
      right.replace(
        'clientAuthentication: "client_secret_basic"',
        'clientAuthentication: "client_secret_post"'
      )
    )
    const { code, stdout } = await hawser(folder, ["providers", "check", file])
    expect(code).toBe(1)
    expect(stdout).toContain("FAILED  acme-desk (providers/acme-desk.ts)")
  })

  it("says that the facts are missing, or the provider", async () => {
    const folder = hostFolder({
      ...manifest,
      "none.ts": "export const other = 1",
      "alone.ts": 'export const desk = { definition: { id: "desk" } }'
    })
    expect(await hawserJson(folder, ["providers", "check", "none.ts"])).toMatchObject({
      code: 1,
      answer: { error: { code: "definition_not_loaded", message: "none.ts exports 0 providers." } }
    })
    expect(await hawserJson(folder, ["providers", "check", "alone.ts"])).toMatchObject({
      code: 1,
      answer: { error: { code: "facts_not_read", message: "There is no file alone.facts.json." } }
    })
    expect((await hawser(folder, ["providers", "check"])).code).toBe(2)
  })
})
