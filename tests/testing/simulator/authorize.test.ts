import { assert, describe, it } from "@effect/vitest"
import { AuthorizationRefused, makeSimulator } from "@hawser/testing/simulator"
import {
  authorizationUrl,
  client,
  codeOf,
  type Fields,
  jsonOf,
  problems,
  redirectUri,
  simulateForge,
  tokenRequest
} from "./support/client.ts"
import { forgeFacts } from "./support/facts.ts"

type Changes = Parameters<typeof simulateForge>[0]

/** The vendor's objection to a request. */
const refusal = async (changes: Changes, url: string): Promise<ReadonlyArray<string>> => {
  const simulator = simulateForge(changes)
  const answer = await simulator.handle(new Request(url))
  assert.strictEqual(answer.status, 400)
  assert.isNull(answer.headers.get("location"))
  assert.isTrue(simulator.violations.every(({ request }) => request === "authorize"))
  return problems(simulator)
}

const accepts = async (changes: Changes, url: string): Promise<void> => {
  const simulator = simulateForge(changes)
  const { url: back } = await simulator.visit(url)
  assert.isNotNull(back.searchParams.get("code"))
  assert.deepStrictEqual(problems(simulator), [])
}

describe("an authorization request", () => {
  it("comes back with code, state, issuer and what the vendor tells besides", async () => {
    const simulator = simulateForge()
    const { method, url } = await simulator.visit(authorizationUrl())
    assert.strictEqual(method, "GET")
    assert.isTrue(url.href.startsWith(`${redirectUri}&`))
    const { code, ...others } = Object.fromEntries(url.searchParams)
    assert.isDefined(code)
    assert.deepStrictEqual(others, {
      kept: "1",
      state: "the state",
      iss: "https://forge.example",
      realm: "r-acme"
    })
    assert.strictEqual(simulator.count("forge", "authorize"), 1)
    assert.deepStrictEqual(problems(simulator), [])
  })

  const broken: ReadonlyArray<readonly [what: string, Fields, problem: string, Changes?]> = [
    ["of an unknown client", { client_id: "other" }, "the client is not registered"],
    ["without client", { client_id: undefined }, "the client is not registered"],
    ["without response_type", { response_type: undefined }, "response_type is missing"],
    ["with another response_type", { response_type: "token" }, "response_type is token, not code"],
    [
      "with a response_type that the vendor does not know",
      {},
      "response_type is code, not left out",
      { authorize: { responseType: null } }
    ],
    ["without redirect_uri", { redirect_uri: undefined }, "redirect_uri is missing"],
    ["with another redirect_uri", { redirect_uri: `${redirectUri}&x=1` }, "is not registered"],
    ["with a longer path", { redirect_uri: "https://app.example/callback/" }, "is not registered"],
    ["with an unknown scope", { scope: "read nothing" }, "nothing is not a scope of the vendor"],
    ["with another separator", { scope: "read,write" }, "read,write is not a scope of the vendor"],
    [
      "with another separator, of scopes that nobody lists",
      { scope: "one,two" },
      "one,two is not a scope of the vendor",
      { scopes: [] }
    ],
    ["without a parameter", { audience: undefined }, "audience is missing, not api.acme"],
    ["with another parameter's value", { audience: "api" }, "audience is api, not api.acme"],
    ["with a refused parameter", { prompt: "none" }, "prompt is there, and the vendor refuses it"],
    [
      "with an unknown parameter",
      { access_type: "x" },
      "the vendor knows no parameter access_type"
    ],
    ["with a parameter twice", { state: ["a", "b"] }, "state is there twice"],
    [
      "without PKCE",
      { code_challenge: undefined, code_challenge_method: undefined },
      "code_challenge is missing"
    ],
    ["with a plain challenge", { code_challenge_method: "plain" }, "is plain, not S256"],
    ["without challenge method", { code_challenge_method: undefined }, "is missing, not S256"],
    ["with a challenge that is none", { code_challenge: "x" }, "code_challenge is not a SHA-256"],
    [
      "with PKCE that the vendor refuses",
      {},
      "code_challenge is there, and the vendor refuses it",
      { authorize: { pkce: "refused" } }
    ],
    [
      "with half of a PKCE that the vendor supports",
      { code_challenge_method: undefined },
      "code_challenge_method is missing",
      { authorize: { pkce: "supported" } }
    ],
    [
      "with a response mode that the vendor does not have",
      { response_mode: "form_post" },
      "response_mode is form_post, not left out"
    ],
    [
      "without the response mode that the vendor is asked for",
      {},
      "response_mode is missing, not form_post",
      { authorize: { responseMode: "form_post" } }
    ],
    [
      "by the standard's name, where the vendor has another",
      {},
      "the vendor knows no parameter client_id",
      { authorize: { names: { client_id: "client_key" } } }
    ],
    [
      "with an unknown scope of the user's",
      { user_scope: "chat nothing" },
      "nothing is not a user scope of the vendor's",
      {
        authorize: { userScopes: { parameter: "user_scope", scopes: ["chat"], defaultScopes: [] } }
      }
    ],
    [
      "in the query, where the vendor reads the fragment",
      {},
      "the parameters are in the query, not in the fragment",
      { authorize: { parametersIn: "fragment" } }
    ],
    [
      "with + for a space, where the vendor takes it for a plus sign",
      {},
      "a space is written as +",
      { authorize: { space: "%20" } }
    ]
  ]
  for (const [what, fields, problem, changes] of broken) {
    it(`${what} ends on an error page`, async () => {
      const found = await refusal(changes, authorizationUrl(fields))
      assert.include(found.join("\n"), problem)
    })
  }

  it("tells all that is wrong at once, on the page too", async () => {
    const simulator = simulateForge()
    const url = authorizationUrl({ audience: "<b>", prompt: "none", state: undefined })
    const page = await (await simulator.handle(new Request(url))).text()
    assert.strictEqual(problems(simulator).length, 2)
    assert.include(page, "audience is &lt;b&gt;, not api.acme")
    assert.include(page, "prompt is there, and the vendor refuses it")
  })

  it("is refused with a percent sign that encodes nothing", async () => {
    const found = await refusal({}, `${authorizationUrl()}&x=%`)
    assert.include(found, "the query is not well-formed")
  })

  const taken: ReadonlyArray<readonly [what: string, Changes, url: string]> = [
    [
      "no PKCE, where it is only supported",
      { authorize: { pkce: "supported" } },
      authorizationUrl({ code_challenge: undefined, code_challenge_method: undefined })
    ],
    [
      "whatever PKCE, where it is ignored",
      { authorize: { pkce: "ignored" } },
      authorizationUrl({ code_challenge_method: "plain" })
    ],
    [
      "no response_type, where the vendor knows none",
      { authorize: { responseType: null } },
      authorizationUrl({ response_type: undefined })
    ],
    [
      "another response_type of the vendor's",
      { authorize: { responseType: "web" } },
      authorizationUrl({ response_type: "web" })
    ],
    ["any scope, where nobody lists them", { scopes: [] }, authorizationUrl({ scope: "whatever" })],
    ["%20 for a space", { authorize: { space: "%20" } }, authorizationUrl().replaceAll("+", "%20")],
    [
      "the parameters in the fragment",
      { authorize: { parametersIn: "fragment" } },
      authorizationUrl().replace("?", "#")
    ],
    [
      "the vendor's own names",
      { authorize: { names: { client_id: "client_key", scope: "scopes" } } },
      authorizationUrl({
        client_id: undefined,
        client_key: client.clientId,
        scope: undefined,
        scopes: "read"
      })
    ],
    [
      "what clients may send to any server",
      {},
      authorizationUrl({ nonce: "n", resource: ["https://a.example", "https://b.example"] })
    ],
    [
      "no redirect_uri, where the vendor has it registered",
      { authorize: { refuses: ["redirect_uri"] } },
      authorizationUrl({ redirect_uri: undefined })
    ]
  ]
  for (const [what, changes, url] of taken) {
    it(`is taken with ${what}`, () => accepts(changes, url))
  }

  it("leaves scopes out, where the vendor does", async () => {
    const simulator = simulateForge({ leavesOutScopes: true })
    const code = await codeOf(simulator, { scope: "read nothing" })
    const { scope } = await jsonOf(simulator.handle(tokenRequest(code)))
    assert.strictEqual(scope, "read")
  })

  it("in a fragment reaches the vendor through the script of a page", async () => {
    const simulator = simulateForge({ authorize: { parametersIn: "fragment" } })
    const page = await simulator.handle(new Request("https://acme.forge.example/authorize"))
    assert.strictEqual(page.status, 200)
    assert.include(await page.text(), "location.hash")
    // In process there is no browser that would keep it back.
    const answer = await simulator.handle(new Request(authorizationUrl().replace("?", "#")))
    assert.strictEqual(answer.status, 303)
  })

  it("has no issuer in its answer, where the vendor promises none or has none", async () => {
    for (const changes of [{ issuer: undefined }, { authorize: { sendsIss: false } }]) {
      const { url } = await simulateForge(changes).visit(authorizationUrl())
      assert.isFalse(url.searchParams.has("iss"))
    }
  })

  it("has its code under the vendor's own name", async () => {
    const simulator = simulateForge({ authorize: { codeParameter: "auth_code" } })
    const { url } = await simulator.visit(authorizationUrl())
    assert.isTrue(url.searchParams.has("auth_code"))
    assert.isFalse(url.searchParams.has("code"))
  })

  it("comes back in a form, where the vendor has it so", async () => {
    const simulator = simulateForge({ authorize: { responseMode: "form_post" } })
    const { form, method, url } = await simulator.visit(
      authorizationUrl({ response_mode: "form_post", state: 'a "state" & <more>' })
    )
    assert.strictEqual(method, "POST")
    assert.strictEqual(url.href, redirectUri)
    assert.strictEqual(form?.get("state"), 'a "state" & <more>')
    assert.isNotNull(form?.get("code"))
  })

  it("may have been pushed before, and then only once its client proved itself", async () => {
    const pushedAuthorizationRequestEndpoint = "https://acme.forge.example/par"
    const simulator = simulateForge({ pushedAuthorizationRequestEndpoint })
    const push = (changes: Parameters<typeof tokenRequest>[1]) =>
      simulator.handle(
        tokenRequest("", {
          url: pushedAuthorizationRequestEndpoint,
          body: new URL(authorizationUrl()).searchParams.toString(),
          ...changes
        })
      )
    const answer = await push({})
    assert.strictEqual(answer.status, 201)
    const { request_uri: reference } = await jsonOf(answer)
    const url = new URL("https://acme.forge.example/authorize")
    url.searchParams.set("client_id", client.clientId)
    url.searchParams.set("request_uri", String(reference))
    const { url: back } = await simulator.visit(url.href)
    assert.strictEqual(back.searchParams.get("state"), "the state")
    assert.deepStrictEqual(problems(simulator), [])

    assert.strictEqual((await push({ headers: { authorization: "Basic eDp5" } })).status, 401)
    assert.strictEqual((await push({ body: "scope=nothing" })).status, 400)
  })
})

describe("the consent page", () => {
  const asking = () => simulateForge({}, { consent: "button" })

  it("shows who asks and for what, without scripts", async () => {
    const page = await (await asking().handle(new Request(authorizationUrl()))).text()
    assert.include(page, '<html lang="en">')
    assert.include(page, "Allow access to your The forge account?")
    assert.include(page, "<code>read</code>")
    assert.include(page, "<code>write</code>")
    assert.include(page, '<button type="submit" name="decision" value="allow">Allow</button>')
    assert.include(page, '<button type="submit" name="decision" value="deny">Deny</button>')
    assert.notInclude(page, "<script")
  })

  it("sends the browser back with a code when Allow is pressed", async () => {
    const { url } = await asking().visit(authorizationUrl())
    assert.isNotNull(url.searchParams.get("code"))
    assert.strictEqual(url.searchParams.get("state"), "the state")
  })

  /** What a browser sends when one of the page's buttons is pressed. */
  const shown = async () => {
    const simulator = asking()
    const page = await (await simulator.handle(new Request(authorizationUrl()))).text()
    const request = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? ""
    return (decision: "allow" | "deny") =>
      simulator.handle(
        new Request("https://acme.forge.example/.simulator/decision", {
          method: "POST",
          body: new URLSearchParams({ request, decision })
        })
      )
  }

  it("sends it back with access_denied when Deny is pressed", async () => {
    const press = await shown()
    const url = new URL((await press("deny")).headers.get("location") ?? "")
    assert.strictEqual(url.searchParams.get("error"), "access_denied")
    assert.strictEqual(url.searchParams.get("state"), "the state")
    assert.isNull(url.searchParams.get("code"))
  })

  it("takes one decision", async () => {
    const press = await shown()
    assert.strictEqual((await press("allow")).status, 303)
    assert.strictEqual((await press("allow")).status, 400)
  })
})

describe("visit", () => {
  for (const consent of ["automatic", "button"] as const) {
    it(`decides as it is told where consent is ${consent}`, async () => {
      const simulator = simulateForge({}, { consent })
      const outcomeOf = async (decision?: "allow" | "deny") => {
        const { url } = await simulator.visit(authorizationUrl(), decision && { decision })
        return url.searchParams.get("error") ?? "allowed"
      }
      assert.strictEqual(await outcomeOf("deny"), "access_denied")
      assert.strictEqual(await outcomeOf("allow"), "allowed")
      assert.strictEqual(await outcomeOf(), "allowed")
      const denyNext = () => simulator.failNext("forge", "authorize", { kind: "access_denied" })
      denyNext()
      assert.strictEqual(await outcomeOf("allow"), "allowed")
      denyNext()
      assert.strictEqual(await outcomeOf(), "access_denied")
    })
  }

  it("rejects with everything that the vendor's error page lists", async () => {
    const simulator = simulateForge()
    const error: unknown = await simulator
      .visit(authorizationUrl({ audience: undefined, scope: "read nothing" }))
      .catch((problem: unknown) => problem)
    assert.instanceOf(error, AuthorizationRefused)
    assert.deepStrictEqual(
      [...error.problems],
      ["nothing is not a scope of the vendor", "audience is missing, not api.acme"]
    )
  })
})

describe("Shopify's callback", () => {
  it("is signed with the client's secret over all other parameters", async () => {
    const simulator = makeSimulator([
      forgeFacts({
        callbackSignature: { parameter: "hmac" },
        issuer: undefined,
        authorize: { callback: { shop: "a" } }
      })
    ])
    simulator.register("forge", { ...client, redirectUris: [redirectUri] })
    const { url } = await simulator.visit(authorizationUrl({ state: "s" }))
    const { hmac, kept: _, ...signed } = Object.fromEntries(url.searchParams)
    const message = Object.entries(signed)
      .map(([name, value]) => `${name}=${value}`)
      .toSorted()
      .join("&")
    const { createHmac } = await import("node:crypto")
    const wanted = createHmac("sha256", client.clientSecret).update(message).digest("hex")
    assert.strictEqual(hmac, wanted)
  })
})
