import {
  type CredentialId,
  credentialContext,
  flowContext,
  grantContext,
  type GrantField,
  type GrantPlace,
  hashKeyContext,
  type ParkedFlow,
  parkedContext,
  type SealContext,
  type SecretHash
} from "@hawser/core"
import { flowTerms } from "./flowTerms.ts"
import { toKey } from "./integrationRow.ts"
import type { Tables } from "./Namespace.ts"
import { type FlowTermsRow, readTerms } from "./PostgresOAuthStateStore.ts"

/** A column of sealed values: the address of its rows, and the context of its values. */
export interface SealedColumn {
  /** Its part of an address. */
  readonly name: string
  readonly table: string
  readonly column: string
  /** The columns of the primary key, as `v` has them. */
  readonly key: ReadonlyArray<string>
  /** A key of bytes, which an address holds as hexadecimal digits. */
  readonly isBinaryKey: boolean
  readonly join: string
  /** The parts of the context in the row. */
  readonly place: string
  readonly contextOf: (place: object) => SealContext
}

interface CredentialPlace {
  readonly tenant_id: SealContext["tenantId"]
  readonly owner: SealContext["owner"]
  readonly provider: SealContext["provider"]
  readonly id: CredentialId
}

interface GrantPlaceRow {
  readonly tenant_id: GrantPlace["tenantId"]
  readonly owner: GrantPlace["owner"]
  readonly provider: GrantPlace["provider"]
  readonly name: GrantPlace["name"]
  readonly integration_id: GrantPlace["integrationId"]
  readonly id: GrantPlace["id"]
  readonly fields: GrantPlace["fields"]
  readonly client_fingerprint: string
}

interface FlowRow extends FlowTermsRow {
  readonly state_hash: SecretHash
  readonly browser_hash: SecretHash | null
  readonly flow_id_hash: SecretHash
  readonly status: ParkedFlow["as"]
}

const credential = ({ tenant_id: tenantId, ...row }: CredentialPlace) =>
  credentialContext({ tenantId, ...row })

const token = (field: GrantField) => (row: GrantPlaceRow) =>
  grantContext(
    {
      ...toKey(row),
      integrationId: row.integration_id,
      id: row.id,
      fields: row.fields,
      clientFingerprint: row.client_fingerprint
    },
    field
  )

const secrets = (row: FlowRow) =>
  flowContext({
    ...readTerms(row),
    stateHash: row.state_hash,
    browserHash: row.browser_hash ?? undefined
  })

const response = (row: FlowRow) =>
  parkedContext(readTerms(row), { as: row.status, flowIdHash: row.flow_id_hash })

/** The column's statement selects the parts of the context. */
const from = (contextOf: (row: never) => SealContext) => contextOf as SealedColumn["contextOf"]

/** Every column of sealed values. A missing one would keep an old key in use unnoticed, so a test compares this list with the tables. */
export const sealedColumns = (t: Tables): ReadonlyArray<SealedColumn> => {
  const own = { isBinaryKey: false, join: "" }
  const tokens = (of: Omit<SealedColumn, "column" | "contextOf">): ReadonlyArray<SealedColumn> => [
    {
      ...of,
      name: `${of.name}.access`,
      column: "sealed_access_token",
      contextOf: from(token("access_token"))
    },
    {
      ...of,
      name: `${of.name}.refresh`,
      column: "sealed_refresh_token",
      contextOf: from(token("refresh_token"))
    }
  ]
  const grant = {
    ...own,
    name: "grant",
    table: t.oauthGrant,
    key: ["tenant_id", "integration_id"],
    join: `JOIN ${t.integration} i ON i.tenant_id = v.tenant_id AND i.id = v.integration_id`,
    place:
      "v.tenant_id, i.owner, i.provider, i.name, v.integration_id, v.id, coalesce(v.ended_fields, i.fields) AS fields, v.client_fingerprint"
  }
  const flow = {
    ...own,
    table: t.flow,
    key: ["state_hash"],
    isBinaryKey: true,
    place: `${flowTerms
      .split(", ")
      .map((column) => `v.${column}`)
      .join(", ")}, v.state_hash, v.browser_hash, v.flow_id_hash, v.status`
  }
  return [
    {
      ...own,
      name: "credential",
      table: t.credential,
      column: "sealed_fields",
      key: ["tenant_id", "owner", "provider", "id"],
      place: "v.tenant_id, v.owner, v.provider, v.id",
      contextOf: from(credential)
    },
    ...tokens(grant),
    {
      ...grant,
      name: "grant.dpop",
      column: "sealed_dpop_key",
      contextOf: from(token("dpop_key"))
    },
    ...tokens({
      ...own,
      name: "revocation",
      table: t.revocation,
      key: ["tenant_id", "id"],
      place:
        "v.tenant_id, v.owner, v.provider, v.name, v.integration_id, v.id, v.fields, v.client_fingerprint"
    }),
    { ...flow, name: "secrets", column: "sealed_secrets", contextOf: from(secrets) },
    { ...flow, name: "response", column: "sealed_response", contextOf: from(response) },
    {
      ...own,
      name: "hash_key",
      table: t.hashKey,
      column: "sealed_key",
      key: ["name"],
      place: "v.name",
      contextOf: () => hashKeyContext
    }
  ]
}
