import { assert, describe, it } from "@effect/vitest"
import {
  type AuthorizationServerSnapshot,
  canonical,
  ConnectionName,
  CredentialId,
  type FlowTerms,
  GrantId,
  type GrantPlace,
  IntegrationId,
  type NewFlow,
  Owner,
  type ParkedState,
  ProviderId,
  type SealContext,
  type SecretHash,
  TenantId,
  UserId
} from "@hawser/core"
import { Hex } from "effect/encoding"
import type { Part } from "../../packages/core/src/model/Sealed.ts"
import { hashKeyContext } from "../../packages/core/src/vault/KeyedHash.ts"
import { lengthPrefixed } from "../../packages/core/src/vault/lengthPrefixed.ts"
import {
  credentialContext,
  flowContext,
  grantContext,
  parkedContext
} from "../../packages/core/src/vault/sealContexts.ts"

/** A change of each member: a member that is new has to be written down here. */
type Changes<Members extends object> = { readonly [Name in keyof Members]-?: Members[Name] }

const hash = (byte: number) => new Uint8Array(32).fill(byte) as SecretHash
const ulid = (digit: string) => digit.repeat(26)

/** The bytes that are authenticated with a secret. */
const bytesOf = ({ directing, field, owner, provider, recordId, tenantId }: SealContext): string =>
  Hex.encode(canonical([tenantId, owner, provider, recordId, field, directing]))

/** Each of these contexts is another one, and another than the first. */
const allDiffer = (first: SealContext, others: Readonly<Record<string, SealContext>>): void => {
  const seen = new Map([[bytesOf(first), "the first"]])
  for (const [name, context] of Object.entries(others)) {
    const bytes = bytesOf(context)
    assert.isUndefined(seen.get(bytes), `${name} is not sealed with the secret`)
    seen.set(bytes, name)
  }
}

const changedEach = <Members extends object>(
  whole: Members,
  changes: Changes<Members>,
  contextOf: (members: Members) => SealContext
): Readonly<Record<string, SealContext>> =>
  Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, contextOf({ ...whole, [name]: value })])
  )

const place: GrantPlace = {
  tenantId: TenantId.make("acme"),
  owner: Owner.make(""),
  provider: ProviderId.make("forge"),
  name: ConnectionName.make("default"),
  id: GrantId.make(`gnt_${ulid("1")}`),
  integrationId: IntegrationId.make(`int_${ulid("1")}`),
  fields: { region: "eu", site: "acme" },
  clientFingerprint: "fingerprint"
}

describe("S-106 what is sealed with the tokens of a grant", () => {
  it("is each member of their place, and which of the tokens it is", () => {
    const changes: Changes<GrantPlace> = {
      tenantId: TenantId.make("evil"),
      owner: Owner.make("ann"),
      provider: ProviderId.make("mill"),
      name: ConnectionName.make("second"),
      id: GrantId.make(`gnt_${ulid("2")}`),
      integrationId: IntegrationId.make(`int_${ulid("2")}`),
      fields: { region: "us", site: "acme" },
      clientFingerprint: "another"
    }
    allDiffer(grantContext(place, "access_token"), {
      ...changedEach(place, changes, (one) => grantContext(one, "access_token")),
      "another token": grantContext(place, "refresh_token"),
      "a key": grantContext(place, "dpop_key")
    })
  })

  it("is each field by name and value, in whatever order the database gives them", () => {
    const withFields = (fields: GrantPlace["fields"]) =>
      grantContext({ ...place, fields }, "access_token")
    const first = withFields({ region: "eu", site: "acme" })
    assert.strictEqual(bytesOf(withFields({ site: "acme", region: "eu" })), bytesOf(first))
    // By name: what was sealed by an earlier release has to open.
    assert.deepStrictEqual(first.directing[2], ["region", "eu", "site", "acme"])
    allDiffer(first, {
      swapped: withFields({ region: "acme", site: "eu" }),
      renamed: withFields({ region: "eu", host: "acme" }),
      empty: withFields({ region: "eu", site: "" }),
      absent: withFields({ region: "eu" }),
      none: withFields({})
    })
  })
})

it("S-106 an API key is sealed for its tenant, owner, provider and id, and for nothing else's field", () => {
  const key = {
    tenantId: place.tenantId,
    owner: place.owner,
    provider: place.provider,
    id: CredentialId.make(`crd_${ulid("1")}`)
  }
  const changes: Changes<typeof key> = {
    tenantId: TenantId.make("evil"),
    owner: Owner.make("ann"),
    provider: ProviderId.make("mill"),
    id: CredentialId.make(`crd_${ulid("2")}`)
  }
  allDiffer(credentialContext(key), changedEach(key, changes, credentialContext))
  assert.strictEqual(credentialContext(key).field, "fields")
  assert.deepStrictEqual(credentialContext(key).directing, [])
})

const server: Required<AuthorizationServerSnapshot> = {
  issuer: "https://forge.example",
  authorizationEndpoint: "https://forge.example/authorize",
  tokenEndpoint: "https://forge.example/token",
  clientId: "client",
  accountEndpoint: "https://forge.example/user",
  discoveryEndpoint: "https://forge.example/sites",
  introspectionEndpoint: "https://forge.example/introspect",
  tokenExchangeEndpoint: "https://forge.example/exchange",
  pushedAuthorizationRequestEndpoint: "https://forge.example/par",
  responseMode: "form_post",
  resource: ["https://api.forge.example"]
}

const terms: FlowTerms = {
  tenantId: place.tenantId,
  owner: place.owner,
  userId: UserId.make("ann"),
  provider: place.provider,
  name: place.name,
  binding: "cookie",
  redirectUrl: "https://app.example/done",
  redirectUri: "https://api.example/callback",
  server,
  scopes: ["repo", "user"],
  fields: place.fields,
  reauthorizes: false
}

const changedTerms: Changes<FlowTerms> = {
  tenantId: TenantId.make("evil"),
  owner: Owner.make("ann"),
  userId: UserId.make("bob"),
  provider: ProviderId.make("mill"),
  name: ConnectionName.make("second"),
  binding: "complete",
  redirectUrl: "https://evil.example/done",
  redirectUri: "https://api.example/callback/tenant",
  server: { ...server, tokenEndpoint: "https://evil.example/token" },
  scopes: ["repo user"],
  fields: { region: "us", site: "acme" },
  reauthorizes: true
}

describe("S-106 what is sealed with the secrets of a flow", () => {
  const flow: FlowTerms & Pick<NewFlow, "browserHash" | "stateHash"> = {
    ...terms,
    stateHash: hash(1),
    browserHash: hash(2)
  }

  it("is each term, its state and its browser", () => {
    allDiffer(flowContext(flow), {
      ...changedEach(
        flow,
        { ...changedTerms, stateHash: hash(3), browserHash: hash(4) },
        flowContext
      ),
      "no browser": flowContext({ ...flow, browserHash: undefined })
    })
  })

  it("is each member of the server, absent apart from empty", () => {
    const withServer = (one: AuthorizationServerSnapshot) => flowContext({ ...flow, server: one })
    const others: Record<string, SealContext> = {}
    for (const name of Object.keys(server)) {
      const isList = name === "resource"
      others[name] = withServer({ ...server, [name]: isList ? ["other"] : "other" })
      others[`no ${name}`] = withServer({ ...server, [name]: undefined })
      others[`empty ${name}`] = withServer({ ...server, [name]: isList ? [] : "" })
    }
    allDiffer(flowContext(flow), others)
  })

  it("stands under names that stay, or nothing that was sealed before would open", () => {
    const flowIdHash = hash(9)
    const fieldOf = (as: ParkedState) => parkedContext(flow, { as, flowIdHash }).field
    assert.strictEqual(flowContext(flow).field, "flow_secrets")
    assert.strictEqual(fieldOf("parked"), "authorization_response")
    assert.strictEqual(fieldOf("confirming"), "unconfirmed_response")
    assert.strictEqual(fieldOf("choosing"), "unassigned_tokens")
    assert.lengthOf(parkedContext(flow, { as: "parked", flowIdHash }).directing, 9)
    assert.lengthOf(flowContext(flow).directing, 10)
  })

  it("is the same for the response that is parked, apart from which it is", () => {
    const waiting = (one: FlowTerms, as: ParkedState = "parked", flowId = hash(1)) =>
      parkedContext(one, { as, flowIdHash: flowId })
    const parked = waiting(terms)
    allDiffer(parked, {
      ...changedEach(terms, changedTerms, (one) => waiting(one)),
      "another flow id": waiting(terms, "parked", hash(2)),
      "to be confirmed": waiting(terms, "confirming"),
      "to be chosen from": waiting(terms, "choosing"),
      "the flow's secrets": flowContext({ ...flow, browserHash: undefined })
    })
    assert.strictEqual(parked.field, "authorization_response")
    assert.strictEqual(parked.tenantId, terms.tenantId)
  })
})

describe("S-106 the bytes of a context", () => {
  /** Written a second time, and slowly. */
  const bytesOf = (part: Part): Buffer => {
    if (part === undefined) return Buffer.of(0)
    const isText = typeof part === "string"
    const content = isText ? Buffer.from(part) : Buffer.concat(part.map(bytesOf))
    const head = Buffer.of(isText ? 1 : 2, 0, 0, 0, 0)
    head.writeUInt32BE(isText ? content.length : part.length, 1)
    return Buffer.concat([head, content])
  }

  it.each<{ readonly of: string; readonly part: Part }>([
    { of: "texts of one, two, three and four bytes a letter", part: ["a", "ü", "€", "a😀b"] },
    { of: "a letter beyond ASCII after many within", part: `${"a".repeat(300)}é` },
    { of: "half of a pair of surrogates", part: ["\ud83d", "\ude00"] },
    { of: "the longest of what a unit may have", part: "\uffff".repeat(100) },
    { of: "nothing, an empty text and an empty list", part: [undefined, "", [], [[undefined]]] }
  ])("are UTF-8 after their length: $of", ({ part }) => {
    assert.strictEqual(Hex.encode(canonical(part)), bytesOf(part).toString("hex"))
  })
})

describe("S-104 what a keyed hash is of", () => {
  it("has the length of each part in four bytes before it", () => {
    assert.strictEqual(
      Hex.encode(lengthPrefixed(["ab", "", "ü"])),
      ["00000002", "6162", "00000000", "00000002", "c3bc"].join("")
    )
    assert.strictEqual(Hex.encode(lengthPrefixed([])), "")
  })

  it("is hashed under a key that is sealed for nobody's row", () => {
    assert.deepStrictEqual<unknown>(hashKeyContext, {
      tenantId: "",
      owner: "",
      provider: "",
      recordId: "keyed_hash",
      field: "key",
      directing: []
    })
  })
})
