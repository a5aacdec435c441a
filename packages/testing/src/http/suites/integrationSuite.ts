import { expect } from "vitest"
import { expectError, expectOk, timestamp } from "../expectations.ts"
import { connectKey, connectOAuth } from "../flows.ts"
import type { Person } from "../Host.ts"
import {
  apiKey,
  oauth,
  otherKey,
  requiredScope,
  scopes,
  unlisted
} from "../provider/definitions.ts"
import type { Check } from "./Check.ts"

interface List {
  readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly total: number
  readonly nextCursor?: string
}

const list = async (person: Person, query = "") =>
  expectOk(await person.call("GET", query)) as unknown as List

const providersOf = ({ items }: List) => items.map(({ provider }) => provider)

/** In the order of the list. */
const keys = [apiKey, otherKey, unlisted].toSorted()

const connectAll = async (person: Person) => {
  for (const provider of keys) await connectKey(person, provider)
}

export const integrationSuite = (check: Check): void => {
  check("a tenant that has connected nothing has an empty list", async (host) => {
    expect(await list(host.admin())).toEqual({ items: [], total: 0 })
  })

  check(
    "the list shows each, with its scopes and account, as one is shown by itself",
    async (host) => {
      const admin = host.admin()
      const { integrationId } = await connectKey(admin)
      const oauthId = await connectOAuth(admin)
      const common = {
        connectedBy: admin.claims.userId,
        connectedAt: timestamp,
        status: "connected",
        name: "default",
        owner: "tenant"
      }
      const expected = [
        {
          ...common,
          integrationId,
          provider: apiKey,
          scopes: [],
          missingScopes: []
        },
        {
          ...common,
          integrationId: oauthId,
          provider: oauth,
          scopes,
          missingScopes: [],
          accountLabel: "Name of account-1"
        }
      ]
      expect(await list(admin.member())).toEqual({ items: expected, total: 2 })
      expect(expectOk(await admin.call("GET", `/${apiKey}`))).toEqual(expected[0])
      expect(expectOk(await admin.member().call("GET", `/${oauth}`))).toEqual(expected[1])
    }
  )

  check("the list and the one say which configured scopes the grant lacks", async (host) => {
    const admin = host.admin()
    await connectOAuth(admin, { body: { scopes: [requiredScope] } })
    const missingScopes = scopes.filter((scope) => scope !== requiredScope)
    expect((await list(admin)).items).toMatchObject([{ scopes: [requiredScope], missingScopes }])
    expect(expectOk(await admin.call("GET", `/${oauth}`))).toMatchObject({ missingScopes })
    await connectOAuth(admin, { body: { reauthorize: true } })
    expect(expectOk(await admin.call("GET", `/${oauth}`))).toMatchObject({ missingScopes: [] })
    // Without a grant there is nothing that could lack one.
    await admin.call("DELETE", `/${oauth}`)
    expect((await list(admin)).items).toMatchObject([{ scopes: [], missingScopes: [] }])
  })

  check("error filters the list", async (host) => {
    const admin = host.admin()
    await connectAll(admin)
    for (const error of [
      "refresh_failed",
      "provider_unavailable",
      "credential_rejected",
      "insufficient_scope",
      "grant_revoked"
    ])
      expect(await list(admin, `?error=${error}`)).toEqual({ items: [], total: 0 })
  })

  check("status and provider filter the list", async (host) => {
    const admin = host.admin()
    await connectAll(admin)
    await admin.call("DELETE", `/${otherKey}`)
    expect(providersOf(await list(admin))).toEqual(keys)
    expect(providersOf(await list(admin, "?status=connected"))).toEqual([apiKey, unlisted])
    expect(providersOf(await list(admin, "?status=disconnected"))).toEqual([otherKey])
    expect(await list(admin, "?status=error")).toEqual({ items: [], total: 0 })
    expect(providersOf(await list(admin, `?provider=${unlisted}`))).toEqual([unlisted])
    expect(await list(admin, "?provider=nobody")).toEqual({ items: [], total: 0 })
    expect(await list(admin, `?provider=${otherKey}&status=connected`)).toMatchObject({ total: 0 })
  })

  check("pages go through all, each once; the total is that of all", async (host) => {
    const admin = host.admin()
    await connectAll(admin)
    const first = await list(admin, "?limit=2")
    expect([providersOf(first), first.total]).toEqual([keys.slice(0, 2), 3])
    const cursor = encodeURIComponent(first.nextCursor ?? "")
    const last = await list(admin, `?limit=2&cursor=${cursor}`)
    expect(last).toEqual({ items: [expect.objectContaining({ provider: keys[2] })], total: 3 })
    expect(await list(admin, "?limit=3")).not.toHaveProperty("nextCursor")
    expect(await list(admin, `?cursor=${cursor}`)).not.toHaveProperty("nextCursor")
    expect(await list(admin)).not.toHaveProperty("nextCursor")
  })

  check("400 for a query that is not valid", async (host) => {
    const admin = host.admin()
    for (const query of [
      "?status=unknown",
      "?status=",
      "?error=unknown",
      "?error=",
      "?error=misconfigured",
      "?status=connected&status=error",
      "?provider=a&provider=b",
      "?limit=0",
      "?limit=101",
      "?limit=1.5",
      "?limit=",
      "?limit=x",
      "?limit=1&limit=2",
      "?cursor=",
      "?cursor=nonsense",
      "?limit=2&cursor=%00"
    ]) {
      expectError(await admin.call("GET", query), "400 validation_error")
    }
  })

  check("404 for one that was never connected", async (host) => {
    const admin = host.admin()
    for (const [method, path] of [
      ["GET", `/${oauth}`],
      ["GET", `/${apiKey}`],
      ["DELETE", `/${oauth}`],
      ["DELETE", `/${apiKey}`],
      ["POST", `/${oauth}/test`]
    ] as const) {
      expectError(await admin.call(method, path), "404 integration_not_found")
    }
  })

  check("DELETE disconnects at once, and destroys the key in use", async (host) => {
    const admin = host.admin()
    const { integrationId } = await connectKey(admin)
    const answer = await admin.call("DELETE", `/${apiKey}`)
    expect([answer.status, answer.text]).toEqual([204, ""])
    expect(expectOk(await admin.call("GET", `/${apiKey}`))).toMatchObject({
      integrationId,
      status: "disconnected"
    })
    expect(expectOk(await admin.call("GET", `/${apiKey}/credentials`))["total"]).toBe(0)
    expectError(await admin.call("DELETE", `/${apiKey}`), "404 integration_not_found")
  })

  check("DELETE disconnects OAuth2 as well", async (host) => {
    const admin = host.admin()
    await connectOAuth(admin)
    expect((await admin.colleague().call("DELETE", `/${oauth}`)).status).toBe(204)
    expectError(await admin.call("POST", `/${oauth}/test`), "404 integration_not_found")
    expect(providersOf(await list(admin, "?status=connected"))).toEqual([])
  })
}
