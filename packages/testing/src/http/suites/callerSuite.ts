import { expect } from "vitest"
import type { Answer } from "../Answer.ts"
import { expectError, expectOk } from "../expectations.ts"
import { connectKey } from "../flows.ts"
import { sessionCookie } from "../provider/session.ts"
import { apiKey, oauth } from "../provider/definitions.ts"
import type { Check } from "./Check.ts"

const forAdmins = [
  ["POST", `/${oauth}/connect`],
  ["POST", `/${oauth}/complete`],
  ["POST", `/${oauth}/test`],
  ["DELETE", `/${oauth}`],
  ["POST", `/${apiKey}/credentials`],
  ["GET", `/${apiKey}/credentials`],
  ["DELETE", `/${apiKey}/credentials/crd_1`],
  ["PUT", `/${apiKey}/credential`]
] as const

const forMembers = [
  ["GET", ""],
  ["GET", `/${oauth}`]
] as const

const everything = [...forAdmins, ...forMembers]

/** What may differ between two answers that are to look the same. */
const comparable = ({ headers, status, text }: Answer) => [
  status,
  text,
  [...headers].filter(([name]) => !/^(?:date|x-ratelimit-)/.test(name))
]

export const callerSuite = (check: Check): void => {
  check("S-56 every failed authentication is the same 401", async (host) => {
    const admin = host.admin()
    const token = await host.mount.mintToken(admin.claims)
    const [head = "", payload = "", signature = ""] = token.split(".")
    const forged = payload === "" ? "forged" : `${head}.${payload}.${signature.slice(1)}A`
    const answers = new Array<unknown>()
    for (const authorization of [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      "Bearer nonsense",
      `Bearer ${forged}`,
      `Bearer ${token} ${token}`,
      `Basic ${Buffer.from("ada:secret").toString("base64")}`,
      token
    ]) {
      const headers = authorization === undefined ? {} : { authorization }
      for (const [method, path] of everything) {
        const answer = await host.call(method, path, { headers })
        expectError(answer, "401 unauthorized")
        expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"')
        expect(answer.headers.get("x-ratelimit-limit")).toBeNull()
        answers.push(comparable(answer))
      }
    }
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  check("S-08 a cookie alone authenticates nobody", async (host) => {
    const cookie = sessionCookie({ tenantId: "t", userId: "ada", roles: ["admin"] }).join("=")
    for (const [method, path] of everything) {
      expectError(await host.call(method, path, { headers: { cookie } }), "401 unauthorized")
    }
  })

  check("the scheme may be written in any case", async (host) => {
    const token = await host.mount.mintToken(host.admin().claims)
    const headers = { authorization: `bEARER ${token}` }
    expectOk(await host.call("GET", "", { headers }))
  })

  check(
    "S-55 a valid user without a tenant, or without a role, is refused with 403",
    async (host) => {
      const nowhere = host.person({ tenantId: undefined, userId: "ada", roles: ["admin"] })
      const nobody = host.person({ ...host.admin().claims, roles: [] })
      for (const [method, path] of everything) {
        expectError(await nowhere.call(method, path), "403 forbidden")
        expectError(await nobody.call(method, path), "403 forbidden")
      }
    }
  )

  check("a member may look, and nothing else", async (host) => {
    const admin = host.admin()
    const member = admin.member()
    await connectKey(admin)
    for (const [method, path] of forAdmins) {
      expectError(await member.call(method, path), "403 forbidden")
    }
    expect(expectOk(await member.call("GET", ""))["total"]).toBe(1)
    expectOk(await member.call("GET", `/${apiKey}`))
  })

  check("S-55 no header and no query names a tenant", async (host) => {
    const owner = host.admin()
    await connectKey(owner)
    const { tenantId = "" } = owner.claims
    const headers = { "x-tenant-id": tenantId, "x-tenant": tenantId, tenant_id: tenantId }
    const query = `?tenantId=${tenantId}&tenant_id=${tenantId}&tenant=${tenantId}`
    const other = host.admin()
    expect(expectOk(await other.call("GET", query, { headers }))["total"]).toBe(0)
    expectError(
      await other.call("GET", `/${apiKey}${query}`, { headers }),
      "404 integration_not_found"
    )
  })
}
