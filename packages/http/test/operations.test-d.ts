import type {
  Actor,
  ConfiguredProvider,
  Member,
  Provider,
  ProviderNotFound,
  Reader
} from "@hawser/core"
import { Effect } from "effect"
import { describe, expectTypeOf, it } from "vitest"
import type { HttpSettings } from "../src/index.ts"
import { type Input, makeOperations, type Operations } from "../src/operations.ts"

declare const settings: HttpSettings

describe("operations are tied to the declaration", () => {
  it("a declared operation without a function does not compile", () => {
    const { complete: _, ...rest } = makeOperations(settings)
    // @ts-expect-error `complete` is declared
    const operations: Operations = rest
    expectTypeOf(operations).not.toBeNever()
  })

  it("an operation fails only with errors whose codes it declares", () => {
    type ErrorOf<Name extends keyof Operations> = Effect.Error<ReturnType<Operations[Name]>>
    expectTypeOf<ProviderNotFound>().toExtend<ErrorOf<"complete">>()
    expectTypeOf<ProviderNotFound>().not.toExtend<ErrorOf<"catalog">>()
    expectTypeOf<ProviderNotFound>().not.toExtend<ErrorOf<"callback">>()
  })

  it("an answer that is not the declared body does not compile", () => {
    // @ts-expect-error the status of a connection is not text of one's own
    const complete: Operations["complete"] = () => Effect.succeed({ body: { status: "fine" } })
    expectTypeOf(complete).not.toBeNever()
  })

  it("the caller has the role that the declaration asks for", () => {
    expectTypeOf<Input<"connect">["actor"]>().toEqualTypeOf<Actor>()
    expectTypeOf<Input<"deleteCredential">["actor"]>().toEqualTypeOf<Actor>()
    expectTypeOf<Input<"get">["actor"]>().toEqualTypeOf<undefined>()
    expectTypeOf<Input<"get">["reader"]>().toEqualTypeOf<Reader | undefined>()
    expectTypeOf<Input<"list">["caller"]>().toEqualTypeOf<Member>()
    expectTypeOf<Input<"catalog">["caller"]>().toEqualTypeOf<undefined>()
    expectTypeOf<Input<"connect">["provider"]>().toEqualTypeOf<Provider>()
    expectTypeOf<Input<"complete">["provider"]>().toEqualTypeOf<Provider>()
    expectTypeOf<Input<"disconnect">["provider"]>().toEqualTypeOf<ConfiguredProvider>()
    expectTypeOf<Input<"list">["provider"]>().toEqualTypeOf<undefined>()
    expectTypeOf<Input<"callback">["provider"]>().toEqualTypeOf<undefined>()
  })
})
