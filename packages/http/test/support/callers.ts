import { Effect } from "effect"
import { afterEach, beforeEach, vi } from "vitest"
import { type Authentication, makeAuthenticator } from "../../src/index.ts"
import type { Issuer } from "./issuer.ts"
import { type Host, makeWorld, outcomeOf } from "./host.ts"

/** Every test of the file begins at the same second, and moves the clock itself. */
export const atTenOClock = (): void => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T10:00:00Z") })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** What a caller with this token gets for the list of integrations: a status, and for errors the code. */
export const listWith = async (host: Host, token: string): Promise<string> => {
  const response = await host.send("GET", "", { token })
  return response.ok ? String(response.status) : outcomeOf(response)
}

/** The tenant, user and roles that a token stands for. */
export const callerOf = async (authentication: Authentication, issuer: Issuer, token: string) => {
  const principal = Effect.flatMap(makeAuthenticator(authentication), ({ authenticate }) =>
    authenticate({
      method: "GET",
      path: "/",
      query: "",
      header: (name) => (name === "authorization" ? `Bearer ${token}` : null),
      body: async () => new Uint8Array(),
      address: undefined,
      native: undefined,
      toRequest: () => {
        throw new Error("A token is verified without a web request.")
      }
    })
  )
  const { roles, tenantId, userId } = await Effect.runPromise(
    Effect.provide(principal, makeWorld(issuer).layer)
  )
  return { roles, tenantId, userId }
}

/** The setting for which a start is refused, and the sentence. */
export const refusalOf = (authentication: Authentication, issuer: Issuer) =>
  Effect.runPromise(
    makeAuthenticator(authentication).pipe(Effect.provide(makeWorld(issuer).layer), Effect.flip)
  )
