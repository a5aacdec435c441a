import type { ErasedUser, RemovedTenant, TenantStore } from "@hawser/core"
import { Effect } from "effect"
import type { Database } from "./Database.ts"
import { isForeignKeyViolation, storageFailure } from "./StorageErrors.ts"

type RemovedRow = Omit<RemovedTenant, "isConnected"> & { readonly connected: boolean }

const noRow = Effect.die(new Error("SELECT of counts answered no row"))

/** The tenant store over a database. */
export const makeTenantStore = ({ run, statements }: Database): TenantStore["Service"] => ({
  removeTenant: (tenantId) =>
    run<RemovedRow>(statements.removeTenant, [tenantId]).pipe(
      Effect.flatMap(([row]) => {
        if (row === undefined) return noRow
        const { connected, ...removed } = row
        return Effect.succeed<RemovedTenant>({ ...removed, isConnected: connected })
      }),
      // An integration was connected with one of the keys during the call: nothing was removed.
      Effect.catchIf(isForeignKeyViolation, () =>
        Effect.succeed<RemovedTenant>({
          isConnected: true,
          integrations: 0,
          credentials: 0,
          flows: 0
        })
      ),
      Effect.catch(storageFailure)
    ),

  eraseUser: ({ by, tenantId, userId }) =>
    run<ErasedUser>(statements.eraseUser, [tenantId, userId, by]).pipe(
      Effect.catch(storageFailure),
      Effect.flatMap(([row]) => (row === undefined ? noRow : Effect.succeed(row)))
    )
})
