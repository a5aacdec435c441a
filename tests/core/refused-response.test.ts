import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import {
  ann,
  bob,
  comeBack,
  completeFlow,
  forge,
  makeHost,
  otherBrowser,
  parkFlow,
  startFlow
} from "./support/host.ts"

/** The details of what was logged, by its text. */
const recordedLines = () => {
  const lines: Array<{ readonly text: string; readonly details: Record<string, unknown> }> = []
  const layer = Logger.layer([
    Logger.make(({ message }) => {
      const [text, details] = message as readonly [string, Record<string, unknown>]
      lines.push({ text, details })
    })
  ])
  return { lines, layer }
}

const withIssuer = {
  ...forge,
  definition: { ...forge.definition, issuer: "https://forge.example", issParameterSupported: true }
}

describe("S-21 a refused authorization response", () => {
  it.effect("logs the issuer that was expected and the one that came, and no code", () => {
    const { layer, lines } = recordedLines()
    return Effect.gen(function* () {
      const received: ReadonlyArray<string | undefined> = [
        "https://evil.example",
        `https://evil.example/\r\n\u202e${"x".repeat(100)}`,
        undefined
      ]
      for (const iss of received) {
        yield* comeBack(yield* startFlow(), {
          parameters: { code: "canary-code", ...(iss !== undefined && { iss }) }
        })
      }
      assert.strictEqual(lines.length, 3)
      for (const [index, { details, text }] of lines.entries()) {
        assert.match(text, /authorization response of forge was refused/)
        assert.strictEqual(details["expectedIssuer"], "https://forge.example")
        assert.strictEqual(
          details["receivedIssuer"],
          received[index]?.replaceAll(/[\r\n\u202e]/g, "")
        )
        assert.strictEqual(details["tenantId"], "acme")
        assert.notMatch(JSON.stringify({ details, text }), /canary/)
      }
    }).pipe(Effect.provide(Layer.merge(makeHost({ providers: [withIssuer] }).layer, layer)))
  })

  it.effect("logs what bound the flow, and what the response lacked", () => {
    const { layer, lines } = recordedLines()
    return Effect.gen(function* () {
      const cases: ReadonlyArray<
        readonly [Parameters<typeof comeBack>[1], RegExp, Record<string, unknown>]
      > = [
        [{ browserSecret: otherBrowser }, /did not bring the cookie/, { binding: "cookie" }],
        [
          { path: "mill" },
          /another provider's callback/,
          { expected: "https://api.example/v1/integrations/forge/callback" }
        ],
        [{ parameters: { code: "" } }, /provider's part/, { expected: "one code that is a code" }]
      ]
      for (const [visit, text, details] of cases) {
        const started = yield* startFlow()
        yield* comeBack(started, visit)
        const line = lines.at(-1)
        assert.match(line?.text ?? "", text)
        assert.include(line?.details, { provider: "forge", tenantId: "acme", userId: "ann" })
        assert.include(line?.details, details)
        assert.notInclude(JSON.stringify(lines), started.state)
      }
    }).pipe(Effect.provide(Layer.merge(makeHost().layer, layer)))
  })

  it.effect("is not a line where the user said no", () => {
    const { layer, lines } = recordedLines()
    return Effect.gen(function* () {
      yield* comeBack(yield* startFlow(), { parameters: { error: "access_denied" } })
      assert.deepStrictEqual(lines, [])
    }).pipe(Effect.provide(Layer.merge(makeHost().layer, layer)))
  })

  it.effect("logs whose flow it was that another person completes", () => {
    const { layer, lines } = recordedLines()
    return Effect.gen(function* () {
      const flowId = yield* parkFlow(ann)
      yield* Effect.ignore(completeFlow(flowId, bob))
      assert.include(lines.at(-1)?.details, { expectedUserId: "ann", userId: "bob" })
      assert.notInclude(JSON.stringify(lines), flowId)
    }).pipe(Effect.provide(Layer.merge(makeHost().layer, layer)))
  })
})
