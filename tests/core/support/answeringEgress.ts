import { Effect, Layer } from "effect"
import {
  Egress,
  EgressError,
  type EgressFailure,
  type EgressRequest,
  type EgressStreamRequest
} from "@hawser/core"

/** What a request meets: at once, or when it comes. */
export type Met = Response | EgressError | Effect.Effect<Response, EgressError>

const remembering =
  <A>(sent: Array<A>, answer: (request: A) => Met) =>
  (request: A): Effect.Effect<Response, EgressError> =>
    Effect.suspend(() => {
      sent.push(request)
      const given = answer(request)
      if (given instanceof EgressError) return Effect.fail(given)
      return given instanceof Response ? Effect.succeed(given) : given
    })

/** A way out that leads to one function, and to another one for calls of APIs; remembers what was sent. */
export const answeringEgress = (
  answer: (request: EgressRequest) => Met,
  api: (request: EgressStreamRequest) => Response | EgressError = () => new Response()
) => {
  const sent: Array<EgressRequest> = []
  const calls: Array<EgressStreamRequest> = []
  const layer = Layer.succeed(Egress, {
    request: remembering(sent, answer),
    open: remembering(calls, api)
  })
  return { layer, sent, calls }
}

/** What a request fails with where no answer came. */
export const noAnswer = (reason: EgressFailure): EgressError =>
  new EgressError({ reason, host: "as.example", sent: true })
