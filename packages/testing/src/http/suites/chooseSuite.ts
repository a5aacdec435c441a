import { expect } from "vitest"
import type { Answer } from "../Answer.ts"
import { expectError, expectInvalid, expectOk, integrationId, timestamp } from "../expectations.ts"
import { comeBack, consent, destination, startFlow } from "../flows.ts"
import type { Person } from "../Host.ts"
import { oauth, withSites } from "../provider/definitions.ts"
import type { redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

const sites = "site-1,site-2"
const listOfSites = [
  { id: "site-1", label: "Name of site-1" },
  { id: "site-2", label: "Name of site-2" }
]

const complete = (person: Person, flowId: string, account?: string, provider = withSites) =>
  person.call("POST", `/${provider}/complete`, {
    json: { flowId, ...(account !== undefined && { account }) }
  })

/** A whole consent to several sites; the page that the browser comes to. */
const consented = async (
  person: Person,
  {
    binding = "cookie",
    body = {},
    site = sites
  }: {
    readonly binding?: keyof typeof redirectUrls
    readonly body?: object
    readonly site?: string
  } = {}
): Promise<URL> => {
  const flow = await startFlow(person, { provider: withSites, binding, body })
  return destination(await comeBack(flow, await consent(flow, "allow", site)))
}

const flowIdIn = ({ hash }: URL): string => {
  const flowId = new URLSearchParams(hash.slice(1)).get("flowId") ?? ""
  expect(flowId).toMatch(/^[\w-]{43}$/)
  return flowId
}

/** The flow id of an answer that lists the sites. */
const listed = (answer: Answer): string => {
  const { choices, error, flowId, message, ...others } = answer.body
  expect([answer.status, error, choices, others]).toEqual([
    409,
    "account_choice_required",
    listOfSites,
    {}
  ])
  expect(message).toMatch(/Choose/)
  expect(flowId).toMatch(/^[\w-]{43}$/)
  return String(flowId)
}

export const chooseSuite = (check: Check): void => {
  for (const binding of ["cookie", "session"] as const)
    check(
      `S-89 with ${binding} the browser returns to choose, and a pick connects`,
      async (host) => {
        const admin = host.admin()
        const url = await consented(admin, { binding })
        expect(url.searchParams.get("status")).toBe("choose")
        expect(url.searchParams.get("provider")).toBe(withSites)
        expect(url.search).not.toContain("flowId")
        expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
        const first = flowIdIn(url)
        const flowId = listed(await complete(admin, first))
        expect(flowId).not.toBe(first)
        expect(expectOk(await complete(admin, flowId, "site-2"))).toEqual({
          integrationId,
          provider: withSites,
          status: "connected",
          connectedAt: timestamp
        })
        const item = expectOk(await admin.call("GET", `/${withSites}`))
        expect(item["accountLabel"]).toBe("Name of site-2")
      }
    )

  check("S-89 with complete the call of complete lists the sites", async (host) => {
    const admin = host.admin()
    const url = await consented(admin, { binding: "complete" })
    expect(url.searchParams.get("status")).toBe("pending")
    const flowId = listed(await complete(admin, flowIdIn(url)))
    expectOk(await complete(admin, flowId, "site-1"))
  })

  check("one site alone is connected without asking", async (host) => {
    const url = await consented(host.admin(), { site: "site-2" })
    expect(url.searchParams.get("status")).toBe("connected")
  })

  check("S-89 each flow id is good for one call, that of the list too", async (host) => {
    const admin = host.admin()
    const first = flowIdIn(await consented(admin))
    const second = listed(await complete(admin, first))
    expectError(await complete(admin, first), "404 flow_not_found")
    const third = listed(await complete(admin, second))
    expectError(await complete(admin, second, "site-1"), "404 flow_not_found")
    expectOk(await complete(admin, third, "site-1"))
    expectError(await complete(admin, third, "site-2"), "404 flow_not_found")
  })

  check("S-89 of 50 picks at once one connects", async (host) => {
    const admin = host.admin()
    const flowId = listed(await complete(admin, flowIdIn(await consented(admin))))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => complete(admin, flowId, `site-${(index % 2) + 1}`))
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(49)
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(1)
  })

  check("S-89 an account that was not listed ends the flow", async (host) => {
    const admin = host.admin()
    const flowId = listed(await complete(admin, flowIdIn(await consented(admin))))
    const answer = await complete(admin, flowId, "site-3")
    expectError(answer, "400 validation_error")
    expect(answer.body["reason"]).toBe("account_not_permitted")
    expectError(await complete(admin, flowId, "site-1"), "404 flow_not_found")
    expect(expectOk(await admin.call("GET", ""))["total"]).toBe(0)
  })

  const strangers: ReadonlyArray<readonly [string, (admin: Person) => Person]> = [
    ["another admin of the tenant", (admin) => admin.colleague()],
    ["the same user of another tenant", ({ host }) => host.admin()]
  ]
  for (const [who, stranger] of strangers)
    check(`S-89 ${who} neither sees nor picks, and burns the flow id`, async (host) => {
      for (const account of [undefined, "site-1"]) {
        const admin = host.admin()
        const flowId = flowIdIn(await consented(admin))
        expectError(await complete(stranger(admin), flowId, account), "404 flow_not_found")
        expectError(await complete(admin, flowId, account), "404 flow_not_found")
      }
    })

  check("S-89 under another provider it is not found, and burned", async (host) => {
    const admin = host.admin()
    const flowId = flowIdIn(await consented(admin))
    expectError(await complete(admin, flowId, "site-1", oauth), "404 flow_not_found")
    expectError(await complete(admin, flowId, "site-1"), "404 flow_not_found")
  })

  check("S-89 who has become a member is refused, and may come again as an admin", async (host) => {
    const admin = host.admin()
    const flowId = flowIdIn(await consented(admin))
    const demoted = host.person({ ...admin.claims, roles: ["member"] })
    expectError(await complete(demoted, flowId, "site-1"), "403 forbidden")
    expectOk(await complete(admin, flowId, "site-1"))
  })

  check(
    "S-27 to reauthorize takes the site of before, and misses it if it is gone",
    async (host) => {
      const admin = host.admin()
      expectOk(await complete(admin, flowIdIn(await consented(admin)), "site-2"))
      const again = await consented(admin, { body: { reauthorize: true } })
      expect(again.searchParams.get("status")).toBe("connected")
      const gone = await consented(admin, { body: { reauthorize: true }, site: "site-1,site-3" })
      expect(gone.searchParams.get("error")).toBe("account_mismatch")
      const item = expectOk(await admin.call("GET", `/${withSites}`))
      expect([item["status"], item["accountLabel"]]).toEqual(["connected", "Name of site-2"])
    }
  )

  check("400 for an account that cannot be one", async (host) => {
    const admin = host.admin()
    for (const account of ["", 1, null, ["site-1"], "x".repeat(256), "\0"]) {
      const json = { flowId: "x", account }
      const answer = await admin.call("POST", `/${withSites}/complete`, { json })
      expectInvalid(answer, "account", "invalid")
    }
  })
}
