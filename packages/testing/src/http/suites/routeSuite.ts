import { expect } from "vitest"
import { expectError } from "../expectations.ts"
import { apiKey, oauth } from "../provider/definitions.ts"
import type { Check } from "./Check.ts"

/** Every path of the contract, and the methods that it answers to. */
const paths: Readonly<Record<string, ReadonlyArray<string>>> = {
  "": ["GET"],
  "/catalog": ["GET"],
  [`/${oauth}`]: ["DELETE", "GET"],
  [`/${oauth}/connect`]: ["POST"],
  [`/${oauth}/callback`]: ["GET", "POST"],
  [`/${oauth}/callback/context`]: ["GET", "POST"],
  [`/${oauth}/complete`]: ["POST"],
  [`/${oauth}/test`]: ["POST"],
  [`/${apiKey}/credentials`]: ["GET", "POST"],
  [`/${apiKey}/credentials/crd_1`]: ["DELETE"],
  [`/${apiKey}/credential`]: ["PUT"]
}

const methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]

export const routeSuite = (check: Check): void => {
  for (const [path, allowed] of Object.entries(paths)) {
    check(`${path === "" ? "/" : path} answers to ${allowed.join(" and ")} only`, async (host) => {
      for (const method of methods.filter((one) => !allowed.includes(one))) {
        const answer = await host.call(method, path)
        const allow = answer.headers.get("allow")?.split(", ").toSorted()
        expect([method, answer.status, allow]).toEqual([method, 405, allowed])
        if (method === "HEAD") expect(answer.text).toBe("")
        else expectError(answer, "405 method_not_allowed")
      }
    })
  }

  check("there is nothing at a path that the contract does not have", async (host) => {
    const admin = host.admin()
    for (const path of [
      `/${oauth}/unknown`,
      `/${oauth}/connect/more`,
      `/${oauth}/Connect`,
      `/${apiKey}/credentials/crd_1/more`,
      "/a/b/c/d"
    ]) {
      for (const method of ["GET", "POST", "DELETE"]) {
        expectError(await admin.call(method, path), "404 not_found")
      }
      expectError(await host.call("GET", path), "404 not_found")
    }
  })

  check("a slash at the end of a path changes nothing", async (host) => {
    expect((await host.call("GET", "/catalog/")).status).toBe(200)
    expect((await host.admin().call("GET", "/")).status).toBe(200)
  })

  check("a provider that is not there is 404, whatever its name", async (host) => {
    for (const id of [
      "nobody",
      "events",
      "audit",
      "__proto__",
      "Conformance-Key",
      "a%2Fb",
      "a%00"
    ]) {
      const admin = host.admin()
      for (const [method, path] of [
        ["GET", ""],
        ["DELETE", ""],
        ["POST", "/connect"],
        ["POST", "/credentials"],
        ["GET", "/credentials"],
        ["PUT", "/credential"],
        ["POST", "/complete"],
        ["POST", "/test"]
      ] as const) {
        expectError(await admin.call(method, `/${id}${path}`), "404 provider_not_found")
      }
    }
  })
}
