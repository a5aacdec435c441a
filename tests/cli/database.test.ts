import { randomBytes } from "node:crypto"
import { createHawserJobs, github, pagerdutyApiKey, postgres } from "hawser"
import { beforeAll, describe, expect, it } from "vitest"
import { createDatabase } from "../../test-support/postgres.ts"
import { query } from "../../test-support/postgres-query.ts"
import { hawser, hawserJson, hostFolder } from "./support/cli.ts"

const key = (): string => randomBytes(32).toString("base64")

const config = `import { postgres } from "hawser"
import { github, pagerdutyApiKey } from "hawser/providers"

export default {
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: ["https://app.example.com/integrations"],
  authenticate: async () => null,
  providers: [github({ clientId: "client", clientSecret: "the-secret-of-the-client" }), pagerdutyApiKey()],
  store: postgres({ url: process.env.DATABASE_URL, migrate: "check" }),
  encryptionKey: process.env.KEYS?.split(",")
}
`

interface Database {
  readonly url: string
  readonly keys: string
  readonly env: Readonly<Record<string, string>>
}

const database = async (): Promise<Database> => {
  const { url } = await createDatabase()
  const keys = key()
  return { url, keys, env: { DATABASE_URL: url, KEYS: keys } }
}

const folder = (): string => hostFolder({ "hawser.config.ts": config })

const statements = async (url: string, ...all: ReadonlyArray<string>): Promise<void> => {
  for (const one of all) await query(url, one)
}

const jobs = ({ keys, url }: Database) =>
  createHawserJobs({
    providers: [
      github({ clientId: "client", clientSecret: "the-secret-of-the-client" }),
      pagerdutyApiKey()
    ],
    store: postgres({ url }),
    encryptionKey: keys,
    workers: "off"
  })

const ofGithub = (tenantId: string) => ({
  tenantId,
  provider: "github",
  connectedBy: "ada",
  accessToken: `an-access-token-of-${tenantId}`,
  refreshToken: `a-refresh-token-of-${tenantId}`,
  scopes: ["repo"],
  // It turns the text around in a terminal, and it is a vendor's word.
  account: { id: `42 of ${tenantId}`, label: "octo\u202Ecat\u001b[31m" }
})

const ofPagerduty = (tenantId: string) => ({
  tenantId,
  provider: "pagerduty-api-key",
  connectedBy: "max",
  credentials: { api_key: `the-api-key-of-${tenantId}` }
})

/** Connections as the host imports them; their ids by tenant. */
const connected = async (
  database: Database,
  ...items: ReadonlyArray<ReturnType<typeof ofGithub> | ReturnType<typeof ofPagerduty>>
): Promise<(tenantId: string) => string> => {
  const process = await jobs(database)
  const ids = new Map<string, string>()
  try {
    expect((await process.admin.import(items)).refused).toEqual([])
    for (const { tenantId } of items) {
      const [one] = (await process.tenant(tenantId).connections()).items
      ids.set(tenantId, one?.integrationId ?? "")
    }
  } finally {
    await process.close()
  }
  return (tenantId) => ids.get(tenantId) ?? ""
}

describe("the tables", () => {
  it("check names what is missing and ends with 1, and sql prints it: with that the tables are there", async () => {
    const { env, url } = await database()
    const host = folder()
    expect(await hawserJson(host, ["check"], { env })).toMatchObject({
      code: 1,
      answer: { upToDate: false, version: 0, newest: 1, missing: [{ version: 1, name: "initial" }] }
    })
    const { answer } = await hawserJson(host, ["sql"], { env })
    const { sql } = answer as { readonly sql: string }
    await statements(url, ...sql.split(/;\n\n|;\n$/).filter((one) => one.trim() !== ""))
    const start = createHawserJobs({
      providers: [],
      store: postgres({ url, migrate: "check" }),
      encryptionKey: key(),
      workers: "off"
    })
    await (await start).close()
  })

  it("check of tables that are up to date ends with 0", async () => {
    const made = await database()
    await (await jobs(made)).close()
    expect(await hawser(folder(), ["check"], { env: made.env })).toEqual({
      code: 0,
      stdout: "The tables are at version 1, as this release needs them.\n",
      stderr: ""
    })
  })

  it("migrate applies what is missing, although the host's own start only checks; then it has nothing to do", async () => {
    const { env } = await database()
    const host = folder()
    expect(await hawser(host, ["migrate"], { env })).toEqual({
      code: 0,
      stdout: "Applied 1 (initial). The tables are at version 1.\n",
      stderr: ""
    })
    expect(await hawser(host, ["migrate"], { env })).toMatchObject({
      code: 0,
      stdout: "The tables are at version 1 already: nothing to do.\n"
    })
  })

  it("sql --from asks no database, and begins after that version", async () => {
    const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none", KEYS: key() }
    const { code, stdout } = await hawser(folder(), ["sql", "--from", "1"], { env })
    expect(code).toBe(0)
    expect(stdout).toContain("from version 1")
    expect(stdout).not.toContain("CREATE TABLE")
  })

  it("commands that read the tables say that there are none", async () => {
    const { env } = await database()
    expect(await hawserJson(folder(), ["connections"], { env })).toMatchObject({
      code: 1,
      answer: {
        error: {
          code: "tables_not_current",
          message: "The database has no tables of Hawser.",
          next: "Run npx hawser migrate, or give the output of npx hawser sql to your own migrations."
        }
      }
    })
  })
})

describe("the connections", () => {
  let made: Database
  let id: (tenantId: string) => string

  beforeAll(async () => {
    made = await database()
    id = await connected(
      made,
      ofGithub("acme"),
      ofPagerduty("globex"),
      ofGithub("failing"),
      ofGithub("ended"),
      ofPagerduty("left"),
      { ...ofPagerduty("odd"), connectedBy: "max\nNext: run what I say" }
    )
    const process = await jobs(made)
    await process.tenant("left", { user: "eve" }).connection("pagerduty-api-key").disconnect()
    await process.close()
    await statements(
      made.url,
      `UPDATE hawser.oauth_grant SET generation = 4, renewed_at = now() - interval '2 hours', failures = 3,
         retry_at = now() + interval '10 hours', refresh_problem = 'misconfigured' WHERE tenant_id = 'failing'`,
      `UPDATE hawser.integration SET status = 'error', problem = 'misconfigured' WHERE tenant_id = 'failing'`,
      `UPDATE hawser.oauth_grant SET ended_at = now() - interval '1 day', end_reason = 'refresh_failed',
         quarantined_until = now() + interval '6 days', ended_scopes = '{}', ended_fields = '{}',
         refresh_due_at = NULL WHERE tenant_id = 'ended'`,
      `UPDATE hawser.integration SET status = 'disconnected', problem = 'refresh_failed' WHERE tenant_id = 'ended'`
    )
  })

  it("are listed, all of them, with neither secrets nor what a terminal obeys", async () => {
    const { answer, stderr } = await hawserJson(folder(), ["connections"], { env: made.env })
    expect(stderr).toBe("")
    expect(answer).toMatchObject({
      items: [
        {
          tenantId: "acme",
          provider: "github",
          status: "connected",
          integrationId: id("acme"),
          userId: null
        },
        { tenantId: "ended", status: "disconnected", problem: "refresh_failed" },
        { tenantId: "failing", status: "error", problem: "misconfigured" },
        {
          tenantId: "globex",
          provider: "pagerduty-api-key",
          integrationId: id("globex"),
          hasApiKey: true
        },
        { tenantId: "left", status: "disconnected", problem: null },
        { tenantId: "odd" }
      ],
      hasMore: false
    })
    expect(JSON.stringify(answer)).not.toMatch(/access-token|refresh-token|the-api-key/)
  })

  it.each([
    [["--tenant", "globex"], ["globex"]],
    [
      ["--provider", "github"],
      ["acme", "ended", "failing"]
    ],
    [["--status", "error"], ["failing"]]
  ])("are chosen by %j", async (flags, tenants) => {
    const { answer } = await hawserJson(folder(), ["connections", ...flags], { env: made.env })
    const { items } = answer as { readonly items: ReadonlyArray<{ readonly tenantId: string }> }
    expect(items.map(({ tenantId }) => tenantId)).toEqual(tenants)
  })

  it("are cut at --limit, and said to be; no character of a vendor's obeys the terminal", async () => {
    const { stdout } = await hawser(folder(), ["connections", "--limit", "1"], { env: made.env })
    expect(stdout).toContain("1 shown; there are more")
    expect(stdout).toContain("octo")
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202E]/u)
  })

  it("are listed under row-level security too", async () => {
    const role = `plain_${randomBytes(4).toString("hex")}`
    const secured = await database()
    await connected(secured, ofGithub("acme"), ofPagerduty("globex"))
    await statements(
      secured.url,
      `CREATE ROLE ${role} LOGIN`,
      `GRANT USAGE, CREATE ON SCHEMA hawser TO ${role}`,
      `GRANT ALL ON ALL TABLES IN SCHEMA hawser TO ${role}`,
      ...["integration", "oauth_grant", "revocation", "outbox"].flatMap((table) => [
        `ALTER TABLE hawser.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
        `CREATE POLICY hawser_tenant ON hawser.${table} USING (tenant_id = current_setting('hawser.tenant_id', true)
           OR current_setting('hawser.all_tenants', true) = 'on')`
      ])
    )
    const asRole = new URL(secured.url)
    asRole.username = role
    const env = { ...secured.env, DATABASE_URL: asRole.href }
    const { answer } = await hawserJson(folder(), ["connections"], { env })
    await statements(secured.url, `DROP OWNED BY ${role}`, `DROP ROLE ${role}`)
    expect((answer as { readonly items: ReadonlyArray<unknown> }).items).toHaveLength(2)
  })

  const why = async (tenantId: string): Promise<string> => {
    const { code, stdout } = await hawser(folder(), ["why", id(tenantId)], { env: made.env })
    expect(code).toBe(0)
    return stdout
  }

  it("why: when it was connected, that it was never refreshed, and what happens next", async () => {
    const told = await why("acme")
    expect(told).toMatch(/^github of tenant acme, as octo.*It is connected\.$/m)
    expect(told).toMatch(/^Connected at \S+Z \(.* ago\) by ada\.$/m)
    expect(told).toContain("Its tokens were never refreshed.")
    expect(told).toMatch(/^What happens next: It is refreshed when a token is needed\.$/m)
    expect(told).not.toMatch(/access-token|refresh-token-of/)
  })

  it("why, of a user whose id has a line end: none of its lines passes for one of the command's", async () => {
    expect(await why("odd")).toContain("by max Next: run what I say, with an API key.")
  })

  it("why of an API key: nothing has to happen", async () => {
    const told = await why("globex")
    expect(told).toContain("by max, with an API key.")
    expect(told).toContain("Nothing has to happen: an API key is used as it is.")
  })

  it("why of one whose refresh fails: what the provider answered, and when the next attempt is due", async () => {
    const told = await why("failing")
    expect(told).toContain("It is at error.")
    expect(told).toMatch(
      /refreshed 3 times, last at \S+Z \(2 hours ago\)\. 3 attempts failed since\./
    )
    expect(told).toContain("The provider refused your OAuth client and not the grant")
    expect(told).toMatch(
      /The next attempt is due at \S+Z \(in 10 hours\)\. A person is not needed\./
    )
  })

  it("why of one that its provider ended: until when it can come back", async () => {
    const told = await why("ended")
    expect(told).toContain("The provider refused the refresh token")
    expect(told).toMatch(/brings it back until \S+Z \(in 6 days\)\./)
  })

  it("why of one that a user ended: who did", async () => {
    const told = await why("left")
    expect(told).toContain(": eve disconnected it.")
    expect(told).toContain("a person has to connect pagerduty-api-key again.")
  })

  it("why of an id that nobody has ends with 1 and says where the ids are", async () => {
    expect(await hawser(folder(), ["why", "int_none"], { env: made.env })).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "Error: There is no connection int_none in this database.\nNext: npx hawser connections lists them. A tenant that was deleted leaves nothing.\n"
    })
  })
})

describe("the keys", () => {
  it("keys says what each is for; rotate moves the values, with progress; then the old key opens nothing", async () => {
    const made = await database()
    const host = folder()
    await connected(made, ofGithub("acme"), ofPagerduty("globex"))
    const env = { ...made.env, KEYS: `${key()},${made.keys}` }
    const before = await hawserJson(host, ["keys"], { env })
    expect(before).toMatchObject({
      code: 0,
      answer: { keys: [{ configured: "primary", values: 0 }, { configured: "other" }] }
    })
    const rotated = await hawser(host, ["rotate"], { env })
    expect(rotated.code).toBe(0)
    expect(rotated.stderr).toMatch(/^4 sealed again, 0 failed, 0 remain$/m)
    expect(rotated.stdout).toContain("you can remove the other keys")
    const after = await hawser(host, ["keys"], { env })
    expect(after.stdout).toContain("opens nothing: you can remove it")
    expect(`${after.stdout}${rotated.stdout}${rotated.stderr}`).not.toContain(made.keys)
  })

  it("keys ends with 1 for values whose key is not configured, and rotate says that they do not open", async () => {
    const made = await database()
    const host = folder()
    await connected(made, ofGithub("acme"))
    const env = { ...made.env, KEYS: key() }
    const listed = await hawser(host, ["keys"], { env })
    expect(listed.code).toBe(1)
    expect(listed.stdout).toContain("is not configured: these values cannot be opened")
    const rotated = await hawserJson(host, ["rotate"], { env })
    expect(rotated).toMatchObject({ code: 1, answer: { done: 0 } })
    const { failed, remaining } = rotated.answer as Record<"failed" | "remaining", number>
    expect(failed).toBe(remaining)
    expect(failed).toBeGreaterThan(0)
  })
})
