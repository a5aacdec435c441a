import type * as http from "@hawser/http"
import type * as node from "@hawser/node"

/** Compiles if each type is assignable to the other. */
type Same<A, B> = [A, B] extends [B, A] ? true : never

/** A mount declares the handler's shape by itself, so that it depends on no other package. */
export const isSame: readonly [
  Same<node.Handler, http.Handler>,
  Same<node.HandlerContext, http.HandlerContext>,
  Same<node.HandlerRequest, http.HandlerRequest>,
  Same<node.HandlerResponse, http.HandlerResponse>,
  Same<Parameters<node.AnswerFunction>, Parameters<http.AnswerFunction>>
] = [true, true, true, true, true]
