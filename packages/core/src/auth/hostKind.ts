import { Effect, Redacted, Schema } from "effect"
import { isTokenText, Misconfigured, Secret, type TenantId } from "../model/index.ts"
import { ClientTokenFailed, keyCredential, ownTraffic, ProviderTraffic } from "../protocol/index.ts"
import {
  type ApiKeyProvider,
  type CarriedCredential,
  type FieldValues,
  type HostAuthKind,
  type HostCredential,
  isPlainText,
  secretUrl,
  type SendToProvider,
  urlBelow
} from "../provider/index.ts"
import { askHost, Egress, UnusableAnswer } from "../services/index.ts"
import type { KeyKind, OpenedCredential } from "./AuthKind.ts"
import { verdictAlone } from "./liveCheck.ts"

/** They belong to the connection, and not to what is said on it (RFC 9110 §7.6.1, RFC 9112 §6). */
const ofConnection = new Set(["connection", "content-length", "host", "transfer-encoding"])

const isHeader = ([name, text]: readonly [string, string]): boolean =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) &&
  !ofConnection.has(name.toLowerCase()) &&
  // Control characters could begin another header.
  isPlainText(text)

const Texts = Schema.Record(Schema.String, Schema.String)
const isTexts = Schema.is(
  Schema.Struct({ headers: Schema.optional(Texts), query: Schema.optional(Texts) })
)
const isCarried = (answer: unknown): answer is CarriedCredential =>
  isTexts(answer) &&
  Object.entries(answer.headers ?? {}).every(isHeader) &&
  Object.values(answer.query ?? {}).every(isPlainText)
const isRenewed = Schema.is(
  Schema.Struct({
    token: Schema.String.check(Schema.makeFilter(isTokenText)),
    expiresIn: Schema.optional(Schema.Finite.check(Schema.isGreaterThan(0)))
  })
)
const isVerdict = Schema.is(Schema.Literals(["accepted", "rejected", "unknown"]))

const opened = ({ fields, token }: OpenedCredential): HostCredential => ({
  fields,
  token: token && Redacted.value(token.accessToken)
})

/** Seconds until a failed exchange is tried again. */
const retryAfter = 30

/** A kind of the host's. What it answers is checked, and it reaches the vendor only by the egress. */
export const hostKind = (kind: HostAuthKind): KeyKind => {
  const { renew } = kind
  return {
    use: ({ definition, id }, credential, request) => {
      const { headers, query } = keyCredential(definition, credential.fields)
      return askHost({
        hook: "authKinds.use",
        call: () =>
          kind.use(opened(credential), { ...request, headers: { ...request.headers, ...headers } }),
        read: (answer) => {
          if (isCarried(answer)) return answer
          throw new UnusableAnswer("Answer { headers, query }, both optional, of plain text.")
        },
        details: { provider: id }
      }).pipe(
        Effect.map((carried) => ({
          headers: {
            ...headers,
            ...Object.fromEntries(
              Object.entries(carried.headers ?? {}).map(([name, text]) => [
                name.toLowerCase(),
                text
              ])
            )
          },
          query: { ...query, ...carried.query }
        })),
        Effect.mapError(() => new Misconfigured({ provider: id, reason: "auth_kind_failed" }))
      )
    },
    renew:
      renew === undefined
        ? undefined
        : Effect.fnUntraced(function* (provider, tenantId, fields) {
            const { send } = yield* sender(provider, tenantId, fields)
            const renewed = yield* askHost({
              hook: "authKinds.renew",
              call: () => renew({ fields, token: undefined }, send),
              read: (answer) => {
                if (answer === null || isRenewed(answer)) return answer
                throw new UnusableAnswer("Answer { token, expiresIn }, or null.")
              },
              details: { provider: provider.id, tenantId }
            }).pipe(Effect.mapError(() => new ClientTokenFailed({ isRejected: false, retryAfter })))
            if (renewed === null)
              return yield* new ClientTokenFailed({ isRejected: true, retryAfter })
            return { accessToken: Secret(renewed.token), expiresIn: renewed.expiresIn }
          }),
    check: Effect.fnUntraced(function* (provider, tenantId, credential) {
      const { hasFailed, send } = yield* sender(provider, tenantId, credential.fields)
      const verdict = yield* Effect.option(
        askHost({
          hook: "authKinds.check",
          call: () => kind.check(opened(credential), send),
          read: (answer) => {
            if (isVerdict(answer)) return answer
            throw new UnusableAnswer('Answer "accepted", "rejected" or "unknown".')
          },
          details: { provider: provider.id, tenantId }
        })
      )
      if (verdict._tag === "None")
        return verdictAlone(hasFailed() ? "unreachable" : "unexpected_answer")
      return verdictAlone(verdict.value === "unknown" ? "unexpected_answer" : verdict.value)
    })
  }
}

/** The way to the vendor that a host's function is given, in the slots of the tenant. */
const sender = Effect.fnUntraced(function* (
  { definition, id }: ApiKeyProvider,
  tenantId: TenantId,
  fields: FieldValues
) {
  const base = yield* secretUrl(definition, "api.baseUrl", fields)
  const egress = yield* Egress
  const traffic = yield* ProviderTraffic
  const run = Effect.runPromiseWith(yield* Effect.context())
  let failed = false
  const send: SendToProvider = async (path, { body, headers = {}, method = "GET" } = {}) => {
    const url = urlBelow(new URL(base), path)
    if (url === undefined)
      throw new TypeError("The path must begin with / and stay below api.baseUrl.")
    const answer = await run(
      Effect.result(
        traffic.through(ownTraffic(id, tenantId, base), () =>
          egress.request({
            method,
            url,
            headers,
            hosts: [url.host],
            ...(body !== undefined && { body })
          })
        )
      )
    )
    if (answer._tag === "Success") return answer.success
    failed = true
    throw answer.failure
  }
  return { send, hasFailed: () => failed }
})
