import { inspect } from "node:util"
import * as core from "@hawser/core"
import { assert, describe, it } from "@effect/vitest"
import * as requestErrors from "../../packages/http/src/requestErrors.ts"

const errorClasses = (exports: object): ReadonlyArray<readonly [string, object]> =>
  Object.entries(exports).flatMap(([name, value]: [string, unknown]) =>
    typeof value === "function" && value.prototype instanceof Error
      ? [[name, value.prototype] as const]
      : []
  )

describe("console.error of an error of ours", () => {
  it("shows what happened, where, and why", () => {
    for (const error of [
      new core.ConfigurationError({ setting: "publicUrl", problem: "Set it." }),
      new core.NotConnected({ provider: core.ProviderId.make("github") }),
      new core.CredentialNotFound(),
      new core.StorageUnavailable({ cause: new Error("the inner one") })
    ]) {
      const shown = inspect(error)
      assert.match(
        shown,
        new RegExp(`^${error._tag}: ${error.message}\\n +at .*errors\\.test\\.ts`)
      )
    }
    assert.match(
      inspect(new core.StorageUnavailable({ cause: new Error("the inner one") })),
      /\[cause\]: Error: the inner one\n +at /
    )
  })

  it("is Node's own, whichever it is", () => {
    const classes = [...errorClasses(core), ...errorClasses(requestErrors)]
    assert.isAbove(classes.length, 40)
    for (const [name, prototype] of classes)
      assert.isUndefined(Reflect.get(prototype, inspect.custom), name)
  })
})
