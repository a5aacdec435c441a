import type { Hawser } from "hawser"

export const tenantsOf = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `token_${index}`)

export const tokenOf = (tenantId: string): string => `token of ${tenantId}`

/** Connects each tenant with tokens that live for an hour. */
export const importGrants = async (
  hawser: Hawser,
  tenants: ReadonlyArray<string>
): Promise<void> => {
  const expiresAt = new Date(Date.now() + 3_600_000)
  const { imported } = await hawser.admin.import(
    tenants.map((tenantId) => ({
      tenantId,
      provider: "acme",
      connectedBy: "user",
      accessToken: tokenOf(tenantId),
      refreshToken: `refresh token of ${tenantId}`,
      expiresAt
    }))
  )
  if (imported !== tenants.length) throw new Error(`${imported} grants were imported`)
}
