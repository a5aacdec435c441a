import { answerOf, jsonAnswer, protocolError } from "./answers.ts"
import { type Credential, credentialParameters } from "./credential.ts"
import type { Grant } from "./Ledger.ts"
import { asOtherAccount, otherValues, withOtherAccount } from "./otherAccount.ts"
import { differences, isGraphQl, type Probe } from "./Probe.ts"
import { acceptsJson, headerProblems } from "./Received.ts"
import type { RequestKind, Visit } from "./Simulation.ts"
import { isOAuth2, type Vendor } from "./Vendor.ts"
import { fill, type Values } from "./templates.ts"

/** What a request to a vendor's API is: one that the facts write down whole, or any other. */
export interface ApiCall {
  readonly kinds: ReadonlyArray<RequestKind>
  readonly probe: Probe | undefined
  /** Why it is none of the probes that have its path. */
  readonly problems: ReadonlyArray<string>
}

/**
 * Sorts a request to the API. What has the path of a probe must be that probe, since a vendor would answer otherwise:
 * with another method or query it is refused, not taken for some other call.
 */
export const apiCallOf = (
  { received, vendor }: Pick<Visit, "received" | "vendor">,
  probes: ReadonlyArray<Probe>
): ApiCall => {
  const compared = probes.map((probe) => ({
    probe,
    differences: differences(probe, received, credentialParameters(vendor.facts))
  }))
  const same = compared.filter((one) => one.differences.length === 0).map(({ probe }) => probe)
  const [first] = compared
  const [probe] = same
  if (probe !== undefined) {
    // What a vendor says to a bad token is written down of its check alone.
    const { rejected } = same.find(({ kind }) => kind === "check") ?? probe
    return { kinds: same.map(({ kind }) => kind), probe: { ...probe, rejected }, problems: [] }
  }
  return first === undefined || (first.probe.body !== undefined && isGraphQl(received))
    ? { kinds: ["api"], probe: undefined, problems: [] }
    : {
        kinds: compared.map(({ probe }) => probe.kind),
        probe: undefined,
        problems: first.differences
      }
}

/** Answers a call of the API: its credential must be where the facts say, and good. */
export const callApi = (
  visit: Visit,
  { kinds, probe, problems }: ApiCall,
  credential: Credential,
  isOfApi: boolean
): Response => {
  const { received, simulation, twist, vendor } = visit
  const grant = credential._tag === "Live" ? credential.token?.grant : undefined
  if (twist?.kind === "several_accounts" && grant !== undefined) grant.coversOther = true
  const values = valuesAt(visit, grant)
  const wrong = [
    ...problems,
    ...(credential._tag === "Malformed" ? credential.problems : []),
    ...headerProblems(
      received.headers,
      isOfApi ? withoutNames(vendor.facts.api?.headers, probe?.headers) : {},
      values,
      acceptsJson
    ),
    // This request alone may ask for a type of its own, so `acceptsJson` does not hold for it.
    ...headerProblems(received.headers, probe?.headers, values)
  ]
  if (wrong.length > 0) {
    for (const kind of kinds) simulation.report(vendor, kind, wrong)
    return credential._tag === "Malformed"
      ? protocolError(401, "invalid_token", wrong)
      : protocolError(problems.length > 0 ? 405 : 400, "invalid_request", wrong)
  }
  if (credential._tag !== "Live")
    return answerOf(
      probe?.rejected ??
        vendor.facts.api?.expired?.[0] ?? { status: 401, body: { error: "invalid_token" } }
    )
  if (probe === undefined) return jsonAnswer(200, { ok: true, path: received.url.pathname })
  const isOfOther = twist?.kind === "other_account" || grant?.isOfOther === true
  const body = asAccount(vendor, fill(probe.accepted.body, vendor.values), isOfOther)
  return answerOf({
    ...probe.accepted,
    body:
      grant?.coversOther === true && kinds.includes("discovery") && isOAuth2(vendor)
        ? withOtherAccount(vendor, body)
        : body
  })
}

/** The values in the headers of a call: those of the other account, if the call is for it and the person lets it. */
const valuesAt = ({ received, vendor }: Visit, grant: Grant | undefined): Values => {
  if (grant?.coversOther !== true || !isOAuth2(vendor)) return vendor.values
  const others = otherValues(vendor)
  return headerProblems(received.headers, vendor.facts.api?.headers, others).length === 0
    ? others
    : vendor.values
}

const withoutNames = (
  headers: Readonly<Record<string, string>> = {},
  others: Readonly<Record<string, string>> = {}
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !Object.hasOwn(others, name)))

const asAccount = (vendor: Vendor, body: unknown, isOfOther: boolean): unknown =>
  isOfOther && isOAuth2(vendor) ? asOtherAccount(vendor, body) : body
