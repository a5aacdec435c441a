import { memory, type ProviderConfig } from "hawser"
import { afterEach, expect, it } from "vitest"
import {
  connectSimulated,
  type SimulatedHost,
  startSimulatedHost
} from "./support/simulatedHost.ts"

/** How scopes grow at vendors that have a way of their own. */
type Id = "facebook" | "github" | "google" | "microsoft" | "slack"

let host: SimulatedHost

afterEach(() => host.close())

/** A host that has configured these scopes and requires none. */
const start = async (id: Id, more: Partial<ProviderConfig>): Promise<void> => {
  host = await startSimulatedHost(
    memory(),
    [id],
    (config) => ({ ...config, requiredScopes: [], ...more }) as ProviderConfig
  )
}

/** What the vendor is asked for, and what the connection then has. */
const connect = async (id: Id, body: object = {}) => {
  expect(await connectSimulated(host, id, { body })).toMatchObject({ status: "connected" })
  expect(host.simulator.violations).toEqual([])
  const { scopes } = await host.hawser.tenant("acme").connection(id).get()
  const asked = host.simulator.requests.findLast(({ kinds }) => kinds.includes("authorize"))
  return { asked: new URL(asked?.url ?? "").searchParams, scopes }
}

const growing = (...scopes: ReadonlyArray<string>) => ({ reauthorize: true, scopes })

it("S-102 google: include_granted_scopes is sent where scopes are added and none is left out, and brings nothing back", async () => {
  const scopes = ["openid", "gmail.readonly", "drive.readonly"].map((name) =>
    name === "openid" ? name : `https://www.googleapis.com/auth/${name}`
  )
  const [openid = "", mail = "", drive = ""] = scopes
  await start("google", { scopes })
  const first = await connect("google", { scopes: [openid] })
  expect([first.asked.get("include_granted_scopes"), first.scopes]).toEqual([null, [openid]])
  const more = await connect("google", growing(mail))
  expect(more.asked.get("include_granted_scopes")).toBeNull()
  expect(more.scopes).toEqual([openid, mail])
  const all = await connect("google", growing(drive))
  expect(all.asked.get("include_granted_scopes")).toBe("true")
  expect(all.scopes).toEqual(scopes)

  const dropped = await connect("google", { ...growing(openid), replaceScopes: true })
  expect([dropped.asked.get("include_granted_scopes"), dropped.scopes]).toEqual([null, [openid]])
  // Google still knows what was granted before, and is not asked to add it.
  expect((await connect("google", growing(mail))).scopes).toEqual([openid, mail])
})

it("facebook: what a person declined is asked for again", async () => {
  await start("facebook", { scopes: ["public_profile", "email"] })
  host.simulator.failNext("facebook", "authorize", { kind: "partial_scopes" })
  expect((await connect("facebook")).scopes).toEqual(["public_profile"])
  const again = await connect("facebook", growing("email"))
  expect(again.asked.get("auth_type")).toBe("rerequest")
  expect(again.scopes).toEqual(["public_profile", "email"])
})

it("slack: scopes of the app grow beside those of the person, which are asked for whole", async () => {
  await start("slack", {
    scopes: ["chat:write", "channels:read", "files:read"],
    userScopes: ["search:read", "users:read"]
  })
  await connect("slack", { scopes: ["chat:write"] })
  const { asked, scopes } = await connect("slack", growing("files:read"))
  expect(asked.get("scope")).toBe("chat:write,files:read")
  expect(asked.get("user_scope")).toBe("search:read,users:read")
  expect(scopes).toEqual(["chat:write", "files:read"])
})

it("microsoft: the scope that it never names is asked for again, so that the next grant can be refreshed", async () => {
  await start("microsoft", { scopes: ["offline_access", "User.Read", "Mail.Read"] })
  await connect("microsoft", { scopes: ["offline_access", "User.Read"] })
  const { asked, scopes } = await connect("microsoft", growing("Mail.Read"))
  expect(asked.get("scope")).toBe("offline_access User.Read Mail.Read")
  expect(scopes).toEqual(["User.Read", "Mail.Read"])
})

it("github: a scope that another one includes is not missing, though it is not listed", async () => {
  const scopes = ["user", "user:email", "repo", "public_repo"]
  await start("github", { scopes })
  const { asked, scopes: granted } = await connect("github")
  expect(asked.get("scope")).toBe(scopes.join(" "))
  expect(granted).toEqual(["user", "repo"])
  expect(await host.hawser.tenant("acme").connection("github").get()).toMatchObject({
    missingScopes: []
  })
  const { items } = await host.hawser.admin.tenants({ provider: "github", missingScopes: true })
  expect(items).toEqual([])
})
