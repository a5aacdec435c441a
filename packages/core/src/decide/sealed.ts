import type { SealContext, Sealed } from "../model/index.ts"
import {
  credentialContext,
  flowContext,
  grantContext,
  type GrantField,
  type GrantPlace,
  parkedContext
} from "../vault/index.ts"
import { type GrantSecrets, put, type Tables, type Write } from "./rows.ts"

/** A sealed value of a row, what it is sealed for, and the write that replaces it. */
export interface SealedValue {
  readonly field: SealContext["field"]
  readonly sealed: Sealed
  readonly context: () => SealContext
  readonly replacedBy: (sealed: Sealed) => Write
}

const value = (
  field: SealContext["field"],
  sealed: Sealed | undefined,
  context: () => SealContext,
  replacedBy: (sealed: Sealed) => Write
): ReadonlyArray<SealedValue> =>
  sealed === undefined ? [] : [{ field, sealed, context, replacedBy }]

/** What is sealed of a grant, wherever it is kept; a queue keeps no key. */
const ofGrant = <
  Grant extends Pick<GrantSecrets, "id" | "accessToken" | "clientFingerprint" | "refreshToken"> &
    Partial<Pick<GrantSecrets, "dpopKey">>
>(
  place: Omit<GrantPlace, "id" | "clientFingerprint">,
  grant: Grant | undefined,
  write: (grant: Grant) => Write
): ReadonlyArray<SealedValue> => {
  if (grant === undefined) return []
  const { accessToken, clientFingerprint, dpopKey, id, refreshToken } = grant
  const of = (field: GrantField, sealed: Sealed | undefined, replaced: (by: Sealed) => Grant) =>
    value(
      field,
      sealed,
      () => grantContext({ ...place, id, clientFingerprint }, field),
      (by) => write(replaced(by))
    )
  return [
    ...of("access_token", accessToken, (by) => ({ ...grant, accessToken: by })),
    ...of("refresh_token", refreshToken, (by) => ({ ...grant, refreshToken: by })),
    ...of("dpop_key", dpopKey, (by) => ({ ...grant, dpopKey: by }))
  ]
}

/** The sealed values of a row by its table. A table that is not named here has none. */
export const sealedValues: {
  readonly [T in "credentials" | "flows" | "integrations" | "revocations"]: (
    row: Tables[T]
  ) => ReadonlyArray<SealedValue>
} = {
  credentials: (row) =>
    value(
      "fields",
      row.credential.sealedFields,
      () => credentialContext(row.credential),
      (by) => put("credentials", { ...row, credential: { ...row.credential, sealedFields: by } })
    ),

  // A row has a grant in use or one in quarantine, so the names of the fields tell its values apart.
  integrations: (row) => {
    const { grant, integration, quarantined } = row
    const place = { ...integration, integrationId: integration.id }
    return [
      ...ofGrant(place, grant?.secrets, (secrets) =>
        put("integrations", { ...row, grant: grant && { ...grant, secrets } })
      ),
      ...ofGrant(
        { ...place, fields: quarantined?.fields ?? {} },
        quarantined?.grant.secrets,
        (secrets) =>
          put("integrations", {
            ...row,
            quarantined: quarantined && {
              ...quarantined,
              grant: { ...quarantined.grant, secrets }
            }
          })
      )
    ]
  },

  revocations: (row) =>
    ofGrant(row.command, row.command.grant, (grant) =>
      put("revocations", { ...row, command: { ...row.command, grant } })
    ),

  flows: (row) => {
    const { flow, parked } = row
    return [
      ...value(
        "flow_secrets",
        flow.sealedSecrets,
        () => flowContext(flow),
        (by) => put("flows", { ...row, flow: { ...flow, sealedSecrets: by } })
      ),
      ...(parked === undefined
        ? []
        : value(
            parkedContext(flow, parked).field,
            parked.sealedResponse,
            () => parkedContext(flow, parked),
            (by) => put("flows", { ...row, parked: { ...parked, sealedResponse: by } })
          ))
    ]
  }
}
