import { expect, it } from "@effect/vitest"
import {
  type Cipher,
  ConnectionStore,
  credentialContext,
  CredentialId,
  CredentialStore,
  grantContext,
  type GrantPlace,
  keysInUse,
  type RotationProgress,
  type SealContext,
  Secret,
  type TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Effect, Fiber, Redacted, Schedule } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { cipherWith, randomKey } from "./support/ciphers.ts"
import { connectCommand, disconnect, freshTenant, keyOf } from "./support/commands.ts"
import { freshDatabase } from "./support/databases.ts"
import { acquire, renewCommand } from "./support/grants.ts"

const script = fileURLToPath(new URL("support/rotating-process.ts", import.meta.url))
const tenantCount = 200

type Sealer = Cipher["Service"]

/** What each of a tenant's values says: whose it is, so that a reader knows that it is the right one. */
const textFor = ({ field, tenantId }: SealContext) => Secret(`${field} of ${tenantId}`)

const sealFor = (cipher: Sealer, context: SealContext) => cipher.seal(textFor(context), context)

const placeOf = (
  tenantId: TenantId,
  grant: Pick<GrantPlace, "id" | "clientFingerprint" | "integrationId">
): GrantPlace => ({
  ...keyOf(tenantId),
  owner: tenantsOwn,
  id: grant.id,
  clientFingerprint: grant.clientFingerprint,
  integrationId: grant.integrationId,
  fields: {}
})

const keyContext = (tenantId: TenantId, id: CredentialId) =>
  credentialContext({ ...keyOf(tenantId), owner: tenantsOwn, id })

const credentialOf = (index: number) => CredentialId.make(`crd_${String(index).padStart(26, "0")}`)

const sealTokens = Effect.fnUntraced(function* (cipher: Sealer, place: GrantPlace) {
  return {
    accessToken: yield* sealFor(cipher, grantContext(place, "access_token")),
    refreshToken: yield* sealFor(cipher, grantContext(place, "refresh_token")),
    dpopKey: undefined
  }
})

/** An integration with tokens, and a stored API key. */
const fill = Effect.fnUntraced(function* (cipher: Sealer, tenantId: TenantId, index: number) {
  const command = yield* connectCommand(tenantId)
  if (command.with._tag !== "Grant") return
  const { grant } = command.with
  const place = placeOf(tenantId, { ...grant, integrationId: command.newId })
  const tokens = yield* sealTokens(cipher, place)
  yield* (yield* ConnectionStore).connect({
    ...command,
    with: { ...command.with, grant: { ...grant, ...tokens } }
  })
  const id = credentialOf(index)
  yield* (yield* CredentialStore).insert({
    id,
    tenantId,
    owner: tenantsOwn,
    provider: keyOf(tenantId).provider,
    label: undefined,
    status: "validated",
    createdBy: UserId.make("ann"),
    userHash: command.userHash,
    sealedFields: yield* sealFor(cipher, keyContext(tenantId, id))
  })
})

/** Reads all that a tenant has, and knows it. False if it is not connected any more. */
const read = Effect.fnUntraced(function* (cipher: Sealer, tenantId: TenantId, index: number) {
  const expectText = Effect.fnUntraced(function* (
    sealed: Parameters<Sealer["open"]>[0],
    context: SealContext
  ) {
    const opened = yield* cipher.open(sealed, context)
    expect(Redacted.value(opened)).toBe(Redacted.value(textFor(context)))
  })
  const id = credentialOf(index)
  const credentials = yield* CredentialStore
  const { sealedFields } = yield* credentials.find({ ...keyOf(tenantId), id })
  yield* expectText(sealedFields, keyContext(tenantId, id))
  const connections = yield* ConnectionStore
  const grant = yield* Effect.option(connections.grant(keyOf(tenantId)))
  if (grant._tag === "None") return false
  const { accessToken, refreshToken } = grant.value
  const place = placeOf(tenantId, grant.value)
  yield* expectText(accessToken, grantContext(place, "access_token"))
  if (refreshToken !== undefined)
    yield* expectText(refreshToken, grantContext(place, "refresh_token"))
  return true
})

/** Stores new tokens, as a refresh does. */
const refresh = Effect.fnUntraced(function* (cipher: Sealer, tenantId: TenantId) {
  const acquisition = yield* acquire(tenantId)
  if (acquisition._tag !== "Acquired") return
  const command = yield* renewCommand
  const tokens = yield* sealTokens(cipher, placeOf(tenantId, acquisition.lease.grant))
  const connections = yield* ConnectionStore
  yield* connections.renewGrant(acquisition.lease, {
    ...command,
    tokens: { ...command.tokens, ...tokens }
  })
})

/** A rotation that goes on until so many values are done, and is still there then. */
const rotating = (url: string, primary: string, former: string, until = Infinity) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = fork(script, [url, primary, former])
      child.on("message", ({ done }: RotationMessage) => {
        if (done !== undefined && done < until) child.send("go on")
      })
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** The first message that says what is asked for. */
const messageFrom = <A>(
  child: ChildProcess,
  select: (message: RotationMessage) => A | undefined
): Promise<A> =>
  new Promise((resolve) => {
    child.on("message", (message: RotationMessage) => {
      const found = select(message)
      if (found !== undefined) resolve(found)
    })
  })

interface RotationMessage extends Partial<RotationProgress> {
  readonly end?: RotationProgress
}

const endOf = (child: ChildProcess) => messageFrom(child, ({ end }) => end)

it.live(
  "S-45 a rotation under load that is killed midway is continued by two others at once, and then the old key can go",
  Effect.fnUntraced(function* () {
    const url = yield* freshDatabase
    const [former, primary] = [randomKey(), randomKey()]
    const before = yield* cipherWith(former, primary)
    const during = yield* cipherWith(primary, former)
    const after = yield* cipherWith(primary)
    const tenants = Array.from({ length: tenantCount }, freshTenant)
    const leaving = tenants.slice(0, 20)
    const staying = tenants.slice(20)

    yield* Effect.gen(function* () {
      const inUse = Effect.map(
        keysInUse,
        (keys) => new Map(keys.map(({ count, keyId }) => [keyId, count]))
      )
      yield* Effect.forEach(tenants, (tenantId, index) => fill(before, tenantId, index), {
        concurrency: 8
      })
      expect(yield* inUse).toStrictEqual(new Map([[before.primaryKeyId, tenantCount * 3]]))

      // Callers read, refresh and leave all the while; half of the deploys still have the old key first at the beginning.
      let writing = before
      let calls = 0
      const load = yield* Effect.forever(
        Effect.gen(function* () {
          const index = Math.floor(Math.random() * staying.length)
          const tenantId = staying[index] ?? freshTenant()
          expect(yield* read(before, tenantId, index + 20)).toBe(true)
          yield* refresh(calls % 2 === 0 ? writing : during, tenantId)
          const left = calls % 25 === 0 ? leaving.pop() : undefined
          if (left !== undefined) yield* disconnect(left)
          calls++
          // Callers are many and busy, and leave the rotation room to go on.
          yield* Effect.sleep("2 millis")
        })
      ).pipe(
        (worker) => Effect.all([worker, worker, worker], { concurrency: "unbounded" }),
        Effect.forkScoped
      )

      const first = yield* rotating(url, primary, former, 150)
      yield* Effect.promise(() =>
        messageFrom(first, ({ done = 0 }) => (done < 150 ? undefined : done))
      )
      const gone = once(first, "exit")
      first.kill("SIGKILL")
      yield* Effect.promise(() => gone)
      const halfway = yield* inUse
      expect(halfway.get(before.primaryKeyId)).toBeGreaterThan(0)
      expect(halfway.get(during.primaryKeyId)).toBeGreaterThan(0)

      writing = during
      const others = [yield* rotating(url, primary, former), yield* rotating(url, primary, former)]
      const ends = yield* Effect.promise(() => Promise.all(others.map(endOf)))
      expect(ends.map(({ failed }) => failed)).toStrictEqual([0, 0])
      // A caller that was between its reading and its writing with the old key is met by one run more.
      const enough = Math.max(calls + 10, 51)
      yield* Effect.sync(() => calls >= enough || load.pollUnsafe() !== undefined).pipe(
        Effect.repeat({ schedule: Schedule.spaced("5 millis"), until: (met) => met })
      )
      const last = yield* rotating(url, primary, former)
      const end = yield* Effect.promise(() => endOf(last))
      expect([end.failed, end.remaining]).toStrictEqual([0, 0])

      // The load has met no value that did not open, up to here.
      expect(load.pollUnsafe()).toBeUndefined()
      yield* Fiber.interrupt(load)
      expect([...(yield* inUse).keys()]).toStrictEqual([after.primaryKeyId])
      for (const [index, tenantId] of staying.entries())
        expect(yield* read(after, tenantId, index + 20)).toBe(true)
    }).pipe(Effect.provide(postgres({ url }).layer))
  }),
  120_000
)
