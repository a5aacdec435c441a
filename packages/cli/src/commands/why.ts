import { Effect } from "effect"
import { Argument } from "effect/cli"
import type { InspectedEvent, InspectedFacts, InspectedGrant } from "@hawser/postgres/effect"
import { loadHost } from "../host/loadHost.ts"
import { inspectTables } from "../host/openHost.ts"
import { Problem } from "../Problem.ts"
import { reporting } from "../report.ts"
import { oneLine } from "../terminal.ts"

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000]
] as const

/** `3 days ago`, `in 20 minutes`. */
const relative = (at: Date, now: Date): string => {
  const milliseconds = at.getTime() - now.getTime()
  const [unit, size] = units.find(([, one]) => Math.abs(milliseconds) >= one) ?? ["second", 1000]
  const count = Math.max(1, Math.round(Math.abs(milliseconds) / size))
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`
  return milliseconds < 0 ? `${words} ago` : `in ${words}`
}

const at = (date: Date, now: Date): string => `${date.toISOString()} (${relative(date, now)})`

/** What the vendor, or the host, did: the store keeps the kind of answer, and not the vendor's words. */
const problems: Readonly<Record<string, string>> = {
  provider_unavailable:
    "The last refresh got no answer that says anything about the grant: the provider was not reached, or was busy.",
  misconfigured:
    "The provider refused your OAuth client and not the grant: its id, its secret or its key is wrong there.",
  grant_revoked:
    "The provider's API refuses the token, which has no refresh token: it seems to be withdrawn at the provider.",
  refresh_failed:
    "The provider refused the refresh token: it was withdrawn there, or was not used for too long.",
  refresh_interrupted:
    "A refresh was sent and its answer was lost. The provider then refused the old refresh token, which it had replaced.",
  revoked: "The provider reported that the access was withdrawn, for example by a webhook.",
  token_expired: "The access token has expired, and the provider gave no refresh token."
}

const last = (
  events: ReadonlyArray<InspectedEvent>,
  event: InspectedEvent["event"]
): InspectedEvent | undefined => events.findLast((one) => one.event === event)

const whose = ({ connection }: InspectedFacts): string => {
  const { accountLabel, name, provider, tenantId, userId } = connection
  const owner = userId === null ? `tenant ${tenantId}` : `user ${userId} of tenant ${tenantId}`
  const account = accountLabel === null ? "" : `, as ${accountLabel}`
  return `${provider}${name === "default" ? "" : ` "${name}"`} of ${owner}${account}.`
}

const refreshes = ({ refreshes: count, renewedAt }: InspectedGrant, now: Date): string =>
  count === 0 || renewedAt === null
    ? "Its tokens were never refreshed."
    : `Its tokens were refreshed ${count} time${count === 1 ? "" : "s"}, last at ${at(renewedAt, now)}.`

const failures = ({ failures: count }: InspectedGrant): string =>
  count === 0 ? "" : ` ${count} attempt${count === 1 ? "" : "s"} failed since.`

const token = ({ expiresAt, hasRefreshToken }: InspectedGrant, now: Date): string => {
  const refresh = hasRefreshToken ? "" : " There is no refresh token."
  if (expiresAt === null) return `The access token has no end that the provider told.${refresh}`
  const verb = expiresAt > now ? "expires" : "expired"
  return `The access token ${verb} at ${at(expiresAt, now)}.${refresh}`
}

/** What happens without anybody, and what somebody has to do. */
const next = ({ brakedSince, connection, grant, now, revocations }: InspectedFacts): string => {
  const { problem, provider, status, suspended } = connection
  const waiting =
    revocations === 0
      ? ""
      : ` Its former tokens wait to be revoked at the provider; that is tried for 24 hours.`
  if (suspended)
    return `Its owner is suspended: nothing is refreshed until admin.resumeUser.${waiting}`
  if (status === "disconnected") {
    const kept =
      grant?.quarantinedUntil !== null && grant?.quarantinedUntil !== undefined
        ? ` If the fault was yours, admin.restore({ provider: "${provider}" }) brings it back until ${at(grant.quarantinedUntil, now)}.`
        : ""
    return `Nothing happens by itself: a person has to connect ${provider} again.${kept}${waiting}`
  }
  if (grant === null) return `Nothing has to happen: an API key is used as it is.${waiting}`
  if (brakedSince !== null) {
    return `Refreshes with this OAuth client are paused since ${at(brakedSince, now)}, because the provider refused several tenants at once. One is tried each minute, and the rest follows when three succeed. Look at the client at the provider.`
  }
  if (grant.isRefreshing) return "It is being refreshed right now."
  if (grant.retryAt !== null) {
    const also =
      problem === "misconfigured" ? " Correct the client's id, secret or key meanwhile." : ""
    return `The next attempt is due at ${at(grant.retryAt, now)}. A person is not needed.${also}`
  }
  if (!grant.hasRefreshToken) {
    return grant.expiresAt === null
      ? "It works until it is withdrawn; nothing is refreshed."
      : `It ends at ${at(grant.expiresAt, now)}: a person has to reconnect before.`
  }
  const end =
    grant.refreshExpiresAt === null
      ? ""
      : ` The refresh token itself ends at ${at(grant.refreshExpiresAt, now)}; a person has to reconnect before.`
  return grant.refreshDueAt === null
    ? `It is refreshed when a token is needed.${end}`
    : `The keeper looks at it at ${at(grant.refreshDueAt, now)}.${end}`
}

const story = (facts: InspectedFacts): ReadonlyArray<string> => {
  const { connection, events, grant, now } = facts
  const { connectedAt, connectedBy, hasApiKey, problem, status } = connection
  const ended = grant?.endedAt ?? last(events, "integration.disconnected")?.at
  const by = last(events, "integration.disconnected")?.data
  const failed = last(events, "integration.error")
  const recovered = last(events, "integration.recovered")
  return [
    `${whose(facts)} It is ${status === "error" ? "at error" : status}.`,
    `Connected at ${at(connectedAt, now)} by ${connectedBy}${hasApiKey ? ", with an API key" : ""}.`,
    ...(grant === null || status === "disconnected"
      ? []
      : [`${refreshes(grant, now)}${failures(grant)}`, token(grant, now)]),
    ...(status === "disconnected"
      ? [
          `It ended${ended === undefined ? ", longer ago than events are kept" : ` at ${at(ended, now)}`}${
            by?.["reason"] === "user" ? `: ${String(by["disconnectedBy"])} disconnected it` : ""
          }.`
        ]
      : []),
    ...(problem === null ? [] : [`What was said: ${problems[problem] ?? problem}`]),
    ...(problem === null &&
    status === "connected" &&
    recovered !== undefined &&
    failed !== undefined
      ? [`It failed at ${at(failed.at, now)} and works again since ${at(recovered.at, now)}.`]
      : []),
    `What happens next: ${next(facts)}`,
    "Times are the database's. It keeps the kind of a vendor's answer and not its words; those are in your log."
  ]
}

export const why = reporting(
  "why",
  "Tell the last facts of one connection, and what happens next",
  {
    integrationId: Argument.String("integrationId").pipe(
      Argument.withDescription("Its id, as npx hawser connections lists it")
    )
  },
  ({ integrationId }) =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const database = yield* inspectTables(options)
      const found = yield* database.facts(integrationId)
      if (found.length === 0) {
        return yield* new Problem({
          code: "integration_not_found",
          problem: `There is no connection ${integrationId} in this database.`,
          next: "npx hawser connections lists them. A tenant that was deleted leaves nothing."
        })
      }
      const stories = found.map((facts) => ({ ...facts, story: story(facts) }))
      return {
        json: { items: stories },
        text: stories.map((one) => one.story.map(oneLine).join("\n")).join("\n\n")
      }
    }).pipe(Effect.scoped)
)
