import { describe, expect, it } from "vitest"
import { storeKey } from "./support/flow.ts"
import { bodyOf, gauge, type Host, makeHost, outcomeOf } from "./support/host.ts"

interface Page {
  readonly items: ReadonlyArray<{ readonly provider: string; readonly status: string }>
  readonly total: number
  readonly nextCursor?: string
}

const names = ["a", "b", "c", "d", "e"]

/** A host whose tenant has connected five providers, and another tenant one of them. */
const connected = async () => {
  const host = await makeHost({
    providers: [
      gauge,
      ...names.map((name) => ({ definition: { ...gauge.definition, id: name as never } }))
    ]
  })
  const connect = async (name: string, token: string) => {
    const stored = await host.send("POST", `/${name}/credentials`, {
      token,
      json: { credentials: { api_key: "good-key" } }
    })
    const { credentialId } = await bodyOf<{ credentialId: string }>(stored)
    await host.send("POST", `/${name}/connect`, { token, json: { credentialId } })
  }
  for (const name of names) await connect(name, await host.issuer.token())
  await connect("c", await host.issuer.token({ tenant_id: "tenant-2" }))
  return host
}

const list = async (host: Host, query: string, claims = {}) =>
  host.send("GET", query, { token: await host.issuer.token(claims) })

const page = async (host: Host, query: string, claims = {}): Promise<Page> => {
  const response = await list(host, query, claims)
  expect(response.status).toBe(200)
  return bodyOf<Page>(response)
}

const providersOf = ({ items }: Page) => items.map(({ provider }) => provider).join("")

describe("paging of the list", () => {
  it("goes through all, each once, in order; the total is that of all", async () => {
    const host = await connected()
    const seen: Array<string> = []
    let cursor = ""
    for (;;) {
      const one: Page = await page(host, `?limit=2${cursor}`)
      seen.push(providersOf(one))
      expect(one.total).toBe(5)
      if (one.nextCursor === undefined) break
      cursor = `&cursor=${encodeURIComponent(one.nextCursor)}`
    }
    expect(seen).toEqual(["ab", "cd", "e"])
  })

  it("has no next page where the last one is exactly full", async () => {
    const host = await connected()
    expect(await page(host, "?limit=5")).not.toHaveProperty("nextCursor")
    expect(await page(host, "?limit=100")).not.toHaveProperty("nextCursor")
    expect(await page(host, "?limit=4")).toHaveProperty("nextCursor")
  })

  it("has no next page where no limit was sent, with a cursor and without", async () => {
    const host = await connected()
    expect(await page(host, "")).not.toHaveProperty("nextCursor")
    const { nextCursor } = await page(host, "?limit=1")
    const rest = await page(host, `?cursor=${nextCursor}`)
    expect([providersOf(rest), rest.total]).toEqual(["bcde", 5])
    expect(rest).not.toHaveProperty("nextCursor")
  })

  it("works together with the filters", async () => {
    const host = await connected()
    await host.send("DELETE", "/b", { token: await host.issuer.token() })
    const first = await page(host, "?status=connected&limit=2")
    expect([providersOf(first), first.total]).toEqual(["ac", 4])
    const second = await page(host, `?status=connected&limit=2&cursor=${first.nextCursor}`)
    expect(providersOf(second)).toBe("de")
    expect(await page(host, "?provider=b&limit=1")).toMatchObject({ total: 1 })
  })

  it("goes on where the item of the cursor went meanwhile", async () => {
    const host = await connected()
    const first = await page(host, "?status=connected&limit=2")
    await host.send("DELETE", "/b", { token: await host.issuer.token() })
    const second = await page(host, `?status=connected&limit=2&cursor=${first.nextCursor}`)
    expect(providersOf(second)).toBe("cd")
  })

  it("S-57 another tenant's cursor shows one's own", async () => {
    const host = await connected()
    const { nextCursor } = await page(host, "?limit=1")
    const other = await page(host, `?limit=5&cursor=${nextCursor}`, { tenant_id: "tenant-2" })
    expect([providersOf(other), other.total]).toEqual(["c", 1])
    expect(nextCursor).not.toContain("tenant")
    expect(atob(nextCursor ?? "")).not.toContain("tenant")
  })

  it.each(["0", "-1", "101", "1.5", "", "x", "NaN", "Infinity", "1e9", "2&limit=2", "%00"])(
    "400 for the limit %s",
    async (limit) => {
      const host = await makeHost()
      expect(await outcomeOf(await list(host, `?limit=${limit}`))).toBe("400 validation_error")
    }
  )

  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
  it.each([
    ["empty", ""],
    ["no base64", "!!!"],
    ["no JSON", Buffer.from("x").toString("base64url")],
    ["another shape", encoded({ provider: "a" })],
    ["too few", encoded(["a"])],
    ["too many", encoded(["a", "default", "tenant-1"])],
    ["no provider", encoded(["A'; --", "default"])],
    ["no text", encoded(["a", 1])],
    ["empty text", encoded(["a", ""])],
    // PostgreSQL would refuse the statement, and the caller would see a 503.
    ["NUL", encoded(["a", "\0"])],
    ["a lone surrogate", Buffer.from('["a","\\ud800"]').toString("base64url")],
    ["too long", encoded(["a", "x".repeat(1024)])],
    ["longer than any of ours", encoded(["a", "x".repeat(256)])]
  ])("400 for a cursor that is %s", async (_, cursor) => {
    const host = await makeHost()
    await storeKey(host)
    for (const query of [`?cursor=${cursor}`, `?limit=2&cursor=${cursor}`]) {
      expect(await outcomeOf(await list(host, query))).toBe("400 validation_error")
    }
  })
})
