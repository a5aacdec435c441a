import { once } from "node:events"
import { existsSync, readFileSync, symlinkSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { join } from "node:path"
import { simulatorAt } from "@hawser/testing/simulator"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { encryptionKeyIn } from "../../packages/cli/src/sample/encryptionKeyIn.ts"
import { type CleanUp, hawser, hawserJson, hostFolder, start } from "./support/cli.ts"

/** With whatever cleans up: the first one is shared by the tests of this file, since its start takes seconds. */
const startDev = async (folder: string, cleanUp?: CleanUp) => {
  const args = ["dev", "--port", "0", "--providers", "github,notion"]
  const running = start(folder, args, {}, cleanUp)
  const early = running.ended().then(({ stderr }) => {
    throw new Error(`It ended: ${stderr}`)
  })
  // Where it ends later, as it should, nobody waits for this any more.
  early.catch(() => {})
  const opened = vi.waitUntil(() => /^Open (http:\S+)\/$/m.exec(running.printed())?.[1], {
    timeout: 50_000
  })
  return { ...running, origin: (await Promise.race([opened, early])) ?? "" }
}

const isServed = (origin: string): Promise<boolean> =>
  fetch(origin).then(
    () => true,
    () => false
  )

/** What Ada's page asks. */
const asAda = async (origin: string, method: string, path: string, body?: object) => {
  const { token } = (await (await fetch(`${origin}/demo/token?user=ada`)).json()) as {
    readonly token: string
  }
  return fetch(`${origin}/v1/integrations${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
}

const connected = async (origin: string): Promise<ReadonlyArray<string>> => {
  const { items } = (await (await asAda(origin, "GET", "?status=connected")).json()) as {
    readonly items: ReadonlyArray<{ readonly provider: string }>
  }
  return items.map(({ provider }) => provider)
}

describe("hawser dev", () => {
  let folder: string
  let first: Awaited<ReturnType<typeof startDev>>

  // From an empty folder, as a person does.
  beforeAll(async () => {
    folder = hostFolder({}, afterAll)
    first = await startDev(folder, afterAll)
  })

  it("serves the page and a catalogue of the chosen providers", async () => {
    expect(await (await fetch(`${first.origin}/`)).text()).toContain("<h1>Integrations</h1>")
    const catalog = await fetch(`${first.origin}/v1/integrations/catalog`)
    const { items } = (await catalog.json()) as {
      readonly items: ReadonlyArray<{ readonly provider: string }>
    }
    expect(items.map(({ provider }) => provider)).toEqual(["github", "notion"])
  })

  it("connects by a simulated vendor at the same address, and its inspector shows what the vendor was asked, without secrets", async () => {
    const { origin } = first
    const begun = await asAda(origin, "POST", "/github/connect", { redirectUrl: `${origin}/` })
    const { authorizationUrl } = (await begun.json()) as { readonly authorizationUrl: string }
    expect(new URL(authorizationUrl).port).toBe(new URL(origin).port)
    const [cookie = ""] = begun.headers.getSetCookie()
    const { url } = await simulatorAt(origin).visit(authorizationUrl)
    const returned = await fetch(url, {
      headers: { cookie: cookie.split(";")[0] ?? "" },
      redirect: "manual"
    })
    expect(returned.headers.get("location")).toContain("status=connected")
    const inspector = await (await fetch(`${origin}/demo/inspector`)).text()
    expect(inspector).toContain("https://github.com/login/oauth/access_token")
    expect(inspector).not.toMatch(/code=|state=|client_secret/)
  })

  it("started twice, the second says where the first is, and ends with 1", async () => {
    expect(await hawserJson(folder, ["dev"])).toMatchObject({
      code: 1,
      answer: {
        error: { code: "running_already", message: `It is running already: ${first.origin}/` }
      }
    })
    expect(await isServed(first.origin)).toBe(true)
  })

  it("does not answer under the name of another site, which would read what it says", async () => {
    const asked = request(`${first.origin}/demo/token?user=ada`, {
      headers: { host: "evil.example" }
    })
    const [response] = (await once(asked.end(), "response")) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(421)
  })

  it("lives on after a target that no URL is made of, which any page may ask for", async () => {
    expect((await fetch(`${first.origin}//`)).status).toBe(404)
    expect(await isServed(first.origin)).toBe(true)
  })

  it("ends with SIGTERM, and gives the port and the folder back", async () => {
    first.child.kill("SIGTERM")
    expect(await first.ended()).toMatchObject({ code: 0, stdout: `Open ${first.origin}/\n` })
    expect(await isServed(first.origin)).toBe(false)
    expect(existsSync(join(folder, ".hawser/address"))).toBe(false)
  })

  it("has what was connected after a restart, and ends with Ctrl+C", async () => {
    const again = await startDev(folder)
    expect(await connected(again.origin)).toEqual(["github"])
    again.child.kill("SIGINT")
    expect((await again.ended()).code).toBe(0)
  })
})

it("keeps a folder that it makes out of git, and leaves one that was there to its own rules", () => {
  const folder = hostFolder()
  const made = join(folder, "made")
  const key = encryptionKeyIn(made)
  expect(encryptionKeyIn(made)).toBe(key)
  expect(readFileSync(join(made, ".gitignore"), "utf8")).toBe("*\n")
  encryptionKeyIn(folder)
  expect(existsSync(join(folder, ".gitignore"))).toBe(false)
})

it("makes its key through no link, and over no file", () => {
  const folder = hostFolder()
  symlinkSync(join(folder, "elsewhere"), join(folder, "encryption-key"))
  expect(() => encryptionKeyIn(folder)).toThrow("EEXIST")
  expect(existsSync(join(folder, "elsewhere"))).toBe(false)
})

it("names the provider that is meant, where one is misspelt", async () => {
  const { code, stderr } = await hawser(hostFolder(), ["dev", "--providers", "github,slakc"])
  expect(code).toBe(1)
  expect(stderr).toContain("The catalogue has no provider slakc. Do you mean slack?")
})

it("providers search and show find a provider, its endpoints and its sources", async () => {
  const folder = hostFolder()
  const found = await hawserJson(folder, ["providers", "search", "pagerduty"])
  expect(found).toMatchObject({
    code: 0,
    answer: { items: [{ id: "pagerduty", authType: "oauth2" }, { id: "pagerduty-api-key" }] }
  })
  const shown = await hawser(folder, ["providers", "show", "github"])
  expect(shown.stdout).toContain("tokenEndpoint: https://github.com/login/oauth/access_token")
  expect(shown.stdout).toContain("https://docs.github.com/")
  expect((await hawser(folder, ["providers", "search", "no-such-thing"])).code).toBe(1)
})
