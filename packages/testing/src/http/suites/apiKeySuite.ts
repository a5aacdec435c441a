import { expect } from "vitest"
import { expectError, expectInvalid, expectOk, integrationId, timestamp } from "../expectations.ts"
import { acceptedKey, connectKey, connectOAuth, storeKey } from "../flows.ts"
import type { Person } from "../Host.ts"
import { apiKey, oauth, otherKey, unlisted } from "../provider/definitions.ts"
import type { Check } from "./Check.ts"

const connect = (person: Person, json: unknown, provider = apiKey) =>
  person.call("POST", `/${provider}/connect`, { json })

const swap = (person: Person, json: unknown, provider = apiKey) =>
  person.call("PUT", `/${provider}/credential`, { json })

const test = async (person: Person, provider = apiKey) => {
  const body = expectOk(await person.call("POST", `/${provider}/test`))
  expect(body["checkedAt"]).toEqual(timestamp)
  return [body["status"], body["reason"]]
}

const neverThere = `crd_${"0".repeat(26)}`

export const apiKeySuite = (check: Check): void => {
  check("connects with a stored key at once", async (host) => {
    const admin = host.admin()
    const credentialId = await storeKey(admin)
    expect(expectOk(await connect(admin, { credentialId }))).toEqual({
      integrationId,
      provider: apiKey,
      status: "connected",
      connectedAt: timestamp
    })
    expectError(await connect(admin, { credentialId }), "409 already_connected")
  })

  check("the redirectUrl, which an API key has no use for, is ignored", async (host) => {
    const admin = host.admin()
    const credentialId = await storeKey(admin)
    expectOk(await connect(admin, { credentialId, redirectUrl: ["https://evil.example"] }))
  })

  check(
    "400 where the credential is missing or no text, 404 where it is not there",
    async (host) => {
      const admin = host.admin()
      for (const act of [connect, swap]) {
        expectInvalid(await act(admin, {}), "credentialId", "missing")
        expectInvalid(await act(admin, { credentialId: 5 }), "credentialId", "invalid")
        expectInvalid(await act(admin, { credentialId: "x\0" }), "credentialId", "invalid")
        expectInvalid(
          await act(admin, { credentialId: "x".repeat(256) }),
          "credentialId",
          "invalid"
        )
        expectInvalid(await act(admin, { credentialId: neverThere, x: 1 }), "x", "unknown")
        for (const credentialId of ["", "nonsense", neverThere]) {
          expectError(await act(admin, { credentialId }), "404 credential_not_found")
        }
      }
    }
  )

  check("of many at once one connects, and the others are 409", async (host) => {
    const admin = host.admin()
    const credentialId = await storeKey(admin)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => connect(admin, { credentialId }))
    )
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 409)])
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(1)
  })

  check("after DELETE it connects again with another key, under the same id", async (host) => {
    const admin = host.admin()
    const first = await connectKey(admin)
    expect((await admin.call("DELETE", `/${apiKey}`)).status).toBe(204)
    // The key that was in use is gone with it.
    const again = await connect(admin, { credentialId: first.credentialId })
    expectError(again, "404 credential_not_found")
    expect((await connectKey(admin)).integrationId).toBe(first.integrationId)
  })

  check("PUT credential swaps the key and keeps the integration", async (host) => {
    const admin = host.admin()
    const { integrationId } = await connectKey(admin)
    const credentialId = await storeKey(admin)
    const body = expectOk(await swap(admin, { credentialId }))
    expect(body).toEqual({
      integrationId,
      provider: apiKey,
      status: "connected",
      connectedAt: timestamp
    })
    // The other key stays stored.
    expect(expectOk(await admin.call("GET", `/${apiKey}/credentials`))["total"]).toBe(2)
  })

  check(
    "S-27 a key of another account is not swapped in, and any may come after a disconnect",
    async (host) => {
      const admin = host.admin()
      const stored = (account: string) => {
        const key = acceptedKey(host)
        host.provider.answerKey(key, "accepted", account)
        return storeKey(admin, apiKey, key)
      }
      const label = async () => expectOk(await admin.call("GET", `/${apiKey}`))["accountLabel"]
      expectOk(await connect(admin, { credentialId: await stored("one") }))
      expect(await label()).toBe("Name of one")
      const other = await stored("two")
      expectError(await swap(admin, { credentialId: other }), "409 account_mismatch")
      expect(await label()).toBe("Name of one")
      expectOk(await swap(admin, { credentialId: await stored("one") }))
      expect((await admin.call("DELETE", `/${apiKey}`)).status).toBe(204)
      expect(await label()).toBe(undefined)
      expectOk(await connect(admin, { credentialId: other }))
      expect(await label()).toBe("Name of two")
    }
  )

  check("a key is taken while the provider does not tell whose it is", async (host) => {
    const admin = host.admin()
    const first = acceptedKey(host)
    host.provider.answerKey(first, "accepted", "first")
    await connectKey(admin, apiKey, first)
    const key = acceptedKey(host)
    host.provider.answerKey(key, "teapot", "another")
    const credentialId = await storeKey(admin, apiKey, key)
    expectOk(await swap(admin, { credentialId }))
    expect(expectOk(await admin.call("GET", `/${apiKey}`))).not.toHaveProperty("accountLabel")
    // The check of the next swap tells it.
    const next = acceptedKey(host)
    host.provider.answerKey(next, "teapot", "another")
    const unverified = await storeKey(admin, apiKey, next)
    host.provider.answerKey(next, "accepted", "another")
    expectOk(await swap(admin, { credentialId: unverified }))
    expect(expectOk(await admin.call("GET", `/${apiKey}`))["accountLabel"]).toBe("Name of another")
  })

  check("a key that its provider rejects meanwhile is not swapped in", async (host) => {
    const admin = host.admin()
    const { credentialId: used } = await connectKey(admin)
    const key = acceptedKey(host)
    const credentialId = await storeKey(admin, apiKey, key)
    host.provider.answerKey(key, "rejected")
    expectError(await swap(admin, { credentialId }), "422 credential_validation_failed")
    const remove = await admin.call("DELETE", `/${apiKey}/credentials/${used}`)
    expectError(remove, "409 credential_in_use")
    expect(await test(admin)).toEqual(["ok", undefined])
  })

  check("there is nothing to swap where nothing is connected, or not by a key", async (host) => {
    const admin = host.admin()
    const credentialId = await storeKey(admin)
    expectError(await swap(admin, { credentialId }), "404 integration_not_found")
    expectError(await swap(admin, { credentialId }, oauth), "400 validation_error")
    await connectKey(admin)
    expectError(await swap(admin, { credentialId }, otherKey), "404 credential_not_found")
  })

  check("test says ok, or why not, and changes nothing", async (host) => {
    const admin = host.admin()
    const key = acceptedKey(host)
    await connectKey(admin, apiKey, key)
    expect(await test(admin)).toEqual(["ok", undefined])
    for (const [answer, reason] of [
      ["rejected", "rejected"],
      ["teapot", "unexpected_answer"],
      ["unreachable", "unreachable"]
    ] as const) {
      host.provider.answerKey(key, answer)
      expect(await test(admin)).toEqual(["failed", reason])
    }
    expect(expectOk(await admin.call("GET", `/${apiKey}`))["status"]).toBe("connected")
  })

  check("test knows a provider that cannot be asked, and OAuth2", async (host) => {
    const admin = host.admin()
    await connectKey(admin, unlisted)
    expect(await test(admin, unlisted)).toEqual(["failed", "not_supported"])
    await connectOAuth(admin)
    expect(await test(admin, oauth)).toEqual(["ok", undefined])
  })

  check("there is nothing to test where nothing is connected", async (host) => {
    const admin = host.admin()
    const call = () => admin.call("POST", `/${apiKey}/test`)
    expectError(await call(), "404 integration_not_found")
    await connectKey(admin)
    await admin.call("DELETE", `/${apiKey}`)
    expectError(await call(), "404 integration_not_found")
  })
}
