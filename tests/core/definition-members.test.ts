import { describe, expect, it } from "vitest"
import { ApiKeyDefinition, OAuth2Definition } from "@hawser/core"
import { readdirSync, readFileSync } from "node:fs"
import { hasMember, membersOf } from "./support/definitionMembers.ts"

/**
 * A member that is accepted and does nothing is worse than none. What a definition of the catalogue uses is changed there, one
 * member at a time, and its check must see it (tests/testing/catalogue/flips.test.ts). What none of them uses stands here,
 * with the test that sees it work, for itself and the members in it.
 */
const seenElsewhere: Readonly<Record<string, string>> = {
  "account.headers":
    "vendor-requests.test.ts › is a GET, or a POST with a body of the definition's",
  "account.id.*.where.equals": "several-accounts.test.ts › is the one that the vendor marks",
  "account.label.*.where.equals": "several-accounts.test.ts › is the one that the vendor marks",
  "api.expired": "expired-answers.test.ts › gets a new token, once, as for 401",
  authorizationParametersIn:
    "authorization-request.test.ts › all parameters in the fragment, behind the query of the endpoint",
  authorizationSpace: "authorization-request.test.ts › a space as %20 instead of +",
  "captures.*.required": "captured-values.test.ts › all that is told at once",
  "captures.*.sameAs": "captured-values.test.ts › sameAs",
  "check.acceptedBody.oneOf": "live-check.test.ts › is what a test wants, of the same type",
  "check.headers":
    "live-check.test.ts › is a POST with a body and headers of the definition's, where it says so",
  "check.rejectedBody.exists": "live-check.test.ts › is what a test wants, of the same type",
  "clientCredentials.defaultTokenLifetime":
    "client-credentials.test.ts › are not believed without limit where nobody tells the end of a token",
  "clientCredentials.headers":
    "vendor-habits.test.ts › wants headers of its own, and hides the token in its answer",
  "clientCredentials.omits":
    "vendor-habits.test.ts › refuses a parameter of the standard, and has names of its own for the others",
  "clientCredentials.parameterNames":
    "vendor-habits.test.ts › refuses a parameter of the standard, and has names of its own for the others",
  "clientCredentials.tokenHeader":
    "vendor-habits.test.ts › wants headers of its own, and hides the token in its answer",
  "clientCredentials.tokenResponse":
    "vendor-habits.test.ts › wants headers of its own, and hides the token in its answer",
  codeParameter: "authorization-request.test.ts › the code in a parameter of another name, once",
  discovery:
    "captures.test.ts › is kept from callback, token response and discovery, and used from then on",
  formerTokenEndpoints: "client-fingerprint.test.ts › formerTokenEndpoints",
  introspection: "token-lifetime.test.ts › is not asked for where the response tells it",
  issParameterSupported:
    "oauth-client.test.ts › S-21 has the right issuer, or none where none was promised",
  parameterNames: "authorization-request.test.ts › its own names for the standard's parameters",
  pushedAuthorizationRequestEndpoint:
    "pushed-and-bound.test.ts › S-28 keeps the endpoint's own query, and has the secret in no URL",
  query:
    "authorized-fetch.test.ts › elsewhere does not take the key of the URL along, even if the API repeats it",
  refreshRequest:
    "vendor-requests.test.ts › another encoding, headers, parameters, names and omissions than of the code",
  refreshResponse:
    "refresh-client.test.ts › stand where the answer to a refresh has them, if that is another place",
  responseMode: "authorization-request.test.ts › responseMode",
  responseType:
    "authorization-request.test.ts › another response type, of whose answer the code alone is taken",
  temporaryErrors:
    "refresh-client.test.ts › S-37 tells by the description what a word means that stands for several things",
  terminalErrors:
    "refresh-client.test.ts › S-37 tells by the description what a word means that stands for several things",
  "tokenRequest.clientAuthentication":
    "vendor-requests.test.ts › S-32 each request proves the client by one method",
  "tokenRequest.unsafelySendsSecretsInUrl":
    "vendor-habits.test.ts › gets the code in the URL, by a member that says that this is unsafe",
  tokenResponse: "token-response.test.ts › is one without what makes a success, whatever the status"
}

const catalog = new URL("../../packages/providers/catalog/", import.meta.url)
const definitions = readdirSync(catalog)
  .filter((file) => file.endsWith(".json") && !file.endsWith(".facts.json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, catalog), "utf8")) as object)

describe("no member of a definition is without a test that sees it work", () => {
  const members = [
    ...new Set([...membersOf(OAuth2Definition.ast), ...membersOf(ApiKeyDefinition.ast)])
  ]
  const unused = members.filter(
    (member) => !definitions.some((definition) => hasMember(definition, member))
  )

  it("reads the members of both kinds", () => {
    expect(members).toContain("tokenRequest.encoding")
    expect(members).toContain("clientCredentials.omits")
    expect(members.length).toBeGreaterThan(150)
  })

  it("each is used by a definition of the catalogue, or by a test that is named here", () => {
    const isNamed = (member: string) =>
      Object.keys(seenElsewhere).some((one) => member === one || member.startsWith(`${one}.`))
    expect(unused.filter((member) => !isNamed(member))).toEqual([])
  })

  it("nothing is named here that the schema does not know", () => {
    expect(Object.keys(seenElsewhere).filter((one) => !members.includes(one))).toEqual([])
  })

  it.each(Object.entries(seenElsewhere))("%s: %s", (_, test) => {
    const [file = "", title = ""] = test.split(" › ")
    expect(readFileSync(new URL(file, import.meta.url), "utf8")).toContain(title)
  })
})
