import { expect } from "vitest"
import { credentialId, expectError, expectInvalid, expectOk, timestamp } from "../expectations.ts"
import { acceptedKey, connectKey, storeKey } from "../flows.ts"
import type { Person } from "../Host.ts"
import { apiKey, oauth, otherKey, unlisted } from "../provider/definitions.ts"
import { bodyCanary } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

const store = (person: Person, json: unknown, provider = apiKey) =>
  person.call("POST", `/${provider}/credentials`, { json })

const list = async (person: Person, provider = apiKey) =>
  expectOk(await person.call("GET", `/${provider}/credentials`))

export const credentialSuite = (check: Check): void => {
  check(
    "a key that its provider accepts is stored as validated, and never shown again",
    async (host) => {
      const admin = host.admin()
      const key = acceptedKey(host)
      const answer = await store(admin, {
        credentials: { api_key: key, note: "abc" },
        label: "Ops ö"
      })
      const item = {
        credentialId,
        provider: apiKey,
        label: "Ops ö",
        status: "validated",
        createdAt: timestamp
      }
      expect(expectOk(answer, 201)).toEqual(item)
      const listed = await admin.call("GET", `/${apiKey}/credentials`)
      expect(listed.headers.get("cache-control")).toBe("no-store")
      expect(expectOk(listed)).toEqual({ items: [answer.body], total: 1 })
      for (const { text } of [answer, listed]) {
        expect(text).not.toContain(key)
        expect(text).not.toContain(bodyCanary)
      }
    }
  )

  check("the label may be left out", async (host) => {
    const answer = await store(host.admin(), { credentials: { api_key: acceptedKey(host) } })
    expect(expectOk(answer, 201)["label"] ?? null).toBeNull()
  })

  check("a provider that cannot tell leaves it unverified", async (host) => {
    const admin = host.admin()
    host.provider.answerKey("key-teapot", "teapot")
    host.provider.answerKey("key-unreachable", "unreachable")
    for (const [provider, key] of [
      [apiKey, "key-teapot"],
      [apiKey, "key-unreachable"],
      [unlisted, "key-never-asked"]
    ] as const) {
      const answer = await store(admin, { credentials: { api_key: key } }, provider)
      expect(expectOk(answer, 201)["status"]).toBe("unverified")
    }
  })

  check("a key that its provider rejects is 422, and nothing is stored", async (host) => {
    const admin = host.admin()
    const answer = await store(admin, { credentials: { api_key: "canary-rejected" } })
    expectError(answer, "422 credential_validation_failed")
    expect(answer.text).not.toContain("canary")
    expect(await list(admin)).toEqual({ items: [], total: 0 })
  })

  check("400 says which field is wrong, and never what was sent", async (host) => {
    const cases: ReadonlyArray<readonly [unknown, string, string]> = [
      [{}, "credentials", "missing"],
      [{ credentials: "canary" }, "credentials", "invalid"],
      [{ credentials: ["canary"] }, "credentials", "invalid"],
      [{ credentials: {} }, "credentials.api_key", "missing"],
      [{ credentials: { api_key: "" } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: 1 } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: ["canary"] } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: "canary\r\nx: y" } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: "canary\0" } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: "canary\ud800" } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: "x".repeat(16_385) } }, "credentials.api_key", "invalid"],
      [{ credentials: { api_key: "k", canary: "k" } }, "credentials", "unknown"],
      [{ credentials: { api_key: "k", note: "CANARY" } }, "credentials.note", "invalid"],
      [{ credentials: { api_key: "k" }, label: 1 }, "label", "invalid"],
      [{ credentials: { api_key: "k" }, label: "x".repeat(201) }, "label", "invalid"],
      [{ credentials: { api_key: "k" }, label: "x\0" }, "label", "invalid"],
      [{ credentials: { api_key: "k" }, label: "x\ud800" }, "label", "invalid"],
      [{ credentials: { api_key: "k", apiKey: "canary" } }, "credentials.apiKey", "unknown"],
      [{ credentials: { api_key: "k" }, tenantId: "canary" }, "tenantId", "unknown"]
    ]
    for (const [json, path, code] of cases) {
      const admin = host.admin()
      const answer = await store(admin, json)
      expectInvalid(answer, path, code)
      expect(answer.text).not.toMatch(/canary/i)
      expect((await list(admin))["total"]).toBe(0)
    }
  })

  check("as much as a secret and a label may hold is stored", async (host) => {
    const admin = host.admin()
    const key = "x".repeat(16_384)
    host.provider.answerKey(key, "accepted")
    const answer = await store(admin, { credentials: { api_key: key }, label: "ö".repeat(200) })
    expectOk(answer, 201)
  })

  check("a provider that takes no keys is 400", async (host) => {
    const answer = await store(host.admin(), { credentials: { api_key: "k" } }, oauth)
    expectError(answer, "400 validation_error")
  })

  check("several keys are listed, the oldest first, each under its own provider", async (host) => {
    const admin = host.admin()
    const ids = [await storeKey(admin), await storeKey(admin), await storeKey(admin)]
    const other = await storeKey(admin, otherKey)
    const idsOf = (body: object) =>
      (body as { items: ReadonlyArray<{ credentialId: string }> }).items.map(
        (item) => item.credentialId
      )
    expect(idsOf(await list(admin))).toEqual(ids)
    expect(idsOf(await list(admin, otherKey))).toEqual([other])
  })

  check("DELETE destroys a key, once", async (host) => {
    const admin = host.admin()
    const id = await storeKey(admin)
    const remove = () => admin.call("DELETE", `/${apiKey}/credentials/${id}`)
    const removed = await remove()
    expect([removed.status, removed.text]).toEqual([204, ""])
    expectError(await remove(), "404 credential_not_found")
    expect((await list(admin))["total"]).toBe(0)
    const json = { credentialId: id }
    const connect = await admin.call("POST", `/${apiKey}/connect`, { json })
    expectError(connect, "404 credential_not_found")
  })

  check("a key in use is not destroyed until it is left or swapped", async (host) => {
    const admin = host.admin()
    const { credentialId: used } = await connectKey(admin)
    const spare = await storeKey(admin)
    const remove = (id: string) => admin.call("DELETE", `/${apiKey}/credentials/${id}`)
    expectError(await remove(used), "409 credential_in_use")
    expectOk(await admin.call("PUT", `/${apiKey}/credential`, { json: { credentialId: spare } }))
    expectError(await remove(spare), "409 credential_in_use")
    expect((await remove(used)).status).toBe(204)
  })

  check("what is not a credential id was never there", async (host) => {
    const admin = host.admin()
    for (const id of [
      "nonsense",
      `crd_${"0".repeat(26)}`,
      "crd_%00",
      "%F0%9F%92%A9",
      "__proto__"
    ]) {
      const answer = await admin.call("DELETE", `/${apiKey}/credentials/${id}`)
      expectError(answer, "404 credential_not_found")
    }
  })
}
