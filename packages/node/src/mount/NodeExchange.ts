import type { IncomingMessage, ServerResponse } from "node:http"
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2"

/** What `node:http`, or `node:http2` by its compatibility API, hands to a listener. */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/** What `node:http`, or `node:http2` by its compatibility API, takes the answer by. */
export type NodeResponse = ServerResponse | Http2ServerResponse
