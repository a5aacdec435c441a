import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { SecretHash } from "@hawser/core"
import { isSameHash } from "../../packages/core/src/vault/secrets.ts"

/** A hash that counts how many of its bytes are looked at. */
const watched = (bytes: Uint8Array) => {
  let reads = 0
  const hash = new Proxy(bytes, {
    get: (target, name) => {
      if (typeof name === "string" && /^\d+$/.test(name)) reads += 1
      return Reflect.get(target, name, target) as unknown
    }
  })
  return { hash: hash as SecretHash, reads: () => reads }
}

const hashOf = (change?: number) => {
  const bytes = Uint8Array.from({ length: 32 }, (_, index) => index)
  if (change !== undefined) bytes[change] = 255
  return bytes
}

/** Under packages, what is published and runs in a host. */
const sources = readdirSync(fileURLToPath(new URL("../../packages", import.meta.url)), {
  recursive: true,
  encoding: "utf8"
})
  .filter((file) => /^(?!testing)[a-z]+\/src\/.*\.ts$/.test(file))
  .map((file) => {
    const path = join(fileURLToPath(new URL("../../packages", import.meta.url)), file)
    return [file, readFileSync(path, "utf8")] as const
  })

describe("what is compared with a secret", () => {
  it("S-02 is looked at to its end, wherever it differs", () => {
    const cases = [undefined, 0, 31].map((change) => {
      const given = watched(hashOf(change))
      const kept = watched(hashOf())
      const same = isSameHash(given.hash, kept.hash)
      return { same, given: given.reads(), kept: kept.reads() }
    })
    assert.deepStrictEqual(cases, [
      { same: true, given: 32, kept: 32 },
      { same: false, given: 32, kept: 32 },
      { same: false, given: 32, kept: 32 }
    ])
  })

  it("S-02 is compared in one way: the hash of a browser's secret", () => {
    const comparing = sources.flatMap(([file, text]) =>
      [...text.matchAll(/\b(?:isSameHash|timingSafeEqual)\(.*/g)].map(
        ([call]) => `${file}: ${call}`
      )
    )
    assert.deepStrictEqual(comparing.toSorted(), [
      "core/src/connect/bindings/cookie.ts: isSameHash(yield* hashSecret(Secret(secret)), flow.browserHash)",
      "core/src/connect/confirm.ts: isSameHash(yield* hashSecret(token), expected)",
      "core/src/vault/secrets.ts: timingSafeEqual(one, other)"
    ])
  })

  it("S-02 is compared by no operator, which stops where two texts differ", () => {
    assert.isAbove(sources.length, 200)
    const comparison = /([\w.?]+(?:\([^()]*\))?[\w.?]*) (?:===|!==) ([\w.?]+(?:\([^()]*\))?)/g
    const isSecret = (text: string) =>
      /(?:secret|hash|verifier|signature|digest|hmac|password|apikey|token)$|encode\(/i.test(text)
    const isConstant = (text: string) => /^(?:undefined|null|true|false|\d+)$/.test(text)
    const compared = sources.flatMap(([file, text]) =>
      [...text.matchAll(comparison)]
        .filter(
          ([, one = "", other = ""]) =>
            (isSecret(one) || isSecret(other)) && !isConstant(one) && !isConstant(other)
        )
        .map(([found]) => `${file}: ${found}`)
    )
    // Names of algorithms and of parameters, and whose a file of this machine's own is.
    assert.deepStrictEqual(compared.toSorted(), [
      "core/src/provider/requestChecks.ts: ofRevocation.client_id === ofRevocation.client_secret",
      "core/src/provider/signingKey.ts: is.hash?.name === wanted.hash",
      "postgres/src/FolderLock.ts: buried.token !== dead?.token",
      "postgres/src/FolderLock.ts: readHolder(file)?.token === token"
    ])
  })
})
