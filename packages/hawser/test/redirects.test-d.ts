import type { HawserOptions } from "hawser"
import { describe, expectTypeOf, it } from "vitest"

type Answer = ReturnType<NonNullable<HawserOptions["allowRedirect"]>>

describe("S-88 what allowRedirect may answer", () => {
  it("is session, confirm or null, and anything else under a name that says unsafe", () => {
    expectTypeOf<"session">().toExtend<Answer>()
    expectTypeOf<"confirm">().toExtend<Answer>()
    expectTypeOf<{ unsafeBinding: "confirm" }>().not.toExtend<Answer>()
    expectTypeOf<null>().toExtend<Answer>()
    expectTypeOf<{ unsafeBinding: "complete" | "cookie" }>().toExtend<Answer>()
    expectTypeOf<"complete">().not.toExtend<Answer>()
    expectTypeOf<"cookie">().not.toExtend<Answer>()
  })
})
