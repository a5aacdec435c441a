import type { Handler } from "hawser"
import type { Server } from "node:http"

/** A server that takes requests. */
export interface Listening {
  readonly server: Server
  /** Takes no more connections; resolves when those that are there have ended. */
  readonly close: () => Promise<void>
}

/** Puts a handler behind a server of one framework. */
export type Mount = (
  handler: Handler,
  where: { readonly port: number; readonly basePath: string }
) => Promise<Listening>
