import { hashKeyContext } from "@hawser/core"
import type { Tables } from "./Namespace.ts"

/** A column of sealed values: how its rows are named, and what its values were sealed for. */
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
  readonly tenant: string
  readonly provider: string
  readonly recordId: string
  readonly field: string
}

const base64Url = (bytes: string): string =>
  `rtrim(translate(encode(${bytes}, 'base64'), '+/', '-_'), '=')`

/** Every column of sealed values. One that is missing here would keep an old key in use unseen: a test reads the tables. */
export const sealedColumns = (t: Tables): ReadonlyArray<SealedColumn> => {
  const own = {
    isBinaryKey: false,
    join: "",
    tenant: "v.tenant_id",
    provider: "v.provider",
    recordId: "v.id"
  }
  const tokens = (of: Omit<SealedColumn, "column" | "field">): ReadonlyArray<SealedColumn> => [
    { ...of, name: `${of.name}.access`, column: "sealed_access_token", field: "access_token" },
    { ...of, name: `${of.name}.refresh`, column: "sealed_refresh_token", field: "refresh_token" }
  ]
  const grant = {
    ...own,
    name: "grant",
    table: t.oauthGrant,
    key: ["tenant_id", "integration_id"],
    join: `JOIN ${t.integration} i ON i.tenant_id = v.tenant_id AND i.id = v.integration_id`,
    provider: "i.provider"
  }
  const flow = { ...own, table: t.flow, key: ["state_hash"], isBinaryKey: true }
  return [
    {
      ...own,
      name: "credential",
      table: t.credential,
      column: "sealed_fields",
      key: ["tenant_id", "owner", "provider", "id"],
      field: "fields"
    },
    ...tokens(grant),
    { ...grant, name: "grant.dpop", column: "sealed_dpop_key", field: "dpop_key" },
    ...tokens({ ...own, name: "revocation", table: t.revocation, key: ["tenant_id", "id"] }),
    {
      ...flow,
      name: "secrets",
      column: "sealed_secrets",
      recordId: base64Url("v.state_hash"),
      field: "flow_secrets"
    },
    {
      ...flow,
      name: "response",
      column: "sealed_response",
      recordId: base64Url("v.flow_id_hash"),
      field: "authorization_response"
    },
    {
      ...own,
      name: "hash_key",
      table: t.hashKey,
      column: "sealed_key",
      key: ["name"],
      tenant: "''",
      provider: "''",
      recordId: "v.name",
      field: hashKeyContext.field
    }
  ]
}
