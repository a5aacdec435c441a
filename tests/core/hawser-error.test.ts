import { assert, describe, it } from "@effect/vitest"
import { isHawserError, ProviderId, ProviderUnavailable, StorageUnavailable } from "@hawser/core"

/** What another copy of the package in this process would have thrown. */
const ofAnotherCopy = (code: string) =>
  Object.assign(new Error("of another copy"), { [Symbol.for("hawser.error")]: true, code })

describe("an error of Hawser's", () => {
  it("is known by its mark and its code, also when another copy made it", () => {
    const failure = new StorageUnavailable({ cause: "down" })
    assert.isTrue(isHawserError(failure))
    assert.isTrue(isHawserError(failure, "storage_unavailable"))
    assert.isFalse(isHawserError(failure, "not_connected"))
    assert.isTrue(isHawserError(ofAnotherCopy("not_connected"), "not_connected"))
  })

  it("is not what only has a code, nor what is not an error", () => {
    const ofDriver = Object.assign(new Error("from outside"), { code: "storage_unavailable" })
    for (const thrown of [ofDriver, undefined, null, "storage_unavailable", 7, {}])
      assert.isFalse(isHawserError(thrown))
  })

  it("is narrowed by its code, with the members that it has", () => {
    const thrown: unknown = new ProviderUnavailable({
      provider: ProviderId.make("forge"),
      retryAfter: 7
    })
    assert.isTrue(isHawserError(thrown, "provider_unavailable") && thrown.retryAfter === 7)
  })

  it("does not show its mark when it is printed or sent", () => {
    const failure = new StorageUnavailable({ cause: "down" })
    assert.notInclude(JSON.stringify(failure), "hawser.error")
    assert.notInclude(String(failure.stack), "hawser.error")
  })
})
