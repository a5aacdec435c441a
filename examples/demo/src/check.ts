import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { pglite, postgres } from "hawser"
import { Browser } from "./browser.ts"
import { dropSchema } from "./drop-schema.ts"
import { encryptionKeyIn } from "./encryption-key.ts"
import { acceptedKey, type Demo, startDemo } from "./host.ts"
import type { DemoUser } from "./users.ts"

/** The story of the page, told without a person: each step says what was seen, and the first that fails ends it. */

const databaseUrl = process.env["DATABASE_URL"] ?? ""
const startedAt = performance.now()
let steps = 0

const step = async (name: string, run: () => Promise<string>): Promise<void> => {
  try {
    const seen = await run()
    steps++
    console.log(`✓ ${name}: ${seen}`)
  } catch (error) {
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  }
}

const expectEqual = (what: string, seen: unknown, wanted: unknown): void => {
  if (isDeepStrictEqual(seen, wanted)) return
  throw new Error(`${what} should be ${JSON.stringify(wanted)} and is ${JSON.stringify(seen)}`)
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const tell = (demo: Demo) => {
  const call = async (
    user: DemoUser,
    method: string,
    path: string,
    body?: object,
    browser = new Browser()
  ): Promise<Answer> => {
    const { token } = (await (await fetch(`${demo.origin}/demo/token?user=${user}`)).json()) as {
      token: string
    }
    const response = await browser.request(`${demo.origin}/v1/integrations${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    return { status: response.status, body: (await response.json()) as Answer["body"] }
  }

  /** Presses Connect and goes through login and consent, up to the callback. */
  const consent = async (
    starter: Browser,
    goer: Browser,
    answer: "allow" | "deny"
  ): Promise<URL> => {
    const started = await call(
      "ada",
      "POST",
      "/acme-projects/connect",
      { redirectUrl: `${demo.origin}/` },
      starter
    )
    expectEqual("connect's status", started.status, 200)
    const pages = [{ name: "grace@acme.test" }, { answer }]
    return goer.goThrough(
      String(started.body["authorizationUrl"]),
      pages,
      `${demo.origin}/v1/integrations/`
    )
  }

  /** Presses Connect, then a button on a simulated provider's page; answers where the browser ends up. */
  const visitSimulated = async (provider: string, decision: "allow" | "deny"): Promise<URL> => {
    const browser = new Browser()
    const body = { redirectUrl: `${demo.origin}/` }
    const started = await call("ada", "POST", `/${provider}/connect`, body, browser)
    expectEqual("connect's status", started.status, 200)
    const authorizationUrl = String(started.body["authorizationUrl"])
    const { url } = await demo.simulator.visit(authorizationUrl, { decision })
    const response = await browser.request(url)
    return new URL(response.headers.get("location") ?? "")
  }

  const listed = async (
    provider: string
  ): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const { body } = await call("max", "GET", `?status=connected&provider=${provider}`)
    return (body["items"] as ReadonlyArray<Readonly<Record<string, unknown>>>)[0]
  }

  return { call, consent, listed, visitSimulated }
}

const story = async (demo: Demo): Promise<void> => {
  const { call, consent, listed, visitSimulated } = tell(demo)
  const heard: Array<string> = []
  await demo.hawser.on(
    "integration.connected",
    { as: "check" },
    ({ event }) => void heard.push(event.data.provider)
  )
  const hears = async (provider: string) => {
    // What else is open on the server may hold an event back until after its worker was woken, and the next poll is far.
    while (!heard.includes(provider)) await demo.hawser.tick()
    expectEqual(
      "the events",
      heard.filter((name) => name === provider),
      [provider]
    )
    return `integration.connected for ${provider}`
  }

  await step("the catalog is public", async () => {
    const response = await fetch(`${demo.origin}/v1/integrations/catalog`)
    const { items } = (await response.json()) as { items: ReadonlyArray<{ provider: string }> }
    const providers = items.map(({ provider }) => provider)
    expectEqual("the providers", providers, [
      "acme-projects",
      "beacon",
      "datadog",
      "github",
      "google",
      "pagerduty",
      "slack"
    ])
    return providers.join(", ")
  })

  await step("a member may not connect", async () => {
    const answer = await call("max", "POST", "/acme-projects/connect", {
      redirectUrl: `${demo.origin}/`
    })
    expectEqual("the answer", [answer.status, answer.body["error"]], [403, "forbidden"])
    return String(answer.body["message"])
  })

  await step("a flow begun in one browser and finished in another is refused", async () => {
    const victim = new Browser()
    const callback = await consent(new Browser(), victim, "allow")
    const response = await victim.request(callback)
    expectEqual("the callback", [response.status, response.headers.get("location")], [400, null])
    expectEqual("the integration", await listed("acme-projects"), undefined)
    return "400, and nothing is connected"
  })

  await step("who presses Deny comes back unconnected", async () => {
    const browser = new Browser()
    const response = await browser.request(await consent(browser, browser, "deny"))
    const location = new URL(response.headers.get("location") ?? "")
    expectEqual(
      "the return",
      location.search,
      "?status=error&provider=acme-projects&error=access_denied"
    )
    return location.href
  })

  await step("who presses Allow comes back connected", async () => {
    const browser = new Browser()
    const response = await browser.request(await consent(browser, browser, "allow"))
    const location = new URL(response.headers.get("location") ?? "")
    expectEqual("the status", location.searchParams.get("status"), "connected")
    return location.href
  })

  await step("the list shows it, with what was granted", async () => {
    const integration = await listed("acme-projects")
    expectEqual("the scopes", integration?.["scopes"], [
      "projects.read",
      "projects.write",
      "offline_access"
    ])
    expectEqual("who connected", integration?.["connectedBy"], "ada")
    return `${String(integration?.["integrationId"])}, connected at ${String(integration?.["connectedAt"])}`
  })

  await step("the host hears of it", () => hears("acme-projects"))

  await step("the host reads the token", async () => {
    const token = await demo.hawser.tenant("acme-inc").connection("acme-projects").token()
    expectEqual("whether there is one", token.token.length > 20, true)
    return `${token.tokenType}, until ${token.expiresAt?.toISOString() ?? "revoked"}`
  })

  await step("a wrong API key is rejected and not stored", async () => {
    const answer = await call("ada", "POST", "/beacon/credentials", {
      credentials: { api_key: "a-wrong-key" }
    })
    expectEqual(
      "the answer",
      [answer.status, answer.body["error"]],
      [422, "credential_validation_failed"]
    )
    return String(answer.body["message"])
  })

  let credentialId: unknown
  await step("the right API key is accepted", async () => {
    const answer = await call("ada", "POST", "/beacon/credentials", {
      credentials: { api_key: acceptedKey }
    })
    expectEqual("the answer", [answer.status, answer.body["status"]], [201, "validated"])
    credentialId = answer.body["credentialId"]
    return String(credentialId)
  })

  await step("it connects, once", async () => {
    const first = await call("ada", "POST", "/beacon/connect", { credentialId })
    const second = await call("ada", "POST", "/beacon/connect", { credentialId })
    expectEqual("the statuses", [first.status, second.status], [200, 409])
    return `${String(first.body["integrationId"])}; a second time: ${String(second.body["error"])}`
  })

  await step("the host hears of that too", () => hears("beacon"))

  await step("who presses Deny at the simulated GitHub comes back unconnected", async () => {
    const { search } = await visitSimulated("github", "deny")
    expectEqual("the return", search, "?status=error&provider=github&error=access_denied")
    return search
  })

  for (const provider of ["github", "slack", "google", "pagerduty"]) {
    await step(`who presses Allow at the simulated ${provider} comes back connected`, async () => {
      const { searchParams } = await visitSimulated(provider, "allow")
      expectEqual("the status", searchParams.get("status"), "connected")
      const integration = await listed(provider)
      return `${await hears(provider)}, with ${JSON.stringify(integration?.["scopes"])}`
    })
  }

  await step("the host calls the simulated GitHub's API", async () => {
    const githubFetch = demo.hawser.tenant("acme-inc").connection("github").fetch
    const { login } = (await (await githubFetch("/user")).json()) as { login: string }
    expectEqual("who it is", login, "octocat")
    return login
  })

  const keys = demo.simulator.fields("datadog")
  await step("the simulated Datadog rejects a wrong key, and nothing is stored", async () => {
    const answer = await call("ada", "POST", "/datadog/credentials", {
      credentials: { ...keys, application_key: "f".repeat(40) }
    })
    expectEqual(
      "the answer",
      [answer.status, answer.body["error"]],
      [422, "credential_validation_failed"]
    )
    return String(answer.body["message"])
  })

  await step("it accepts its own, and connects", async () => {
    const stored = await call("ada", "POST", "/datadog/credentials", { credentials: keys })
    expectEqual("the answer", [stored.status, stored.body["status"]], [201, "validated"])
    const { credentialId } = stored.body
    const connected = await call("ada", "POST", "/datadog/connect", { credentialId })
    expectEqual("the status", connected.status, 200)
    return hears("datadog")
  })

  await step("nothing was sent that a vendor would not have taken", async () => {
    expectEqual("what they object to", demo.simulator.violations, [])
    return "no objection"
  })
}

const folder = await mkdtemp(join(tmpdir(), "hawser-demo-"))
// Never the person's own data: a folder, or a schema, of this run.
const schema = `hawser_demo_check_${crypto.randomUUID().slice(0, 8)}`
console.log(
  databaseUrl === "" ? "Starting PGlite …" : `On the PostgreSQL of DATABASE_URL, schema ${schema} …`
)
try {
  const demo = await startDemo({
    store: databaseUrl === "" ? pglite() : postgres({ url: databaseUrl, schema }),
    encryptionKey: encryptionKeyIn(folder)
  })
  try {
    await story(demo)
  } finally {
    await demo.close()
  }
  console.log(
    `${steps} steps, all as they should be, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  )
} catch {
  console.log(`The story broke off after ${steps} steps.`)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true })
  if (databaseUrl !== "") await dropSchema(databaseUrl, schema)
}
