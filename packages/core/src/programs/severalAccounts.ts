import { Effect } from "effect"
import type { TenantId } from "../domain/Ids.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"

/** Refuses a consent that several accounts stand behind, with a line that says so: none of them is taken for the other. */
export const severalAccounts = (
  { id }: Pick<OAuth2Provider, "id">,
  tenantId: TenantId,
  count: number
) =>
  Effect.andThen(
    Effect.logWarning(
      "Several accounts stand behind this consent, and the vendor does not say which one was meant. Nothing was connected; consent with access to one of them alone.",
      { provider: id, tenantId, accounts: count }
    ),
    Effect.fail("account_not_permitted" as const)
  )
