import { expect, it } from "vitest"
import { checkWithout } from "./changedBy.ts"
import { basicIn } from "./exchanges.ts"
import { hostOf } from "./hostOf.ts"

it("github (OAuth App): answers 200 with an error, and no connection comes of it", async () => {
  await using host = hostOf("github")
  host.simulator.failNext("github", "token", { kind: "invalid_grant" })
  const page = await host.flow()
  expect(host.last("token")).toMatchObject({
    status: 200,
    answer: { error: "bad_verification_code" }
  })
  expect(page.get("error")).toBe("provider_error")
  await expect(host.integration()).rejects.toThrow()
})

it("github (OAuth App): answers JSON only where it is asked for", async () => {
  await using host = hostOf("github")
  await host.connect()
  expect(host.last("token").headers["accept"]).toContain("application/json")
})

it("github (OAuth App): the granted scopes are joined by commas", async () => {
  await using host = hostOf("github", { scopes: ["repo", "read:org"] })
  const { scopes } = await host.connect()
  expect(host.authorizationRequest().get("scope")).toBe("repo read:org")
  expect(host.last("token").answer).toMatchObject({ scope: "repo,read:org" })
  expect(scopes).toEqual(["repo", "read:org"])
  expect(await checkWithout("github", "grantedScopeSeparator")).toMatch(/asked for and not granted/)
})

it("github (OAuth App): a token is ended by DELETE with Basic, and got with the secret in the body", async () => {
  await using host = hostOf("github")
  await host.connect()
  await host.disconnect()
  const revocation = host.last("revocation")
  expect(host.last("token").body).toHaveProperty("client_secret")
  expect(revocation).toMatchObject({ method: "DELETE", status: 204 })
  expect(basicIn(revocation)).toBe("client:secret")
  const { access_token: ended } = host.last("token").answer as { readonly access_token: string }
  expect(host.simulator.liveTokens("github")).not.toContain(ended)
  expect(await checkWithout("github", "revocation.clientAuthentication")).toMatch(
    /authenticates by client_secret_post, and the vendor takes client_secret_basic/
  )
  expect(await checkWithout("github", "revocation.method")).not.toBe("")
})

it("github (App): an installation begun at GitHub comes without state, and leads to a start link", async () => {
  const visit = { code: "code-1", installation_id: "12345678", setup_action: "install" }
  await using host = hostOf("github-app")
  expect(await host.visitCallback(visit)).toMatchObject({
    _tag: "NoFlow",
    installation: { provider: "github-app" }
  })
  // Whoever made the link may have consented as anybody: its code is not used.
  expect(host.simulator.requests).toEqual([])
  await using without = hostOf("github-app", { definition: { installation: undefined } })
  expect(await without.visitCallback(visit)).toEqual({ _tag: "NoFlow" })
  expect(await checkWithout("github-app", "installation")).toMatch(/^installation:/)
})

it("github (App): what is kept is the installation's token of an hour, made with the app's key", async () => {
  await using host = hostOf("github-app")
  const { account, fields } = await host.connect()
  expect(account?.id).toBe("12345678")
  expect(fields).toEqual({ installation_id: "12345678" })
  // The person's own token, which lives eight hours, is only asked which installations are the person's to give, and ended.
  expect(host.last("token").answer).toMatchObject({ expires_in: 28800 })
  expect(host.exchanges("account").map(({ url }) => url.pathname)).toEqual([
    "/user/installations",
    "/user/memberships/orgs/octo-org",
    expect.stringMatching(/^\/applications\/[^/]+\/token$/)
  ])
  expect(host.last("refresh").url.pathname).toBe("/app/installations/12345678/access_tokens")
  expect(await host.lifetime()).toBe(3600)
  await host.refresh()
  expect(host.exchanges("refresh")).toHaveLength(2)
  // Without the code that asks GitHub about the number, no definition may make it the account.
  expect(await checkWithout("github-app", "authKind")).toMatch(
    /\{installation_id\} comes with the browser and is nowhere asked about/
  )
})

it("github (App): the number of an installation that the person may not see makes no connection", async () => {
  await using host = hostOf("github-app")
  const page = await host.flow((parameters) => parameters.set("installation_id", "12345679"))
  expect(page.get("status")).toBe("error")
  expect(host.exchanges("refresh")).toEqual([])
})

it.each([
  ["S-104 an outside collaborator, who sees it all the same", { membership: undefined }],
  ["S-104 a member who is not an owner", { membership: { state: "active", role: "member" } }],
  ["S-104 anybody of whom GitHub does not tell the app", { readsMembers: false }],
  ["S-104 another user", { owner: { id: 1, login: "hubot", type: "User" } }],
  ["S-104 anybody, of an enterprise", { owner: { id: 1, login: "acme", type: "Enterprise" } }]
] as const)("github (App): %s may not bind the installation", async (_who, side) => {
  await using host = hostOf("github-app")
  host.simulator.playGithub("github-app", side)
  expect((await host.flow()).get("error")).toBe("account_not_permitted")
  expect(host.exchanges("refresh")).toEqual([])
  host.simulator.playGithub("github-app", {
    owner: { id: 583231, login: "octocat", type: "User" },
    membership: undefined
  })
  expect((await host.flow()).get("status")).toBe("connected")
})

it("S-104 github (App): permissions that an owner approves later are not taken", async () => {
  await using host = hostOf("github-app")
  host.simulator.playGithub("github-app", { permissions: { contents: "read" } })
  await host.connect()
  host.simulator.playGithub("github-app", { permissions: { contents: "write", issues: "write" } })
  await host.refresh()
  expect(host.last("refresh").answer).toMatchObject({
    permissions: { contents: "read", metadata: "read" }
  })
  host.simulator.playGithub("github-app", { permissions: { contents: "read" } })
  await using asking = hostOf("github-app", { scopes: ["issues:write"] })
  asking.simulator.playGithub("github-app", { permissions: { contents: "read" } })
  expect((await asking.flow()).get("error")).toBe("insufficient_scope")
})

it("gitlab: a missing expires_in is 7200 s", async () => {
  await using host = hostOf("gitlab")
  await host.connect()
  expect(host.last("token").answer).not.toHaveProperty("expires_in")
  expect(host.last("token").answer).toHaveProperty("created_at")
  expect(await host.lifetime()).toBe(7200)
  expect(await checkWithout("gitlab", "defaultTokenLifetime")).toMatch(
    /lifetime should be 7200 and is null/
  )
})

it("gitlab: a refresh token is used once, and the one that came with it is the next", async () => {
  await using host = hostOf("gitlab")
  await host.connect()
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(host.problems()).toEqual([])
})

it("bitbucket: the granted scopes stand in scopes, and fewer than asked for are seen", async () => {
  await using host = hostOf("bitbucket", { scopes: ["account", "repository"] })
  host.simulator.failNext("bitbucket", "token", { kind: "partial_scopes" })
  const page = await host.flow()
  expect(host.last("token").answer).toMatchObject({ scopes: "account" })
  expect(host.last("token").answer).not.toHaveProperty("scope")
  expect(page.get("error")).toBe("insufficient_scope")
  expect(await checkWithout("bitbucket", "tokenResponse.members.scope")).toMatch(
    /should be "insufficient_scope" and is null/
  )
  expect(await checkWithout("bitbucket", "leavesOutScopes")).toMatch(
    /should be "insufficient_scope"/
  )
})

it("bitbucket: a refresh token comes without any scope for it, to a client that uses Basic", async () => {
  await using host = hostOf("bitbucket")
  await host.connect()
  expect(host.authorizationRequest().has("scope")).toBe(false)
  expect(basicIn(host.last("token"))).toBe("client:secret")
  await host.refresh()
  expect(host.last("refresh").status).toBe(200)
})
