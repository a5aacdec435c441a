import { expect } from "vitest"
import type { Answer } from "../Answer.ts"
import { expectError, expectOk } from "../expectations.ts"
import { connectKey, connectOAuth, storeKey } from "../flows.ts"
import type { Person } from "../Host.ts"
import { apiKey, oauth, otherKey } from "../provider/definitions.ts"
import type { Check } from "./Check.ts"

/** All that a caller sees of an answer, except what is different for every call. */
const seen = ({ headers, status, text }: Answer) => [
  status,
  text,
  [...headers].filter(([name]) => !/^(?:date|x-ratelimit-.*|retry-after)$/.test(name))
]

const neverThere = `crd_${"0".repeat(26)}`

/** Every operation that takes a credential id. */
const withCredential: ReadonlyArray<
  readonly [string, (person: Person, credentialId: string, provider?: string) => Promise<Answer>]
> = [
  [
    "connect",
    (person, credentialId, provider = apiKey) =>
      person.call("POST", `/${provider}/connect`, { json: { credentialId } })
  ],
  [
    "PUT credential",
    (person, credentialId, provider = apiKey) =>
      person.call("PUT", `/${provider}/credential`, { json: { credentialId } })
  ],
  [
    "DELETE credential",
    (person, credentialId, provider = apiKey) =>
      person.call("DELETE", `/${provider}/credentials/${credentialId}`)
  ]
]

export const tenantSuite = (check: Check): void => {
  for (const [name, act] of withCredential) {
    check(`S-58 ${name}: another tenant's credential is one that never was`, async (host) => {
      const [owner, other] = [host.admin(), host.admin()]
      const credentialId = await storeKey(owner)
      // PUT has something to swap.
      await connectKey(other, apiKey)
      const foreign = await act(other, credentialId)
      expectError(foreign, "404 credential_not_found")
      expect(seen(foreign)).toEqual(seen(await act(other, neverThere)))
      expect(expectOk(await owner.call("GET", `/${apiKey}/credentials`))["total"]).toBe(1)
    })

    check(`S-58 ${name}: so is another provider's`, async (host) => {
      const admin = host.admin()
      const credentialId = await storeKey(admin)
      await connectKey(admin, otherKey)
      const foreign = await act(admin, credentialId, otherKey)
      expectError(foreign, "404 credential_not_found")
      expect(seen(foreign)).toEqual(seen(await act(admin, neverThere, otherKey)))
    })
  }

  check("S-57 nothing of another tenant's is seen, tested or ended", async (host) => {
    const [owner, other] = [host.admin(), host.admin()]
    await connectOAuth(owner)
    await connectKey(owner)
    expect(expectOk(await other.call("GET", ""))).toEqual({ items: [], total: 0 })
    expect(expectOk(await other.call("GET", `/${apiKey}/credentials`))["total"]).toBe(0)
    for (const provider of [oauth, apiKey]) {
      for (const [method, path] of [
        ["GET", ""],
        ["POST", "/test"],
        ["DELETE", ""]
      ] as const) {
        expectError(await other.call(method, `/${provider}${path}`), "404 integration_not_found")
      }
    }
    expect(expectOk(await owner.call("GET", "?status=connected"))["total"]).toBe(2)
  })

  check("S-57 another tenant's cursor shows one's own list", async (host) => {
    const [owner, other] = [host.admin(), host.admin()]
    for (const person of [owner, other]) {
      await connectKey(person)
      await connectKey(person, otherKey)
    }
    const { nextCursor } = expectOk(await owner.call("GET", "?limit=1"))
    const query = `?limit=5&cursor=${encodeURIComponent(String(nextCursor))}`
    const { items } = expectOk(await other.call("GET", query))
    const { items: own } = expectOk(await other.call("GET", ""))
    // From that place on, wherever it is among one's own.
    expect(own).toEqual(expect.arrayContaining(items as Array<unknown>))
    expect(items).toContainEqual(expectOk(await other.call("GET", `/${otherKey}`)))
  })

  check("S-59 each tenant connects for itself, whatever the others have", async (host) => {
    const [first, second] = [host.admin(), host.admin()]
    const ids = new Set<string>()
    for (const tenant of [first, second]) {
      ids.add(await connectOAuth(tenant))
      ids.add((await connectKey(tenant)).integrationId)
    }
    expect(ids.size).toBe(4)
    expect((await first.call("DELETE", `/${oauth}`)).status).toBe(204)
    expect(expectOk(await second.call("GET", `/${oauth}`))["status"]).toBe("connected")
  })
}
