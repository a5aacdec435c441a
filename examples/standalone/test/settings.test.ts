import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { catalogueIds } from "@hawser/testing/facts"
import { afterAll, expect, it } from "vitest"
import { catalogue } from "../src/providers.ts"
import { readSettings } from "../src/settings.ts"
import { spawnServer } from "./support/process.ts"

const folder = mkdtempSync(join(tmpdir(), "hawser-settings-"))
afterAll(() => rmSync(folder, { recursive: true }))

const file = join(folder, "hawser.json")

const read = (config: unknown, environment: Readonly<Record<string, string>> = {}) => {
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config))
  return readSettings({ HAWSER_CONFIG: file, ...environment })
}

/** What stops the start, each line without the file's path. */
const problems = (...settings: Parameters<typeof read>): ReadonlyArray<string> => {
  try {
    read(...settings)
  } catch (error) {
    if (!(error instanceof Error && error.name === "Problem")) throw error
    return error.message.split("\n").map((line) => line.replace(`${file}: `, ""))
  }
  return []
}

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const complete = JSON.parse(/^```json\n(.*?)^```$/ms.exec(readme)?.[1] ?? "") as Record<
  string,
  unknown
>

it("the README's file is complete and right", () => {
  const { adapter, basePath, options, port } = read(complete)
  expect([adapter, basePath, port]).toEqual(["node", "/api", 3000])
  expect(options.providers.map(({ definition }) => definition.id)).toEqual([
    "github",
    "datadog",
    "acme-projects",
    "beacon"
  ])
})

it("the catalogue has every definition of @hawser/providers", () => {
  expect([...catalogue.keys()].toSorted()).toEqual([...catalogueIds].toSorted())
})

it("the path that the process sees is the public URL's, unless the file says another", () => {
  expect(read({ ...complete, publicUrl: "https://app.example.com/" }).basePath).toBe("")
  expect(read({ ...complete, basePath: "" }).basePath).toBe("")
  expect(read({ ...complete, basePath: "/inner/" }).basePath).toBe("/inner")
})

it("names each member of the environment that is wrong", () => {
  expect(problems(complete, { PORT: "99999", HAWSER_ADAPTER: "koa", HAWSER_CONFIG: "" })).toEqual([
    expect.stringMatching(/^environment: HAWSER_CONFIG: /),
    'environment: HAWSER_ADAPTER: Expected "node" | "express" | "fastify"',
    expect.stringMatching(/^environment: PORT: /)
  ])
})

const jwt = { issuer: "i", audience: "a", jwksUrl: "u" }
it.each<[string, object, ReadonlyArray<string>]>([
  ["a member that nobody knows", { publicURL: "x" }, ["publicURL: There is no such member"]],
  ["a member that is missing", { publicUrl: undefined }, ["publicUrl: Missing key"]],
  [
    "a member within that is misspelt",
    { jwt: { issuer: "i", audence: "a", jwksUrl: "u" } },
    ["jwt.audence: There is no such member", "jwt.audience: Missing key"]
  ],
  [
    "a binding that this server cannot have",
    { allowedRedirectUrls: [{ url: "https://app.example.com/", binding: "session" }] },
    ['allowedRedirectUrls[0].binding: Expected "cookie" | "complete"']
  ],
  [
    "a role that nobody has",
    { jwt: { ...jwt, claims: { roleMap: { owner: "root" } } } },
    ['jwt.claims.roleMap.owner: Expected "admin" | "member"']
  ],
  ["no provider", { providers: [] }, [expect.stringMatching(/^providers/)]],
  [
    "a provider that is not in the catalogue",
    { providers: [{ id: "datadog" }, { id: "githb" }] },
    ["providers[1].id: The catalogue has no such provider; docs/providers.md lists them"]
  ],
  [
    "a provider without id and definition",
    { providers: [{ clientId: "c" }] },
    ["providers[0]: Set either id or definition"]
  ],
  [
    "a client for an API key",
    { providers: [{ id: "datadog", clientSecret: "s" }] },
    ["providers[0].clientSecret: An API key has no client"]
  ],
  [
    "a definition with a mistake",
    {
      providers: [
        {
          definition: {
            id: "mine",
            displayName: "Mine",
            category: "other",
            description: "Mine.",
            authType: "api_key",
            fields: [{ nam: "api_key", label: "API key" }],
            headers: {}
          }
        }
      ]
    },
    [
      "providers[0].definition.fields[0].nam: There is no such member",
      "providers[0].definition.fields[0].name: Missing key"
    ]
  ]
])("names %s", (_, change, lines) => {
  expect(problems({ ...complete, ...change })).toEqual(lines)
})

it("S-47 shows no value of the file, which may be a secret", () => {
  const secret = "canary-5d1f"
  for (const wrong of [
    `{"encryptionKey": "${secret}" `,
    { ...complete, encryptionKey: { secret } },
    { ...complete, encryptionKey: [secret, 1] },
    { ...complete, providers: [{ id: "github", clientId: "c", clientSecret: [secret] }] }
  ]) {
    const text = problems(wrong).join("\n")
    expect(text).not.toBe("")
    expect(text).not.toContain(secret)
  }
})

it("stops the start with those lines on stderr", async () => {
  const started = spawnServer({ ...complete, encryptionKey: undefined })
  expect(await started.ended).toBe(1)
  expect(await started.stderr).toBe("hawser.json: encryptionKey: Missing key\n")
  expect(started.lines).toEqual([])
})

it("stops the start with one line where a value is what createHawser refuses", async () => {
  const started = spawnServer({ ...complete, publicUrl: "http://app.example.com" })
  expect(await started.ended).toBe(1)
  expect(await started.stderr).toMatch(/^publicUrl: .+\n$/)
})
