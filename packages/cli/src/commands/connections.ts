import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { loadHost } from "../host/loadHost.ts"
import { inspectTables } from "../host/openHost.ts"
import { reporting } from "../report.ts"
import { table } from "../terminal.ts"

const flags = {
  tenant: Flag.String("tenant").pipe(
    Flag.withDescription("Only this tenant's. Default: those of all tenants"),
    Flag.optional
  ),
  provider: Flag.String("provider").pipe(
    Flag.withDescription("Only those with this provider"),
    Flag.optional
  ),
  status: Flag.Literals("status", ["connected", "disconnected", "error"]).pipe(
    Flag.withDescription("Only those with this status"),
    Flag.optional
  ),
  limit: Flag.Int("limit").pipe(
    Flag.withDescription("At most this many. Default 100"),
    Flag.withDefault(100),
    Flag.filter(
      (limit) => limit >= 1 && limit <= 10_000,
      () => "--limit is from 1 to 10000"
    )
  )
}

export const connections = reporting(
  "connections",
  "List the connections, without their secrets",
  flags,
  ({ limit, provider, status, tenant }) =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const database = yield* inspectTables(options)
      // One more, to know whether that was all.
      const found = yield* database.connections({
        tenantId: Option.getOrUndefined(tenant),
        provider: Option.getOrUndefined(provider),
        status: Option.getOrUndefined(status),
        limit: limit + 1
      })
      const shown = found.slice(0, limit)
      const hasMore = found.length > limit
      const rows = shown.map((one) => [
        one.tenantId,
        one.provider,
        one.name,
        one.userId ?? "tenant",
        one.status,
        one.problem ?? (one.suspended ? "owner_suspended" : ""),
        one.connectedAt.toISOString(),
        one.accountLabel ?? "",
        one.integrationId
      ])
      const head = [
        "TENANT",
        "PROVIDER",
        "NAME",
        "OWNER",
        "STATUS",
        "PROBLEM",
        "CONNECTED",
        "ACCOUNT",
        "ID"
      ]
      return {
        json: { items: shown, hasMore },
        text:
          shown.length === 0
            ? "No connection matches."
            : `${table(head, rows)}\n\n${shown.length} shown${hasMore ? "; there are more: choose with --tenant, --provider or --status, or raise --limit" : ""}.`
      }
    }).pipe(Effect.scoped)
)
