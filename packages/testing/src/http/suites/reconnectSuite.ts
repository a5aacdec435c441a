import { expect } from "vitest"
import { expectError, expectInvalid, expectOk } from "../expectations.ts"
import { comeBack, connectOAuth, consent, destination, startFlow } from "../flows.ts"
import type { Person } from "../Host.ts"
import { oauth, requiredScope, scopes } from "../provider/definitions.ts"
import { redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

/** Goes through a whole flow; says what the browser is told, and where nothing is wrong the integration's id. */
const connectAs = async (person: Person, account: string, body: object = {}) => {
  const flow = await startFlow(person, { body })
  const { searchParams } = destination(await comeBack(flow, await consent(flow, "allow", account)))
  return searchParams.get("error") ?? searchParams.get("integrationId") ?? ""
}

const reauthorize = { reauthorize: true }

export const reconnectSuite = (check: Check): void => {
  check("while it is connected no other flow begins", async (host) => {
    const admin = host.admin()
    await connectOAuth(admin)
    const json = { redirectUrl: redirectUrls.cookie }
    const answer = await admin.call("POST", `/${oauth}/connect`, { json })
    expectError(answer, "409 already_connected")
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  check("reauthorize is allowed while it is connected, and brings new scopes", async (host) => {
    const admin = host.admin()
    const id = await connectAs(admin, "account-1", { scopes: [requiredScope] })
    expect(expectOk(await admin.call("GET", `/${oauth}`))["scopes"]).toEqual([requiredScope])
    expect(await connectAs(admin, "account-1", reauthorize)).toBe(id)
    expect(expectOk(await admin.call("GET", `/${oauth}`))["scopes"]).toEqual(scopes)
  })

  check(
    "S-102 scopes grow by what is asked for, and what was dropped stays dropped",
    async (host) => {
      const admin = host.admin()
      await connectAs(admin, "account-1")
      const ask = async (body: object) => {
        const { authorizationUrl } = await startFlow(admin, { body: { ...reauthorize, ...body } })
        return authorizationUrl.searchParams.get("scope")?.split(" ")
      }
      const [, otherScope] = scopes
      const dropping = { ...reauthorize, scopes: [requiredScope], replaceScopes: true }
      await connectAs(admin, "account-1", dropping)
      expect(expectOk(await admin.call("GET", `/${oauth}`))).toMatchObject({
        scopes: [requiredScope],
        missingScopes: [otherScope]
      })
      expect(await ask({ scopes: [requiredScope] })).toEqual([requiredScope])
      expect(await ask({ scopes: [otherScope] })).toEqual([requiredScope, otherScope])
      expect(await ask({ scopes: [] })).toEqual([requiredScope])
      expect(await ask({})).toEqual(scopes)
    }
  )

  check("S-102 nobody grows beyond what the host has configured", async (host) => {
    const admin = host.admin()
    await connectOAuth(admin)
    for (const more of [{}, { replaceScopes: true }])
      for (const beyond of ["projects.admin", "*", `${scopes[0]} projects.admin`, "Projects.read"])
        expectInvalid(
          await admin.call("POST", `/${oauth}/connect`, {
            json: {
              redirectUrl: redirectUrls.cookie,
              ...reauthorize,
              ...more,
              scopes: [requiredScope, beyond]
            }
          }),
          "scopes",
          "not_allowed"
        )
  })

  check(
    "S-27 reauthorize with another account is refused, and the old tokens go on",
    async (host) => {
      const admin = host.admin()
      await connectAs(admin, "account-1")
      expect(await connectAs(admin, "account-2", reauthorize)).toBe("account_mismatch")
      expect(expectOk(await admin.call("POST", `/${oauth}/test`))["status"]).toBe("ok")
      const one = expectOk(await admin.call("GET", `/${oauth}`))
      expect([one["status"], one["accountLabel"]]).toEqual(["connected", "Name of account-1"])
    }
  )

  check("reauthorize where nothing is connected connects", async (host) => {
    expect(await connectAs(host.admin(), "account-1", reauthorize)).toMatch(/^int_/)
  })

  check(
    "after a user's own DELETE any account may come, and the integration keeps its id",
    async (host) => {
      const admin = host.admin()
      const id = await connectAs(admin, "account-1")
      expect((await admin.call("DELETE", `/${oauth}`)).status).toBe(204)
      expect(await connectAs(admin, "account-2")).toBe(id)
      expect(expectOk(await admin.call("GET", `/${oauth}`))["accountLabel"]).toBe(
        "Name of account-2"
      )
    }
  )
}
