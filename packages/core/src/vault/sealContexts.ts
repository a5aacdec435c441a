import {
  type AuthorizationServerSnapshot,
  base64Url,
  type FlowTerms,
  type IntegrationId,
  type NewFlow,
  type ParkedFlow,
  type ParkedState,
  type Part,
  type SealContext,
  type SealedGrant,
  type SecretHash,
  type TenantFields,
  type IntegrationKey
} from "../model/index.ts"
import type { CredentialKey } from "../services/index.ts"

/**
 * The context of a grant's tokens. It is the same in use, in quarantine and in the revocation queue, so moving the tokens
 * between these cannot change where they are sent.
 */
export interface GrantPlace extends IntegrationKey, Pick<SealedGrant, "id" | "clientFingerprint"> {
  readonly integrationId: IntegrationId
  /** The values in the URLs that they are sent to. */
  readonly fields: TenantFields
}

/** The sealed values of a grant, by field. */
export type GrantField = "access_token" | "refresh_token" | "dpop_key"

export const grantContext = (place: GrantPlace, field: GrantField): SealContext => ({
  tenantId: place.tenantId,
  owner: place.owner,
  provider: place.provider,
  recordId: place.id,
  field,
  directing: [place.name, place.integrationId, fieldsPart(place.fields), place.clientFingerprint]
})

/** An API key is sealed together with its fields, so nothing outside the sealed value decides where it is sent. */
export const credentialContext = ({
  id,
  owner,
  provider,
  tenantId
}: CredentialKey): SealContext => ({
  tenantId,
  owner,
  provider,
  recordId: id,
  field: "fields",
  directing: []
})

/** The secrets of a flow that waits for its callback. */
export const flowContext = (
  flow: FlowTerms & Pick<NewFlow, "browserHash" | "stateHash">
): SealContext =>
  contextOfFlow(flow, flow.stateHash, "flow_secrets", [
    flow.browserHash === undefined ? undefined : base64Url(flow.browserHash)
  ])

const parkedFields: Readonly<Record<ParkedState, string>> = {
  parked: "authorization_response",
  confirming: "unconfirmed_response",
  choosing: "unassigned_tokens"
}

/** What waits of a parked flow. Each state has a field of its own, so what waits to be confirmed does not open as confirmed. */
export const parkedContext = (
  flow: FlowTerms,
  { as, flowIdHash }: Pick<ParkedFlow, "as" | "flowIdHash">
): SealContext => contextOfFlow(flow, flowIdHash, parkedFields[as])

const contextOfFlow = (
  flow: FlowTerms,
  hash: SecretHash,
  field: string,
  more: ReadonlyArray<Part> = []
): SealContext => ({
  tenantId: flow.tenantId,
  owner: flow.owner,
  provider: flow.provider,
  recordId: base64Url(hash),
  field,
  directing: [
    flow.name,
    flow.userId,
    flow.binding,
    flow.redirectUrl,
    flow.redirectUri,
    serverPart(flow.server),
    flow.scopes,
    fieldsPart(flow.fields),
    String(flow.reauthorizes),
    ...more
  ]
})

/** Sorted, because a database does not keep the order of names. */
const fieldsPart = (fields: TenantFields): Part =>
  Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flat()

const serverPart = (server: AuthorizationServerSnapshot): Part => [
  server.issuer,
  server.authorizationEndpoint,
  server.tokenEndpoint,
  server.clientId,
  server.accountEndpoint,
  server.discoveryEndpoint,
  server.introspectionEndpoint,
  server.tokenExchangeEndpoint,
  server.pushedAuthorizationRequestEndpoint,
  server.responseMode,
  server.resource
]
