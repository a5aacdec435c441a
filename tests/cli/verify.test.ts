import type { ChildProcess } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { factsOf } from "@hawser/testing/facts"
import { type RunningSimulator, startSimulator } from "@hawser/testing/simulator"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { TestBrowser } from "../../test-support/browser.ts"
import { filesIn, hawserJson, hostFolder, start } from "./support/cli.ts"

const clientSecret = "the-secret-of-the-registered-client"
const env = { GITHUB_CLIENT_ID: "the-registered-client", GITHUB_CLIENT_SECRET: clientSecret }

let simulator: RunningSimulator

beforeEach(async () => {
  simulator = await startSimulator({
    providers: [factsOf("github"), factsOf("mailchimp"), factsOf("zendesk")],
    consent: "button"
  })
})

afterEach(() => simulator.close())

interface Walked {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly folder: string
  /** What passed through the browser: codes, states and cookies. */
  readonly seen: ReadonlyArray<string>
}

/** Runs the command, and comes with a browser when it says so. */
const walk = async (
  args: ReadonlyArray<string>,
  {
    decision,
    files = {},
    variables = env,
    whileItWalks = async () => {}
  }: {
    readonly decision?: "allow" | "deny"
    readonly files?: Readonly<Record<string, string>>
    readonly variables?: Readonly<Record<string, string>>
    readonly whileItWalks?: (child: ChildProcess) => Promise<void>
  } = {}
): Promise<Walked> => {
  const folder = hostFolder(files)
  const running = start(
    folder,
    ["verify", ...args, "--port", "0", "--simulator", `http://127.0.0.1:${simulator.port}`],
    { env: variables }
  )
  let said = ""
  running.child.stderr.on("data", (part: Buffer) => (said += part.toString()))
  const early = running.ended().then(({ stderr }) => {
    throw new Error(`It ended: ${stderr}`)
  })
  early.catch(() => {})
  const opened = vi.waitUntil(() => /open (http:\/\/localhost:\d+\/)/.exec(said)?.[1], {
    timeout: 50_000
  })
  const address = (await Promise.race([opened, early])) ?? ""
  const browser = new TestBrowser()
  const begun = await browser.request(address)
  const location = begun.headers.get("location") ?? ""
  const { url } = await simulator.visit(location, decision === undefined ? {} : { decision })
  const returned = await browser.request(url)
  const end = new URL(returned.headers.get("location") ?? "", url)
  const done = await browser.request(end)
  expect(await done.text()).toContain("You can close this page")
  await whileItWalks(running.child)
  const { code, stderr, stdout } = await running.ended()
  return {
    code,
    stderr,
    stdout,
    folder,
    seen: [
      new URL(location).searchParams.get("state") ?? "",
      url.searchParams.get("code") ?? "",
      ...begun.headers.getSetCookie().map((one) => one.split(";")[0]?.split("=")[1] ?? "")
    ]
  }
}

const recordIn = ({ folder }: Walked, id = "github"): unknown =>
  JSON.parse(readFileSync(join(folder, `verified/${id}.json`), "utf8"))

describe("hawser verify", () => {
  it("connects, refreshes, calls and revokes, and writes a dated record", async () => {
    const walked = await walk(["github"])
    expect(walked.code).toBe(0)
    expect(recordIn(walked)).toEqual({
      provider: "github",
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string,
      version: "0.0.0",
      definition: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      scopes: ["read:user"],
      outcome: "passed",
      steps: [
        { step: "connect", outcome: "passed" },
        { step: "refresh", outcome: "passed" },
        { step: "call", outcome: "passed" },
        { step: "revoke", outcome: "passed" }
      ],
      simulated: true
    })
    const kinds = new Set(simulator.requests.flatMap((one) => one.kinds))
    expect([...kinds]).toEqual(
      expect.arrayContaining(["authorize", "token", "refresh", "check", "revocation"])
    )
    expect(simulator.violations).toEqual([])
    // GitHub takes access tokens for revocation, and ends no refresh token by them.
    const live = simulator.liveTokens("github")
    expect(live.filter((one) => !one.startsWith("refresh-"))).toEqual([])
  })

  it("has no secret and names no account in the record or in what it prints", async () => {
    const walked = await walk(["github"])
    // Codes, tokens, verifiers, the client and its secret: whatever the vendor was sent.
    const sent = simulator.requests.flatMap(({ body, headers }) => [
      ...new URLSearchParams(body).values(),
      ...(headers["authorization"]?.split(" ") ?? [])
    ])
    const values = sent.filter(
      (one) => /^[\w.~+/=-]{12,}$/.test(one) && !/^https?:|_code$|_token$/.test(one)
    )
    expect(values).toContain(clientSecret)
    expect(simulator.requests.map(({ kinds }) => kinds[0])).toContain("revocation")
    const { account } = factsOf("github") as {
      readonly account?: { readonly id: string; readonly label?: string }
    }
    const secrets = [...values, ...walked.seen, account?.id ?? "", account?.label ?? ""]
    expect(secrets.every((one) => one.length > 2)).toBe(true)
    const published = Object.values(filesIn(walked.folder)).join("\n")
    expect(published).toContain('"outcome": "passed"')
    for (const text of [published, walked.stdout, walked.stderr])
      expect(secrets.filter((one) => text.includes(one))).toEqual([])
  })

  it("says what failed in words of its own, revokes all the same, and ends with 1", async () => {
    simulator.failNext("github", "refresh", {
      kind: "answer",
      status: 400,
      body: { error: "bad_refresh_token", error_description: "a text of ann@example.com" }
    })
    const walked = await walk(["github"])
    expect(walked.code).toBe(1)
    expect(recordIn(walked)).toMatchObject({
      outcome: "failed",
      steps: [
        { step: "connect", outcome: "passed" },
        { step: "refresh", outcome: "failed", reason: "reconnect_required" },
        { step: "call" },
        { step: "revoke" }
      ]
    })
    expect(walked.stdout).toContain("FAILED  refresh: reconnect_required")
    expect(walked.stdout + walked.stderr + JSON.stringify(recordIn(walked))).not.toContain("ann@")
  })

  it("writes that a revocation was refused", async () => {
    simulator.failNext("github", "revocation", { kind: "status", status: 503 })
    const walked = await walk(["github"])
    expect(walked.code).toBe(1)
    expect(recordIn(walked)).toMatchObject({
      steps: [{}, {}, {}, { step: "revoke", outcome: "failed", reason: "provider_unavailable" }]
    })
  })

  it("leaves nothing at the vendor when it is ended in the middle", async () => {
    simulator.failNext("github", "api", { kind: "slow", ms: 30_000 })
    const walked = await walk(["github", "--call", "/probe"], {
      whileItWalks: async (child) => {
        await vi.waitUntil(() => simulator.count("github", "api") > 0, { timeout: 10_000 })
        child.kill("SIGINT")
      }
    })
    expect(walked.code).toBe(130)
    expect(
      simulator.requests
        .filter(({ kinds }) => kinds.includes("revocation"))
        .map(({ status }) => status)
    ).toEqual([204])
    expect(filesIn(walked.folder)).toEqual({})
  })

  it("writes no text of whoever comes to the page at which the flow ends", async () => {
    const folder = hostFolder()
    const args = ["verify", "github", "--port", "0", "--json"]
    const running = start(folder, [...args, "--simulator", `http://127.0.0.1:${simulator.port}`], {
      env
    })
    let said = ""
    running.child.stderr.on("data", (part: Buffer) => (said += part.toString()))
    const address = await vi.waitUntil(() => /open (http:\S+\/)/.exec(said)?.[1], {
      timeout: 50_000
    })
    // Nor does a target that no URL is made of end it.
    expect((await fetch(`${address}/`)).status).toBe(404)
    await fetch(`${address}done?status=error&error=Not%20a%20word`)
    const { code, stdout } = await running.ended()
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      steps: [{ step: "connect", outcome: "failed", reason: "unexpected" }]
    })
  })

  it("ends at a person who says no", async () => {
    const walked = await walk(["github"], { decision: "deny" })
    expect(walked.code).toBe(1)
    expect(recordIn(walked)).toMatchObject({
      steps: [{ step: "connect", outcome: "failed", reason: "access_denied" }]
    })
  })

  it("says of a vendor without refresh and revocation that it has none", async () => {
    const walked = await walk(["mailchimp"], {
      variables: { MAILCHIMP_CLIENT_ID: "client", MAILCHIMP_CLIENT_SECRET: clientSecret }
    })
    expect(walked.code).toBe(0)
    expect(recordIn(walked, "mailchimp")).toMatchObject({
      outcome: "passed",
      steps: [
        { outcome: "passed" },
        { step: "refresh", outcome: "none" },
        { step: "call", outcome: "passed" },
        { step: "revoke", outcome: "none" }
      ]
    })
  })

  it("takes the registration of the app in whose folder it runs", async () => {
    const walked = await walk(["github", "--call", "/probe"], {
      variables: {},
      files: {
        "hawser.config.ts": `import { memory, session } from "hawser"
import { github } from "hawser/providers"
export default {
  publicUrl: "https://app.example.com",
  allowedRedirectUrls: ["https://app.example.com/"],
  authenticate: session({ csrf: () => false, resolve: () => null }),
  providers: [github({ clientId: "of-the-app", clientSecret: "a-secret-of-the-app", scopes: ["repo"], callbackPath: "/auth/github" })],
  store: memory()
}`
      }
    })
    expect(walked.code).toBe(0)
    expect(recordIn(walked)).toMatchObject({ scopes: ["repo"], outcome: "passed" })
  })
})

describe("hawser verify says what is missing, and ends with 1", () => {
  it.each([
    ["the client", ["github"], {}, "client_missing", "GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET"],
    ["a provider", ["gihtub"], {}, "provider_unknown", "github"],
    ["a flow", ["datadog"], {}, "no_flow", "API key"],
    [
      "a simulator",
      ["github", "--simulator", "http://127.0.0.1:1"],
      env,
      "simulator_unreachable",
      "127.0.0.1:1"
    ],
    ["a person", ["github", "--timeout", "0"], env, "nobody_came", "Nobody has connected"],
    ["a value of a field", ["github", "--field", "region"], env, "wrong_field", "--field"]
  ])("%s", async (_, args, variables, code, said) => {
    const folder = hostFolder()
    const { answer, code: exit } = await hawserJson(folder, ["verify", ...args, "--port", "0"], {
      env: variables
    })
    expect(exit).toBe(1)
    expect(answer).toMatchObject({
      error: { code, message: expect.stringContaining(said) as string }
    })
    expect(filesIn(folder)).toEqual({})
  })

  it("room for the record", async () => {
    const files = { "verified/github.json": "{}" }
    const folder = hostFolder(files)
    expect(await hawserJson(folder, ["verify", "github"], { env })).toMatchObject({
      code: 1,
      answer: { error: { code: "file_in_the_way" } }
    })
    expect(filesIn(folder)).toEqual(files)
  })
})
