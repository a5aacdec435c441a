import { Effect, Layer } from "effect"
import { Egress, EgressError, type EgressFailure, type EgressRequest } from "../../src/index.ts"

/** A way out that leads to one function, and remembers what was sent. */
export const answeringEgress = (answer: (request: EgressRequest) => Response | EgressError) => {
  const sent: Array<EgressRequest> = []
  const layer = Layer.succeed(Egress, {
    request: (request) =>
      Effect.suspend(() => {
        sent.push(request)
        const given = answer(request)
        return given instanceof EgressError ? Effect.fail(given) : Effect.succeed(given)
      })
  })
  return { layer, sent }
}

/** What a request fails with where no answer came. */
export const noAnswer = (reason: EgressFailure): EgressError =>
  new EgressError({ reason, host: "as.example", sent: true })
