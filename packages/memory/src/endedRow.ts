import type { EndReason } from "@hawser/core"
import type { Instant, IntegrationRow } from "./MemoryState.ts"

/** The row of an integration that its provider ended; without `until` nothing of its tokens is kept. */
export const endedRow = (
  { grant, integration }: IntegrationRow,
  reason: EndReason,
  now: Instant,
  until: Instant | undefined
): IntegrationRow => ({
  integration: {
    ...integration,
    status: "disconnected",
    credentialId: undefined,
    scopes: [],
    fields: {},
    problem: reason
  },
  grant: undefined,
  quarantined:
    grant === undefined || until === undefined
      ? undefined
      : {
          grant: {
            ...grant,
            dueAt: undefined,
            lease: undefined,
            sent: false,
            interrupted: false,
            failures: 0,
            retry: undefined
          },
          scopes: integration.scopes,
          fields: integration.fields,
          reason,
          endedAt: now,
          until
        }
})
